// Retrieving as a user: C-GET with the contexts and roles it needs, and C-MOVE to a receiver in this process (PS3.4 §C.4.2, §C.4.3).

import { type ProposedContext, planAssociations } from '@x/net';
import { type DataSet, type DataSetInput, DEFAULT_TRANSFER_SYNTAXES } from '../data-set/dataset.ts';
import type { cGet, cMove } from '../message/operations.ts';
import { categoryIn, Status } from '../message/status.ts';
import { studyRoot } from '../services/query-retrieve.ts';
import { QueryRetrieveStatus } from '../services/query-retrieve-model.ts';
import { storage } from '../services/storage.ts';
import type { Responses } from '../session/responses.ts';
import { createScp, type ScpOptions } from '../session/scp.ts';
import { type OpenSessionOptions, openSession } from '../session/scu.ts';
import type { CallOptions, ServiceClass, SopClassDefinition } from '../session/service-class.ts';
import type { Session } from '../session/session.ts';
import { type FoundInstance, findInstances } from './find-instances.ts';
import { type ReceivedInstance, ReceivedInstances, type StoreRequest } from './received-instances.ts';
import { assertRetrieved, Retrieval, type RetrieveResponse, receive } from './retrieval.ts';
import { contextNeeds } from './retrieve-contexts.ts';
import { isLossOf, retrieveMissing } from './retrieve-missing.ts';

type Connecting = OpenSessionOptions extends infer O
  ? O extends unknown
    ? Omit<O, 'services' | 'serves' | 'contexts'> & {
        /** Called with each new session before it is used, to observe it. */
        readonly onSession?: (session: Session) => void;
      }
    : never
  : never;

/** An information model with a retrieve operation. */
type RetrieveModel<Operations, Name extends string> = ServiceClass & {
  readonly operations: Operations;
  readonly sopClasses: Readonly<Record<Name, SopClassDefinition>>;
};

/** Options of `get`: those of `openSession`, except those that follow from the retrieval, and the following. */
export type GetOptions = Connecting & {
  /** The identifier: the level and its unique keys. */
  readonly identifier: DataSetInput;
  /** The information model. Default: `studyRoot`. */
  readonly model?: RetrieveModel<{ readonly get: typeof cGet }, 'Get'>;
  /** The SOP classes that instances may have. Default: all storage SOP classes. */
  readonly sopClasses?: readonly string[];
  /**
   * The transfer syntaxes that instances may have, in order of preference. Each is proposed in a separate context, because a
   * peer that does not transcode needs a context for the encoding of each instance. Default: `RETRIEVED_TRANSFER_SYNTAXES`.
   */
  readonly transferSyntaxes?: readonly string[];
};

/** Options of `moveToSelf`: those of `openSession`, except those that follow from the retrieval, and the following. */
export type MoveToSelfOptions = Connecting & {
  /** The identifier: the level and its unique keys. */
  readonly identifier: DataSetInput;
  /** The information model. Default: `studyRoot`. */
  readonly model?: RetrieveModel<{ readonly move: typeof cMove }, 'Move'>;
  /**
   * The receiver. The peer must have its AE title (default: the calling AE title) configured with its host and port (default:
   * a free port).
   */
  readonly receiver?: Partial<Omit<ScpOptions, 'services' | 'calls'>> & {
    readonly host?: string;
    readonly port?: number;
  };
  /** Called with the address of the receiver before the peer is called; it is awaited. */
  readonly onListening?: (address: { readonly host: string; readonly port: number }) => void | Promise<void>;
};

/**
 * Retrieves by C-GET. It proposes the storage contexts with the SCP role. If they do not fit on one association, instances
 * that could not be sent on the first are requested again on further ones, as long as some are missing.
 *
 * If an association is lost, the missing instances are found by C-FIND in the same model, and retrieved one by one at IMAGE
 * level, so that an instance on which the association is lost twice is the only one that fails. C-GET has no other way to
 * leave out an instance. If the peer does not support C-FIND, the loop throws the error of the loss.
 */
export function get(options: GetOptions): Retrieval {
  const { identifier, model = studyRoot, sopClasses, transferSyntaxes, onSession: opened, ...connecting } = options;
  const sopClass = model.sopClasses.Get.uid;
  const groups = planAssociations(contextNeeds(sopClass, sopClasses, transferSyntaxes));
  return new Retrieval(async function* (retrieval) {
    const answered = new Map<string, number>();
    let instances = new ReceivedInstances();
    const open = async (contexts: readonly ProposedContext[]) => {
      const received = new ReceivedInstances();
      instances = received;
      // A peer that transcodes sends the same instances again on a later association.
      const serves = [received.service(({ sopInstance }) => answered.get(sopInstance))];
      const session = await openSession({ ...connecting, services: [model], serves, contexts } as OpenSessionOptions);
      opened?.(session);
      return session;
    };
    const retrieve = (session: Session, wanted: DataSetInput) => {
      instances.restart();
      const call = (signal: AbortSignal) => callGet(session, model, { sopClass, identifier: wanted }, { signal });
      return remembered(session, receive(retrieval, instances, call, options.signal), answered);
    };
    for (const contexts of groups) {
      const before = answered.size;
      const session = await open(contexts);
      try {
        // A later association without storage contexts cannot bring anything.
        if (before === 0 || acceptsStorage(session, sopClass)) yield* onSession(session, retrieve(session, identifier));
        else await session.release();
      } catch (error) {
        if (options.signal?.aborted || !isLossOf(error, session)) throw error;
        const missing = await missingInstances(options, answered, error);
        const contextsFor = (classes: ReadonlySet<string>) =>
          planAssociations(contextNeeds(sopClass, classes.size > 0 ? [...classes] : sopClasses, transferSyntaxes));
        yield* retrieveMissing(
          {
            contextsFor,
            open,
            retrieve: (again, found) => retrieve(again, found.identifier),
            hasAnswered: (uid) => answered.has(uid),
          },
          missing,
        );
        if (!settleMissing(retrieval, answered, missing)) throw error;
        return;
      }
      if (!settle(retrieval, answered, before)) break;
    }
    assertRetrieved(retrieval, 'C-GET', model.statuses);
  });
}

function acceptsStorage({ association }: Session, retrieveSopClass: string): boolean {
  return [...association.contexts.values()].some(
    ({ abstractSyntax, roles }) => abstractSyntax !== retrieveSopClass && roles.scp,
  );
}

/**
 * The instances that a retrieval did not bring before its association was lost, by C-FIND.
 * @throws the error of the loss, if the peer does not support C-FIND in this model, or does not tell
 */
async function missingInstances(
  { identifier, model = studyRoot, sopClasses: _, transferSyntaxes: __, onSession: called, ...connecting }: GetOptions,
  answered: ReadonlyMap<string, number>,
  loss: unknown,
): Promise<FoundInstance[]> {
  const missing: FoundInstance[] = [];
  const sopClass = (model.sopClasses as Readonly<Record<string, SopClassDefinition | undefined>>).Find?.uid;
  if (sopClass === undefined) throw loss;
  const contexts = [{ abstractSyntax: sopClass, transferSyntaxes: DEFAULT_TRANSFER_SYNTAXES }];
  let session: Session | undefined;
  try {
    const opened = await openSession({ ...connecting, services: [model], contexts } as OpenSessionOptions);
    session = opened;
    called?.(opened);
    const find = (wanted: DataSetInput) => callFind(opened, model, { sopClass, identifier: wanted }, {});
    for await (const found of findInstances(find, identifier))
      if (!answered.has(found.sopInstance)) missing.push(found);
  } catch {
    throw loss;
  } finally {
    await session?.release().catch(() => session?.abort());
  }
  return missing;
}

/** Updates the report after `retrieveMissing`. Returns whether anything was retrieved at all. */
function settleMissing(
  retrieval: Retrieval,
  answered: ReadonlyMap<string, number>,
  instances: readonly FoundInstance[],
): boolean {
  const { completed, warning } = retrieval.report;
  const missing = instances.map(({ sopInstance }) => sopInstance).filter((uid) => !answered.has(uid));
  const failedSopInstances = [...missing, ...refusedOf(answered)];
  const failed = failedSopInstances.length;
  const isClean = failed + warning === 0;
  const status = isClean ? Status.Success : QueryRetrieveStatus.SubOperationsCompleteWithFailures;
  retrieval.tell({ failed, failedSopInstances, status, remaining: 0, errorComment: undefined });
  return completed + warning > 0;
}

function refusedOf(answered: ReadonlyMap<string, number>): string[] {
  return [...answered].filter(([, status]) => categoryIn(storage.statuses, status) === 'failure').map(([uid]) => uid);
}

/** Records the status with which each instance was answered. */
async function* remembered(
  { association }: Session,
  instances: AsyncIterable<ReceivedInstance>,
  answered: Map<string, number>,
): AsyncGenerator<ReceivedInstance, void, undefined> {
  for await (const instance of instances) {
    yield instance;
    // The loss of the association is not an answer.
    if (association.isEstablished) answered.set(instance.sopInstance, instance.status);
  }
}

/** Updates the report over all associations so far. Returns whether another association may bring more. */
function settle(retrieval: Retrieval, answered: ReadonlyMap<string, number>, before: number): boolean {
  const { failed, failedSopInstances, completed, warning } = retrieval.report;
  const missing = failedSopInstances.filter((uid) => !answered.has(uid));
  const refused = refusedOf(answered);
  // The peer counts instances that were sent before as failures, because they have no context now.
  const count = failedSopInstances.length > 0 ? missing.length : Math.max(failed - before, 0);
  retrieval.tell({
    failed: count + refused.length,
    failedSopInstances: [...missing, ...refused],
    ...(count + refused.length === 0 && warning === 0 && { errorComment: undefined }),
    ...(completed + warning > 0 && {
      status:
        count + refused.length + warning > 0 ? QueryRetrieveStatus.SubOperationsCompleteWithFailures : Status.Success,
    }),
  });
  return count > 0;
}

/**
 * Retrieves by C-MOVE to a receiver that listens during the move. Instances of another Move Originator are refused. Each
 * instance that arrives restarts the response timeout of the C-MOVE.
 */
export function moveToSelf(options: MoveToSelfOptions): Retrieval {
  const { identifier, model = studyRoot, receiver = {}, onListening, onSession: opened, ...connecting } = options;
  const { host: receiverHost, port: receiverPort = 0, ...receiving } = receiver;
  const { callingAeTitle, signal } = options;
  const destination = receiver.aeTitle ?? callingAeTitle;
  const sopClass = model.sopClasses.Move.uid;
  return new Retrieval(async function* (retrieval) {
    const instances = new ReceivedInstances();
    let responses: Responses<RetrieveResponse> | undefined;
    const refusal = ({ moveOriginatorAeTitle, moveOriginatorMessageId }: StoreRequest) => {
      const isOurs =
        (moveOriginatorAeTitle ?? callingAeTitle) === callingAeTitle &&
        (moveOriginatorMessageId ?? responses?.messageId) === responses?.messageId;
      return isOurs ? undefined : Status.NotAuthorized;
    };
    await using scp = createScp({ ...receiving, aeTitle: destination, services: [instances.service(refusal)] });
    const address = await scp.listen({ port: receiverPort, ...(receiverHost !== undefined && { host: receiverHost }) });
    await onListening?.({ host: address.host, port: address.port });
    const session = await openSession({ ...connecting, services: [model] } as OpenSessionOptions);
    opened?.(session);
    const call = (given: AbortSignal) => {
      responses = callMove(session, model, { sopClass, destination, identifier }, { signal: given });
      return responses;
    };
    yield* onSession(session, receive(retrieval, instances, call, signal));
    assertRetrieved(retrieval, 'C-MOVE', model.statuses);
  });
}

/** Releases the association at the end, or aborts it if it cannot be released. */
async function* onSession(
  session: Session,
  instances: AsyncIterable<ReceivedInstance>,
): AsyncGenerator<ReceivedInstance, void, undefined> {
  try {
    yield* instances;
  } finally {
    // A lost association cannot be released.
    await session.release().catch(() => session.abort());
  }
}

// The types of requests depend on the model; this type stands for those of all models.
type Retrieve = (request: Readonly<Record<string, unknown>>, options: CallOptions) => Responses<RetrieveResponse>;

function callGet(session: Session, model: ServiceClass, request: Parameters<Retrieve>[0], options: CallOptions) {
  return (session.use(model) as unknown as { readonly get: Retrieve }).get(request, options);
}

function callFind(session: Session, model: ServiceClass, request: Parameters<Retrieve>[0], options: CallOptions) {
  const { find } = session.use(model) as unknown as { readonly find: Retrieve };
  return find(request, options) as AsyncIterable<{ readonly identifier?: DataSet }>;
}

function callMove(session: Session, model: ServiceClass, request: Parameters<Retrieve>[0], options: CallOptions) {
  return (session.use(model) as unknown as { readonly move: Retrieve }).move(request, options);
}
