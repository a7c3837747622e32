// An instance as it was received: its place, and its description for the index.

import { DimseError, type IncomingData, isUid, Status, type WrittenInstance, writeInstance } from '@x/dimse';
import { type FileWriter, SERIES_INSTANCE_UID, STUDY_INSTANCE_UID } from '@x/dimse/data-set';
import { describeInstance } from './archive-index/instance-description.ts';
import type { InstanceDescription, KeptInstance } from './instance-store.ts';

export type ReceivedInstance = Omit<KeptInstance, 'sopInstance' | 'file' | 'isDuplicate' | 'isReplacement'>;

export const WANTED_UIDS = [STUDY_INSTANCE_UID, SERIES_INSTANCE_UID];

/** Writes an instance while its data arrive. @throws as `writeInstance` */
export async function receive(
  instance: InstanceDescription,
  data: IncomingData,
  writer: Pick<FileWriter, 'write'>,
  extracted: ReadonlySet<number>,
): Promise<ReceivedInstance> {
  return describeReceived(instance, await writeInstance(writer, instance, data, { wanted: WANTED_UIDS, extracted }));
}

/** @throws DimseError if it names a study or a series that cannot be the name of a folder. */
export function describeReceived(
  instance: InstanceDescription,
  { length, uids, extract, warnings }: WrittenInstance,
): ReceivedInstance {
  const study = folderName('Study Instance UID', uids.get(STUDY_INSTANCE_UID));
  const series = folderName('Series Instance UID', uids.get(SERIES_INSTANCE_UID));
  const described = describeInstance({ ...instance, study, series, length }, extract);
  const { attributes, faults } = described;
  return {
    study,
    series,
    attributes,
    ...(faults.length > 0 && { faults }),
    ...(warnings.length > 0 && { deviations: warnings }),
    length: described.instance.length ?? length,
  };
}

function folderName(name: string, uid: string | undefined): string {
  if (uid === undefined) return '';
  if (!isUid(uid)) throw new DimseError(Status.CannotUnderstand, { errorComment: `the ${name} is not a UID` });
  return uid;
}
