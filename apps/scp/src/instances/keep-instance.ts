// Keeps an instance that arrives: its file, then its entry. A row always has a complete file.

import type { DicomFile, IncomingData } from '@x/dimse';
import { type ArchiveParts, enter, enterFile } from './entering-files.ts';
import type { Grow, InstanceDescription, InstanceKey, KeptInstance } from './instance-store.ts';
import { storageError } from './storage-error.ts';

/** See `InstanceArchive.keep`. If store and index answer at once, so does this. */
export function keepInstance(
  parts: ArchiveParts,
  instance: InstanceDescription,
  data: IncomingData,
  grow?: Grow,
): KeptInstance | Promise<KeptInstance> {
  const keeping = parts.store.keep(instance, data, grow);
  return keeping instanceof Promise
    ? keeping.then((kept) => enterKept(parts, instance, kept))
    : enterKept(parts, instance, keeping);
}

/**
 * Enters an instance that has its file. If it fails, the file stays: another request may have been answered for it. It is
 * entered with the next one, or at the next start.
 */
function enterKept(
  parts: ArchiveParts,
  instance: InstanceDescription,
  kept: KeptInstance,
): KeptInstance | Promise<KeptInstance> {
  const { study, series, file, length, attributes, faults = [], deviations, onDisk } = kept;
  const { sopInstance, sopClass, transferSyntax, sourceAeTitle } = instance;
  const key = { study, series, sopInstance, ...(file !== undefined && { file }) };
  const entered = () => {
    if (deviations && !kept.isDuplicate) parts.notice({ kind: 'deviations', instance: key, sourceAeTitle, deviations });
    return kept;
  };
  let entering: void | Promise<void>;
  try {
    // A new file may have an entry: an earlier file was damaged, or was removed while the archive ran.
    entering = kept.isDuplicate
      ? enterDuplicate(parts, key)
      : enter(parts, { instance: { ...key, sopClass, transferSyntax, length }, attributes, faults }, REPLACING, onDisk);
  } catch (error) {
    throw storageError(error);
  }
  if (!entering) return entered();
  return entering.then(entered, (error) => {
    throw storageError(error);
  });
}

const REPLACING = true;

/** A duplicate may be encoded differently, so the kept file is entered. */
async function enterDuplicate(parts: ArchiveParts, key: InstanceKey): Promise<void> {
  if (await isEntered(parts, key)) return parts.index.sync();
  const why = await enterFile(parts, key, { isReplacing: true });
  if (why !== undefined) throw new Error(`the existing file cannot be entered: ${why}`);
}

/** Whether an instance has an entry that describes its file. After a crash, the entry may be that of an earlier file. */
async function isEntered(
  { index, store }: ArchiveParts,
  { study, series, sopInstance }: InstanceKey,
): Promise<boolean> {
  const located = await index.locate(sopInstance);
  const entry = located.find((one) => one.study === study && one.series === series);
  if (!entry) return false;
  await using file = await store.open(entry);
  return hasLength(file, entry.length) && file.transferSyntax === entry.transferSyntax;
}

/** Whether the data set of a file is as long as its entry says, if it says so. */
export function hasLength({ dataSet: { length } }: DicomFile, entered: number | null | undefined): boolean {
  // A deflated data set may be padded.
  return typeof entered !== 'number' || length === entered || length === entered + 1;
}
