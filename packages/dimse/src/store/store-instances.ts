// Many instances to one peer, over as few associations as their kinds need (PS3.4 Annex B).

import { setMaxListeners } from 'node:events';
import { onAbort } from '@x/net/internal';
import type { Session } from '../session/session.ts';
import { InstanceSending, type StoreOutcome } from './instance-sending.ts';
import type { InstanceSource } from './instance-source.ts';
import { StoreAssociations, type StoreDestination } from './store-associations.ts';

/** The peer, and how it is called: what `openSession` takes. The window is `asynchronousOperations.invoked`. */
export type StoreInstancesOptions = StoreDestination & {
  /** Associations of each kind at once, 1 to 64. Default 1. */
  readonly parallel?: number;
  /** Whether the structure of files is checked before they are sent, where only their paths are known. Default true. */
  readonly isChecked?: boolean;
  /** PS3.7 §9.1.1.1.6: 0 medium, 1 high, 2 low. */
  readonly priority?: number;
  /** Instances to be skipped, by SOP instance UID: see `sentBefore`. */
  readonly skipped?: ReadonlySet<string>;
  /** Told of each session that is opened, before it is used: for watching. */
  readonly onSession?: (session: Session) => void;
  /** Ends the associations at once; the loop throws its reason. */
  readonly signal?: AbortSignal;
};

/**
 * Sends instances, and gives what became of each as it does: sent, sent with a warning, failed and why, skipped. The
 * heads of files are read ahead; contexts are planned for the kinds that wait, over several associations where one
 * cannot hold them. While the loop asks for nothing, at most a window is sent. An association that is lost is opened
 * anew as long as something gets through; what was under way is sent once more. Leaving the loop lets what is under way
 * come to its end. An instance fails for itself: nothing is thrown for it, not even that the peer cannot be reached.
 * @throws RangeError for `parallel`; what the source of instances throws; the signal's reason.
 */
export async function* storeInstances(
  instances: Iterable<InstanceSource> | AsyncIterable<InstanceSource>,
  options: StoreInstancesOptions,
): AsyncGenerator<StoreOutcome, void, undefined> {
  const { parallel = 1, isChecked = true, priority, skipped, onSession, signal, ...destination } = options;
  if (!Number.isInteger(parallel) || parallel < 1 || parallel > 64)
    throw new RangeError(`${parallel} associations at once: 1 to 64 are possible`);
  signal?.throwIfAborted();
  const ending = new AbortController();
  // Each association listens.
  setMaxListeners(0, ending.signal);
  const stopListening = onAbort(signal, (reason) => ending.abort(reason));
  const targets = Array.from(
    { length: parallel },
    () => new StoreAssociations(destination as StoreDestination, ending.signal, { isPersistent: true, onSession }),
  );
  const sending = new InstanceSending(instances, {
    targets,
    isChecked,
    ...(priority !== undefined && { priority }),
    ...(skipped && { isSkipped: ({ sopInstance }) => sopInstance !== undefined && skipped.has(sopInstance) }),
  });
  try {
    for await (const outcome of sending.outcomes()) {
      signal?.throwIfAborted();
      yield outcome;
    }
    signal?.throwIfAborted();
  } finally {
    stopListening();
    await Promise.all(targets.map((target) => target.close(signal?.aborted ? asError(signal.reason) : undefined)));
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
