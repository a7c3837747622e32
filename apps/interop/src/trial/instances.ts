// The instances of the trial: their data follow from their UIDs, so that any of them can be compared at any time.

import { CT_IMAGE_STORAGE, syntheticDataSet } from '@x/testing/data-sets';

/** A study of one series. */
export interface Study {
  readonly uid: string;
  readonly instances: readonly string[];
}

const ROOT = '1.2.826.0.1.3680043.10.1338';
const PER_STUDY = 6;
/** Bytes of Pixel Data at most, but for the instances that need more than one part of a multipart upload. */
const ORDINARY = 200_000;
const LONG = 11_000_000;
const LONG_EVERY = 97;

/** The study of a number. */
export function studyOf(number: number): Study {
  const uid = `${ROOT}.${number}`;
  return { uid, instances: Array.from({ length: PER_STUDY }, (_, index) => `${uid}.1.${index + 1}`) };
}

export const seriesOf = (study: string): string => `${study}.1`;

/** Whether the data that arrive are those of the instance. */
export async function hasDataOf(sopInstance: string, data: AsyncIterable<Uint8Array>): Promise<boolean> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of data) chunks.push(chunk);
  return Buffer.concat(chunks).equals(dataOf(sopInstance));
}

/** The data set of an instance. */
export function dataOf(sopInstance: string): Uint8Array {
  const [, study = '', number, index] = /^((?:\d+\.)+(\d+))\.1\.(\d+)$/.exec(sopInstance) ?? [];
  const count = Number(number) * PER_STUDY + Number(index);
  const pixelLength = count % LONG_EVERY === 0 ? LONG : 2 + 2 * ((count * 7919) % (ORDINARY / 2));
  return syntheticDataSet({ sopClass: CT_IMAGE_STORAGE, sopInstance, study, series: seriesOf(study), pixelLength });
}
