// Instances that the contract of indexes enters, and its questions about them.

import { setTimeout } from 'node:timers/promises';
import { SopClass, TransferSyntax, type UntypedDataSet } from '@x/dimse';
import type { ArchiveIndex, IndexedInstance, Level } from './archive-index.ts';

const UID_OF = {
  PATIENT: 'PatientID',
  STUDY: 'StudyInstanceUID',
  SERIES: 'SeriesInstanceUID',
  IMAGE: 'SOPInstanceUID',
};
export const DOE = { PatientID: '42', PatientName: 'Doe^Jane', StudyDate: '20200101', Modality: 'CT' };
export const YAMADA = { PatientID: '7', PatientName: 'Yamada^Tarou=山田^太郎', StudyDate: '20220101', Modality: 'MR' };
/** What `fill` enters. */
export const ALL = { studies: 2, series: 3, instances: 4 };

/** An instance with the UIDs study/series/instance, and its attributes. */
export function described(uids: string, attributes: UntypedDataSet, length = 1000): [IndexedInstance, UntypedDataSet] {
  const [study = '', series = '', sopInstance = ''] = uids.split('/');
  const sopClass = SopClass.CTImageStorage;
  const transferSyntax = TransferSyntax.ExplicitVRLittleEndian;
  const own = {
    StudyInstanceUID: study,
    SeriesInstanceUID: series,
    SOPInstanceUID: sopInstance,
    SOPClassUID: sopClass,
  };
  return [
    { study, series, sopInstance, sopClass, transferSyntax, length },
    { ...attributes, ...own },
  ];
}

/** Enters two studies with three series and four instances. */
export async function fill(index: ArchiveIndex): Promise<void> {
  await index.add(...described('1/1.1/1.1.1', { ...DOE, InstanceNumber: 1 }));
  await index.add(...described('1/1.1/1.1.2', { ...DOE, InstanceNumber: 2 }));
  await index.add(...described('1/1.2/1.2.1', { ...DOE, InstanceNumber: 1 }));
  await index.add(...described('2/2.1/2.1.1', { ...YAMADA, InstanceNumber: 1 }));
}

/** The values, when they have all come. */
export async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const each: T[] = [];
  for await (const value of values) each.push(value);
  return each;
}

/** The UIDs of the entities that match, in order. */
export async function found(index: ArchiveIndex, level: Level, identifier: UntypedDataSet): Promise<unknown[]> {
  return (await all(index.find({ level, identifier }))).map((entity: UntypedDataSet) => entity[UID_OF[level]]).sort();
}

/** The arrivals after a place, when there are so many: other transactions of the server may hold them up. */
export async function arrivedAfter(index: ArchiveIndex, after: number, count: number) {
  for (let tries = 1; ; tries++) {
    const arrived = await index.arrivals.after(after, 10);
    if (arrived.length >= count || tries >= MOST_TRIES) return arrived;
    await setTimeout(PAUSE);
  }
}

const MOST_TRIES = 1000;
/** Milliseconds. */
const PAUSE = 20;
