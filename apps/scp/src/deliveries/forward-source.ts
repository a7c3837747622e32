// The instances of the archive as they are forwarded: unchanged from their files, or edited or re-encoded as they are read.

import { canReencode, editDataSet, type InstanceSource, reencode } from '@x/dimse';
import type { DataSetTranscoder } from '@x/dimse/transcode';
import type { QueuedInstance } from '@x/dimse/workflow';
import type { IndexedInstance } from '../instances/archive-index/archive-index.ts';
import { chunksOf } from '../instances/file-chunks.ts';
import type { InstanceArchive } from '../instances/instance-archive.ts';
import type { InstanceKey } from '../instances/instance-store.ts';
import type { Destination } from './forward-rules.ts';

/** An instance for a destination; undefined if the archive does not have it any more. */
export async function forwardSource(
  instances: InstanceArchive,
  { study, series, sopInstance }: QueuedInstance,
  destination: Destination,
  transcoder: DataSetTranscoder | undefined,
): Promise<InstanceSource | undefined> {
  const located = await instances.index.locate(sopInstance);
  const found =
    located.find((each) => each.study === study && each.series === series) ??
    (await fileOf(instances, { study, series, sopInstance }));
  return found && sourceOf(instances, found, destination, transcoder);
}

/** An instance that the index does not have, because it is being made again; undefined if the file does not exist either. */
async function fileOf(instances: InstanceArchive, key: InstanceKey): Promise<IndexedInstance | undefined> {
  try {
    await using file = await instances.open(key);
    const { sopClass = '', transferSyntax, dataSet } = file;
    return { ...key, sopClass, transferSyntax, length: dataSet.length };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    // A file that a template named is found when the index is complete.
    if (instances.incompleteness !== undefined) throw new Error(instances.incompleteness);
    return undefined;
  }
}

function sourceOf(
  instances: InstanceArchive,
  instance: IndexedInstance,
  { edits, removesPrivate, transferSyntax: wanted }: Destination,
  transcoder: DataSetTranscoder | undefined,
): InstanceSource {
  const { sopClass, sopInstance, transferSyntax: from } = instance;
  const isTranscoded = wanted !== undefined && (transcoder?.alternatives(from).includes(wanted) ?? false);
  // An instance that cannot be given in the transfer syntax is sent as it is.
  const to = wanted !== undefined && (isTranscoded || canReencode(from, wanted)) ? wanted : from;
  const isEdited = edits.length > 0 || removesPrivate;
  return {
    ...{ sopClass, sopInstance, transferSyntax: to, openedAhead: instances.openedAhead },
    async open(buffer) {
      const file = await instances.open(instance, buffer);
      if (!isEdited && to === from) return file;
      const whole = chunksOf(file.dataSet);
      const remove = removesPrivate ? { remove: ({ tag }: { readonly tag: number }) => (tag >>> 16) % 2 === 1 } : {};
      const edited = isEdited ? editDataSet(whole, from, edits, remove) : whole;
      const converted = isTranscoded ? transcoder?.transcode(edited, from, to) : undefined;
      const source = converted ?? (to === from ? edited : reencode(edited, from, to));
      return { source, close: () => file.close() };
    },
  };
}
