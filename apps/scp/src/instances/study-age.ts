// Deletes studies whose last instance arrived long ago. The times of their files say when, so that a lost index loses no time,
// or the index that several processes share, which is not made again from its objects.

import { stat } from 'node:fs/promises';
import { nextTurn } from '@x/dimse/data-set';
import type { Deleted } from './deletion.ts';
import { StudyNeededError } from './deletion.ts';
import type { InstanceArchive } from './instance-archive.ts';

export interface OldStudies {
  /** Studies with an instance from this time or later are kept; in milliseconds since 1970. */
  readonly before: number;
  /** Called when the archive has decided to delete a study. */
  readonly onDecided: (study: string, deleted: Deleted) => void;
  /** Ends the work after the study that is being deleted. */
  readonly signal: AbortSignal;
}

/**
 * Deletes the old studies one after another, in the order in which they were entered. A study that is needed is kept, as is one with
 * a file that cannot be read, and instances without a Study Instance UID. Files are looked at in small steps.
 */
export async function deleteOldStudies(instances: InstanceArchive, old: OldStudies): Promise<void> {
  const { onDecided, signal } = old;
  if (instances.incompleteness !== undefined) return;
  const last = new Map<string, Last>();
  for await (const { study, lastEntry: entry, lastEntered: entered } of instances.index.deletions.usage())
    if (study !== '') last.set(study, later(last.get(study), { entry, entered }));
  for (const [study, { entry: onlyUpTo, entered }] of [...last].sort(([, one], [, other]) => one.entry - other.entry)) {
    if (signal.aborted) return;
    if (!(entered === undefined ? await isOld(instances, study, old) : entered < old.before)) continue;
    try {
      await instances.delete({ study }, { onlyUpTo, onDecided: (deleted) => onDecided(study, deleted) });
    } catch (error) {
      if (!(error instanceof StudyNeededError)) throw error;
    }
  }
}

/** The last entry of a study. */
interface Last {
  readonly entry: number;
  /** When it was made, if the index knows. */
  readonly entered: number | undefined;
}

function later(one: Last | undefined, other: Last): Last {
  if (!one) return other;
  const entered =
    one.entered === undefined ? undefined : Math.max(one.entered, other.entered ?? Number.POSITIVE_INFINITY);
  return { entry: Math.max(one.entry, other.entry), entered };
}

async function isOld(instances: InstanceArchive, study: string, { before, signal }: OldStudies): Promise<boolean> {
  let looked = 0;
  const query = { level: 'STUDY', identifier: { StudyInstanceUID: study } } as const;
  for await (const instance of instances.index.instances(query)) {
    try {
      await using file = await instances.open(instance);
      if ((await stat(file.path)).mtimeMs >= before) return false;
    } catch {
      return false;
    }
    if (signal.aborted) return false;
    if (++looked % FILES_PER_STEP === 0) await nextTurn();
  }
  await nextTurn();
  return looked > 0;
}

/** Files that are looked at between two turns of the event loop. */
const FILES_PER_STEP = 64;
