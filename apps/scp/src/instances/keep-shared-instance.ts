// Keeps an instance that arrives in an archive that several processes share: its object, then its row. Success means that both
// are safe. An object whose row is not there is never deleted here, because the row may still be committed: the sweeper
// removes it when it is old.

import { DimseError, type IncomingData, Status } from '@x/dimse';
import { isUnavailable } from '../shared-database/shared-database-error.ts';
import type { AddOptions, IndexedInstance } from './archive-index/archive-index.ts';
import { type ArchiveParts, tellEntered } from './entering-files.ts';
import type { Grow, InstanceDescription, InstanceKey, KeptInstance, SharedInstanceStore } from './instance-store.ts';
import { objectStorageError } from './object-store/object-store-error.ts';
import { storageError } from './storage-error.ts';

/** See `InstanceArchive.keep`. */
export async function keepSharedInstance(
  parts: ArchiveParts & { readonly store: SharedInstanceStore },
  instance: InstanceDescription,
  data: IncomingData,
  grow?: Grow,
): Promise<KeptInstance> {
  const kept = await parts.store.keep(instance, data, grow);
  const entry = entryOf(instance, kept);
  const add = (options?: AddOptions) => addOrLook(parts, entry, kept, options);
  try {
    const earlier = await add();
    if (!earlier) return entered(parts, instance, entry, kept);
    if (await isKept(parts.store, earlier)) return duplicate(kept, earlier);
    // The object of the earlier one is damaged or missing. Another process may see that too: the first one replaces it.
    const another = await add({ instead: earlier });
    if (another) return duplicate(kept, another);
    return { ...entered(parts, instance, entry, kept), isReplacement: true };
  } catch (error) {
    throw objectStorageError(storageError(error));
  }
}

/** Adds an entry. If the connection is lost, its outcome is unknown, so it is looked for on another connection. */
async function addOrLook(
  { index }: ArchiveParts,
  entry: IndexedInstance,
  { attributes }: KeptInstance,
  options?: AddOptions,
): Promise<IndexedInstance | undefined> {
  try {
    return await index.add(entry, attributes, options);
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    const owner = entry.file === undefined ? undefined : await index.names.ownerOf(entry.file);
    if (owner) return undefined;
    throw error;
  }
}

async function isKept(store: SharedInstanceStore, { length, ...instance }: IndexedInstance): Promise<boolean> {
  return length === null ? store.has(instance) : store.isWhole(instance, length);
}

function entered(
  parts: ArchiveParts,
  { sourceAeTitle }: InstanceDescription,
  instance: IndexedInstance,
  kept: KeptInstance,
): KeptInstance {
  const { faults = [], deviations } = kept;
  tellEntered(parts, instance, faults);
  if (deviations) parts.notice({ kind: 'deviations', instance, sourceAeTitle, deviations });
  return kept;
}

/** Keeps what arrived of the answer, and names the instance that stays. */
function duplicate(kept: KeptInstance, { study, series, sopInstance, file }: InstanceKey): KeptInstance {
  const { file: _, ...others } = kept;
  return { ...others, study, series, sopInstance, ...(file !== undefined && { file }), isDuplicate: true };
}

function entryOf(
  { sopClass, transferSyntax }: InstanceDescription,
  { study, series, sopInstance, file, length }: KeptInstance,
): IndexedInstance {
  // An object without a key of its own would be that of another instance.
  if (file === undefined) throw new DimseError(Status.ProcessingFailure, { errorComment: 'the store gave no key' });
  return { study, series, sopInstance, sopClass, transferSyntax, length, file };
}
