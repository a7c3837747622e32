// Enters instances into the index, from their reception or from their files.

import { nextTurn } from '@x/dimse/data-set';
import type { ArchiveIndex, IndexedInstance } from './archive-index/archive-index.ts';
import { type DescribedInstance, describeInstance } from './archive-index/instance-description.ts';
import type { FileNaming } from './file-naming.ts';
import { keyOfFile } from './folder-instance-store.ts';
import type { InstanceLocks } from './instance-locks.ts';
import type { InstanceKey, InstanceStore } from './instance-store.ts';
import type { NoticeListener } from './notices.ts';
import type { StudyNeeds } from './study-needs.ts';

/** The parts of an archive that work together. */
export interface ArchiveParts {
  /** Of the index, for messages. */
  readonly path: string;
  readonly store: InstanceStore;
  readonly index: ArchiveIndex;
  /** Of the attributes to index. */
  readonly tags: ReadonlySet<number>;
  readonly notice: NoticeListener;
  readonly locks: InstanceLocks;
  readonly needs: StudyNeeds;
  readonly naming?: FileNaming;
  /** The data folder, if it has one. */
  readonly folder?: string;
  /** Called with the study and the bytes of each instance that has been entered. */
  readonly onEntered: (study: string, bytes: number) => void;
}

/**
 * Enters a described instance, and tells of the elements that could not be read. If `onDisk` fails, there is no file, and the
 * entry is removed. @throws the error of the index; that of `onDisk`
 */
export function enter(
  parts: ArchiveParts,
  { instance, attributes, faults }: DescribedInstance,
  isReplacing = false,
  onDisk?: Promise<void>,
): void | Promise<void> {
  const adding = parts.index.add(instance, attributes, { isReplacing });
  const entering = onDisk ? entryWithFile(parts, instance, adding, onDisk) : adding;
  return entering instanceof Promise
    ? entering.then(() => tellEntered(parts, instance, faults))
    : tellEntered(parts, instance, faults);
}

/** Settles when entry and file are both safe. */
async function entryWithFile(
  { index, store }: ArchiveParts,
  instance: IndexedInstance,
  adding: unknown,
  onDisk: Promise<void>,
): Promise<void> {
  const [added, placed] = await Promise.allSettled([adding, onDisk]);
  if (placed.status === 'rejected') {
    try {
      // If the instance has arrived again meanwhile, the entry belongs to the file of that arrival.
      if (!(await store.has(instance))) await index.remove(instance);
    } catch {
      // The comparison of the next start removes it.
    }
    throw placed.reason;
  }
  if (added.status === 'rejected') throw added.reason;
}

/** Tells of an instance that has been entered, and of the elements that could not be read. */
export function tellEntered(
  { notice, onEntered }: ArchiveParts,
  instance: IndexedInstance,
  faults: readonly string[],
): void {
  onEntered(instance.study, instance.length ?? 0);
  if (faults.length > 0) notice({ kind: 'unreadable attributes', instance, faults });
}

/** Enters an existing file into the index, or returns why it is not a valid instance. @throws the error of the index */
export async function enterFile(
  parts: ArchiveParts,
  key: InstanceKey,
  { isReplacing, buffer }: { readonly isReplacing: boolean; readonly buffer?: Uint8Array },
): Promise<string | undefined> {
  const described = await describeReadable(parts, key, buffer);
  if (typeof described === 'string') return described;
  await enter(parts, described, isReplacing);
  return undefined;
}

/**
 * Enters existing files into the index in one step, and returns for each of them why it is not a valid instance.
 * @param buffers For the beginnings of the files. They are used again when the promise has settled.
 * @throws the error of the index
 */
export async function enterFiles(
  parts: ArchiveParts,
  keys: readonly InstanceKey[],
  buffers: readonly Uint8Array[],
): Promise<readonly (string | undefined)[]> {
  const found = await Promise.all(
    keys.map((key, at) =>
      hasUnknownInstance(key) ? enterNamedFile(parts, key, buffers[at]) : describeReadable(parts, key, buffers[at]),
    ),
  );
  const described = found.filter((each) => typeof each === 'object');
  // The comparison with the files meets those of a deletion, which may have begun and ended while the others were read.
  const isDeleted = await Promise.all(
    described.map(
      async ({ instance }) =>
        !(await parts.store.has(instance)) || (await parts.index.deletions.isToBeRemoved(instance)),
    ),
  );
  const entering = described.filter((_, at) => !isDeleted[at]);
  await parts.index.addAll(entering);
  for (const { instance, faults } of entering) tellEntered(parts, instance, faults);
  return found.map((each) => (typeof each === 'object' ? undefined : each));
}

/** The name of a file that a template has named does not say which instance it has. */
function hasUnknownInstance({ file, sopInstance }: InstanceKey): boolean {
  return file !== undefined && sopInstance === '';
}

/** The description of a file, or why it does not have one: it must not prevent other files from being entered. */
async function describeReadable(
  { store, tags }: ArchiveParts,
  key: InstanceKey,
  buffer?: Uint8Array,
): Promise<DescribedInstance | string> {
  try {
    return await describeFile(store, key, tags, buffer);
  } catch (error) {
    return (error as Error).message;
  }
}

async function enterNamedFile(
  parts: ArchiveParts,
  named: InstanceKey,
  buffer?: Uint8Array,
): Promise<string | undefined> {
  let key: InstanceKey | undefined;
  try {
    await using file = await parts.store.open(named, buffer);
    key = await keyOfFile(file);
  } catch (error) {
    return (error as Error).message;
  }
  if (!key) return 'it has no valid UIDs';
  const entry = await parts.index.names.find(key);
  if (entry && (await parts.store.has(entry)))
    return `its instance ${key.sopInstance} has the file ${entry.file ?? 'of the default layout'}`;
  const own = { ...key, file: named.file as string };
  if (await parts.index.deletions.isToBeRemoved(own)) return undefined;
  // The file that the entry names has gone: somebody may have renamed it.
  return enterFile(parts, own, { isReplacing: entry !== undefined, ...(buffer && { buffer }) });
}

/** The description of a file, or why it is not that of the instance. @throws DataSetError; the system's error */
async function describeFile(
  store: InstanceStore,
  key: InstanceKey,
  tags: ReadonlySet<number>,
  buffer?: Uint8Array,
): Promise<DescribedInstance | string> {
  await using file = await store.open(key, buffer);
  const { sopClass, sopInstance, transferSyntax, dataSet } = file;
  if (sopClass === undefined) return 'it has no SOP class';
  if (sopInstance !== key.sopInstance) return `it has the instance ${sopInstance}`;
  return describeInstance({ ...key, sopClass, transferSyntax, length: dataSet.length }, await file.extract(tags));
}

/** Describes an instance of the index from its file; undefined if the file cannot be read. */
export async function readAgain(
  store: InstanceStore,
  key: InstanceKey,
  tags: ReadonlySet<number>,
): Promise<DescribedInstance | undefined> {
  try {
    const described = await describeFile(store, key, tags);
    return typeof described === 'string' ? undefined : described;
  } catch {
    // A damaged file is reported when it is requested.
    return undefined;
  }
}

/** Adds what the entries of an earlier version lack. Settles like `renewOutdated`. */
export async function complete(parts: ArchiveParts, signal: AbortSignal): Promise<boolean> {
  await parts.index.complete(signal);
  return renewOutdated(parts, signal);
}

/** Describes the entries of an earlier version again. Settles with true when all are, or with false soon after the signal. */
async function renewOutdated({ store, index, tags, notice }: ArchiveParts, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    const outdated = await index.outdated();
    if (outdated.length === 0) return true;
    for (const instance of outdated) {
      if (signal.aborted) return false;
      const described = await readAgain(store, instance, tags);
      await index.renew(described?.instance ?? instance, described?.attributes);
      if (described && described.faults.length > 0)
        notice({ kind: 'unreadable attributes', instance, faults: described.faults });
      await nextTurn();
    }
  }
  return false;
}
