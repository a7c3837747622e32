// Sends many instances to one peer, over as few associations as possible (PS3.4 Annex B).

import { onAbort } from '@x/net/internal';
import { aListOf, aNumber, anObjectOf, aValueOf, checkOptions, rulesWithout } from '@x/pdu/internal';
import { events } from '../node-modules.ts';
import type { DataSetTranscoder } from '../pixel-data/decompressor.ts';
import { OPEN_SESSION_OPTIONS } from '../session/option-tables.ts';
import type { Session } from '../session/session.ts';
import { InstanceSending } from './instance-sending.ts';
import type { InstanceSource } from './instance-source.ts';
import { RECOVERY_RULES, type RecoveryLimits, StoreAssociations, type StoreDestination } from './store-associations.ts';
import type { StoreOutcome } from './store-outcome.ts';

/** Options of `storeInstances`: those of `openSession`, and the following. The window is `asynchronousOperations`. */
export type StoreInstancesOptions = StoreDestination & {
  /** Associations in parallel for the same kinds of instances, 1 to 64. Default: 1. */
  readonly parallel?: number;
  /** Whether to check the structure of files before they are sent, if only their paths are given. Default: true. */
  readonly isChecked?: boolean;
  /**
   * The number of instances that are taken from an iterable before the first association is opened, to plan its presentation
   * contexts for all of them; for instances that need not be read to be described. Further associations are opened for
   * kinds of instances that come later. Default: 256. Of an array, 16,384 are known in advance.
   */
  readonly plannedFirst?: number;
  /** PS3.7 §9.1.1.1.6: 0 medium, 1 high, 2 low. */
  readonly priority?: number;
  /** Transfer syntaxes that are also proposed for each SOP class, as far as there is room on its association. */
  readonly furtherTransferSyntaxes?: readonly string[];
  /** Whether only the contexts are proposed that carry the instances as they are encoded. Default: false. */
  readonly isOnlyRequired?: boolean;
  /**
   * Gives instances that the peer does not take as they are in other transfer syntaxes, which are proposed beside their own:
   * see `createDecompressor` of `@x/dimse/transcode`. Default: instances are sent as they are.
   */
  readonly transcoder?: DataSetTranscoder;
  /** SOP Instance UIDs of the instances to skip: see `sentBefore`. */
  readonly skipped?: ReadonlySet<string>;
  /** How the transfer continues after an association was lost. */
  readonly recovery?: RecoveryLimits;
  /** Called with each new session before it is used, to observe it. */
  readonly onSession?: (session: Session) => void;
  /** Aborts the associations; the loop throws its reason. */
  readonly signal?: AbortSignal;
};

/**
 * Sends instances and yields the outcome of each when it ends: sent, sent with a warning, failed with a reason, or skipped.
 * The heads of files are read ahead, to plan presentation contexts for the instances that wait; several associations are
 * used if one cannot hold the contexts. If the loop is slow, at most a window of instances is sent ahead. If the loop is left,
 * the instances that are being sent are completed. A failed instance is an outcome, never an error; this includes a peer that
 * cannot be reached.
 *
 * A lost association is reopened, and the instances that were being sent are sent again one by one, each while no other is
 * being sent. An instance that was alone on two lost associations fails; the others continue. The transfer ends if an
 * association cannot be reopened, or if `recovery.lostAssociations` are lost in a row without a response: the remaining instances then
 * fail with NotSentError.
 * @throws RangeError if `parallel` is out of range; the error of the source of instances; the reason of the signal.
 */
export async function* storeInstances(
  instances: Iterable<InstanceSource> | AsyncIterable<InstanceSource>,
  options: StoreInstancesOptions,
): AsyncGenerator<StoreOutcome, void, undefined> {
  const {
    parallel = 1,
    isChecked = true,
    plannedFirst,
    priority,
    furtherTransferSyntaxes,
    isOnlyRequired,
    transcoder,
    skipped,
    recovery = {},
    onSession,
    signal,
    ...destination
  } = checkOptions<StoreInstancesOptions>(STORE_OPTIONS, options);
  if (!Number.isInteger(parallel) || parallel < 1 || parallel > 64)
    throw new RangeError(`parallel is ${parallel}; it must be an integer from 1 to 64`);
  signal?.throwIfAborted();
  const ending = new AbortController();
  // Each association adds a listener.
  events().setMaxListeners(0, ending.signal);
  const stopListening = onAbort(signal, (reason) => ending.abort(reason));
  const targets = Array.from(
    { length: parallel },
    () =>
      new StoreAssociations(destination as StoreDestination, ending.signal, {
        ...recovery,
        furtherTransferSyntaxes,
        isOnlyRequired,
        transcoder,
        onSession,
      }),
  );
  const sending = new InstanceSending(instances, {
    targets,
    isChecked,
    plannedFirst,
    recovery,
    transcoder,
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

const STORE_OPTIONS = {
  of: 'storeInstances',
  rules: {
    ...rulesWithout(OPEN_SESSION_OPTIONS.rules, ['services', 'serves', 'sends', 'contexts']),
    parallel: aNumber,
    isChecked: aValueOf('boolean'),
    plannedFirst: aNumber,
    transcoder: aValueOf('object'),
    priority: aNumber,
    furtherTransferSyntaxes: aListOf(aValueOf('string')),
    isOnlyRequired: aValueOf('boolean'),
    skipped: aValueOf('object'),
    recovery: anObjectOf<RecoveryLimits>(RECOVERY_RULES),
    onSession: aValueOf('function'),
  },
  required: ['callingAeTitle', 'calledAeTitle'],
};
