// Performing C-GET and C-MOVE: instances in, sub-operations and responses out (PS3.4 §C.4.2 and §C.4.3).

import type { Address, DataSource, LocalOptions } from '@x/net';
import { DimseError } from './errors.ts';
import { type OpenSessionOptions, openSession } from './scu.ts';
import type { HandlerContext, ServiceSession } from './service-class.ts';
import { type InstanceKind, storage, storageContexts } from './services/storage.ts';
import type { Session } from './session.ts';
import { type RetrieveAnswer, type SubOperationCounts, SubOperations } from './sub-operations.ts';

/** An instance to be sent. It is opened when its turn comes, and closed when it was sent. */
export interface RetrievableInstance extends InstanceKind {
  readonly sopInstance: string;
  open(): Promise<{ readonly source: DataSource; close?(): Promise<void> }>;
}

export interface RetrieveOptions {
  /** Milliseconds between pending responses, while there is something new to tell. Default 1 s. */
  readonly interval?: number;
}

/** Where a move destination is, and as whom it is called. */
export type MoveDestination = Address &
  Omit<LocalOptions, 'timeouts'> & {
    readonly callingAeTitle: string;
    readonly timeouts?: NonNullable<OpenSessionOptions['timeouts']>;
  };

export interface MoveOptions extends RetrieveOptions {
  /** Sub-operations under way at once on an association, if the destination agrees. Default 1: none is negotiated. */
  readonly window?: number;
}

/**
 * What a C-GET handler yields and returns: `async *get(request, context) { return yield* performGet(found, context); }`.
 * The instances are sent on the same association, each on a context negotiated for its SOP class and transfer syntax; one
 * that has none fails. Nothing is transcoded, and no instance is held in memory whole.
 */
export function performGet(
  instances: AsyncIterable<RetrievableInstance> | Iterable<RetrievableInstance>,
  context: HandlerContext,
  options: RetrieveOptions = {},
): AsyncGenerator<SubOperationCounts, RetrieveAnswer, undefined> {
  return perform(instances, context, options, async (all, subOperations) => {
    const { asynchronousOperations, role } = context.session.association;
    const window = role === 'acceptor' ? asynchronousOperations.performed : asynchronousOperations.invoked;
    await sendAll(context.session, all, window, subOperations, context, false);
  });
}

/**
 * What a C-MOVE handler yields and returns. The destination is looked up by its AE title; one that is unknown, or cannot
 * be reached, is answered A801H. Associations are planned for the kinds of instances at hand; one that is lost is made
 * anew once. The sub-operations name the requestor as their Move Originator.
 */
export function performMove(
  instances: AsyncIterable<RetrievableInstance> | Iterable<RetrievableInstance>,
  destination: string,
  resolve: (aeTitle: string) => MoveDestination | undefined | Promise<MoveDestination | undefined>,
  context: HandlerContext,
  options: MoveOptions = {},
): AsyncGenerator<SubOperationCounts, RetrieveAnswer, undefined> {
  const { window = 1 } = options;
  return perform(instances, context, options, async (all, subOperations) => {
    const address = await resolve(destination);
    if (!address) throw destinationError(`the move destination '${destination}' is unknown`);
    let isFirst = true;
    for (const { contexts, instances } of planned(all)) {
      let unsent: readonly RetrievableInstance[] = instances;
      for (let attempt = 1; unsent.length > 0 && attempt <= 2 && !context.signal.aborted; attempt++) {
        const session = await openSession({
          ...address,
          calledAeTitle: destination,
          services: [storage],
          contexts,
          signal: context.signal,
          ...(window > 1 && { asynchronousOperations: { invoked: window, performed: 1 } }),
        }).catch((error: Error) => error);
        if (session instanceof Error) {
          if (context.signal.aborted) return;
          if (isFirst) throw destinationError(`'${destination}' cannot be reached: ${session.message}`, session);
          for (const { sopInstance } of unsent) subOperations.failed(sopInstance, session);
          break;
        }
        isFirst = false;
        unsent = await sendOn(session, unsent, attempt === 2, subOperations, context);
      }
    }
  });
}

type Work = (all: readonly RetrievableInstance[], subOperations: SubOperations) => Promise<void>;

async function* perform(
  instances: AsyncIterable<RetrievableInstance> | Iterable<RetrievableInstance>,
  { signal }: HandlerContext,
  { interval = DEFAULT_INTERVAL }: RetrieveOptions,
  work: Work,
): AsyncGenerator<SubOperationCounts, RetrieveAnswer, undefined> {
  const all: RetrievableInstance[] = [];
  for await (const instance of instances) {
    signal.throwIfAborted();
    all.push(instance);
  }
  const subOperations = new SubOperations(all.length);
  if (all.length === 0) return subOperations.answer(false);
  let isOver = false;
  const working = work(all, subOperations).finally(() => {
    isOver = true;
  });
  // It is awaited below, whatever comes first.
  working.catch(() => {});
  let told = '';
  let isLeft = true;
  try {
    while (!isOver) {
      await Promise.race([working, pause(interval)]);
      const counts = subOperations.counts;
      // The last word is the final response's.
      if (isOver || signal.aborted || JSON.stringify(counts) === told) continue;
      told = JSON.stringify(counts);
      yield counts;
    }
    isLeft = false;
    return subOperations.answer(signal.aborted);
  } catch (error) {
    isLeft = false;
    throw error;
  } finally {
    // Left at a pending response, by a cancel: what is under way still ends, and how far it came is the answer.
    if (isLeft) {
      await working.catch(() => {});
      // biome-ignore lint/correctness/noUnsafeFinally: no error is on its way here
      return subOperations.answer(true);
    }
  }
}

/** Sends on an association of its own; gives what is to be tried again, if the association was lost. */
async function sendOn(
  session: Session,
  instances: readonly RetrievableInstance[],
  isLastAttempt: boolean,
  subOperations: SubOperations,
  context: HandlerContext,
): Promise<readonly RetrievableInstance[]> {
  const { asynchronousOperations } = session.association;
  try {
    return await sendAll(session, instances, asynchronousOperations.invoked, subOperations, context, !isLastAttempt);
  } finally {
    await session.release().catch(() => session.abort());
  }
}

/** Sends, so many at a time. With `mayRetry`, gives back what the loss of the association has left. */
async function sendAll(
  session: ServiceSession,
  instances: readonly RetrievableInstance[],
  window: number,
  subOperations: SubOperations,
  context: HandlerContext,
  mayRetry: boolean,
): Promise<readonly RetrievableInstance[]> {
  const left = [...instances];
  const unsent: RetrievableInstance[] = [];
  const isOpen = () => session.association.isEstablished;
  const sender = async () => {
    for (;;) {
      if (context.signal.aborted || (mayRetry && !isOpen())) return;
      const instance = left.shift();
      if (!instance) return;
      try {
        const { status } = await send(session, instance, context);
        subOperations.answered(status);
      } catch (error) {
        // An association that is lost says nothing of the instance.
        if (mayRetry && !isOpen() && !(error instanceof DimseError)) unsent.push(instance);
        else subOperations.failed(instance.sopInstance, error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(window || LARGEST_WINDOW, LARGEST_WINDOW, left.length) }, sender));
  return [...unsent, ...left];
}

async function send(
  session: ServiceSession,
  { sopClass, sopInstance, transferSyntax, open }: RetrievableInstance,
  { callingAeTitle, messageId, session: requestor }: HandlerContext,
): Promise<{ readonly status: number }> {
  const { source, close } = await open();
  try {
    return await session.use(storage).store({
      sopClass,
      sopInstance,
      transferSyntax,
      data: source,
      // On the requestor's own association there is nobody else to name (PS3.7 §9.1.1.1).
      ...(session !== requestor && { moveOriginatorAeTitle: callingAeTitle, moveOriginatorMessageId: messageId }),
    });
  } finally {
    await close?.();
  }
}

/** Instances by the associations they go on. */
function planned(all: readonly RetrievableInstance[]) {
  return storageContexts(all).map((contexts) => {
    const kinds = new Set(
      contexts.flatMap(({ abstractSyntax, transferSyntaxes }) =>
        transferSyntaxes.map((uid) => `${abstractSyntax} ${uid}`),
      ),
    );
    return {
      contexts,
      instances: all.filter(({ sopClass, transferSyntax }) => kinds.has(`${sopClass} ${transferSyntax}`)),
    };
  });
}

function destinationError(errorComment: string, cause?: Error): DimseError {
  return new DimseError(MOVE_DESTINATION_UNKNOWN, { errorComment: errorComment.slice(0, 64), ...(cause && { cause }) });
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}

const DEFAULT_INTERVAL = 1000;
const LARGEST_WINDOW = 16;
// PS3.4 Table C.4-2
const MOVE_DESTINATION_UNKNOWN = 0xa801;
