// Instances without end whose data follow from their numbers, so that kept instances can be compared with those that were sent.

import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from './data-sets.ts';

export interface NumberedInstance {
  readonly sopClass: string;
  readonly sopInstance: string;
  readonly transferSyntax: string;
  readonly data: () => Uint8Array;
}

export interface NumberedInstances {
  /** The SOP Instance UID of a number. */
  uidOf(number: number): string;
  /** The number in the name of a file that is named after the SOP Instance UID. */
  numberOf(path: string): number;
  /** The data set of a number. */
  dataOf(number: number): Uint8Array;
  /** The next instances, without end. Several generators share the numbers. */
  next(): Generator<NumberedInstance>;
  /** The number of instances that `next` has given. */
  readonly offered: number;
}

/** The instances of a study that has seven series. @param mostBytes Their Pixel Data are shorter than this. */
export function numberedInstances(study: string, mostBytes: number): NumberedInstances {
  let offered = 0;
  const uidOf = (number: number) => `${study}.9.${number}`;
  const dataOf = (number: number) =>
    syntheticDataSet({
      ...{ sopClass: CT_IMAGE_STORAGE, sopInstance: uidOf(number), study },
      series: `${study}.${number % SERIES}`,
      pixelLength: 2 * ((number * 7919) % (mostBytes / 2)),
    });
  return {
    uidOf,
    dataOf,
    numberOf: (path) => Number(/\.9\.(\d+)(?:\.dcm)?$/.exec(path)?.[1]),
    *next() {
      for (;;) {
        const number = offered++;
        const uids = { sopClass: CT_IMAGE_STORAGE, sopInstance: uidOf(number) };
        yield {
          ...uids,
          transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN,
          data: () => dataOf(number),
        };
      }
    },
    get offered() {
      return offered;
    },
  };
}

export const SERIES = 7;
