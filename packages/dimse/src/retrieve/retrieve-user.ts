// Retrieving as a user: C-GET with the contexts and roles it needs, and C-MOVE to a receiver in this process (PS3.4 §C.4.2, §C.4.3).

import { type ContextNeed, planAssociations } from '@x/net';
import { MAXIMUM_PRESENTATION_CONTEXTS } from '@x/net/internal';
import { type DataSet, DEFAULT_TRANSFER_SYNTAXES } from '../data-set/dataset.ts';
import type { cGet, cMove } from '../message/operations.ts';
import { categoryIn, Status } from '../message/status.ts';
import { STORAGE_SOP_CLASSES, TransferSyntax } from '../registry/uids.generated.ts';
import { studyRoot } from '../services/query-retrieve.ts';
import { QueryRetrieveStatus } from '../services/query-retrieve-model.ts';
import { storage } from '../services/storage.ts';
import type { Responses } from '../session/responses.ts';
import { createScp, type ScpOptions } from '../session/scp.ts';
import { type OpenSessionOptions, openSession } from '../session/scu.ts';
import type { CallOptions, ServiceClass, SopClassDefinition } from '../session/service-class.ts';
import type { Session } from '../session/session.ts';
import { type ReceivedInstance, ReceivedInstances, type StoreRequest } from './received-instances.ts';
import { assertRetrieved, Retrieval, type RetrieveResponse, receive } from './retrieval.ts';

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
  readonly identifier: DataSet;
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
  readonly identifier: DataSet;
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

/** The default transfer syntaxes of retrieved instances, the common ones first. */
export const RETRIEVED_TRANSFER_SYNTAXES: readonly string[] = [
  TransferSyntax.ExplicitVRLittleEndian,
  TransferSyntax.ImplicitVRLittleEndian,
  TransferSyntax.JPEGBaseline8Bit,
  TransferSyntax.JPEGLosslessSV1,
  TransferSyntax.JPEG2000Lossless,
  TransferSyntax.JPEG2000,
  TransferSyntax.JPEGLSLossless,
  TransferSyntax.JPEGLSNearLossless,
  TransferSyntax.RLELossless,
  TransferSyntax.JPEGExtended12Bit,
  TransferSyntax.JPEGLossless,
  TransferSyntax.DeflatedExplicitVRLittleEndian,
  TransferSyntax.ExplicitVRBigEndian,
  TransferSyntax.MPEG4HP41,
  TransferSyntax.MPEG2MPML,
  TransferSyntax.HTJ2KLossless,
  TransferSyntax.HTJ2K,
];

/**
 * Retrieves by C-GET. It proposes the storage contexts with the SCP role. If they do not fit on one association, instances
 * that could not be sent on the first are requested again on further ones, as long as some are missing.
 */
export function get(options: GetOptions): Retrieval {
  const { identifier, model = studyRoot, sopClasses, transferSyntaxes, ...connecting } = options;
  const sopClass = model.sopClasses.Get.uid;
  const groups = planAssociations(contextNeeds(sopClass, sopClasses, transferSyntaxes));
  return new Retrieval(async function* (retrieval) {
    const answered = new Map<string, number>();
    for (const contexts of groups) {
      const before = answered.size;
      const instances = new ReceivedInstances();
      // A peer that transcodes sends the same instances again on a later association.
      const serves = [instances.service(({ sopInstance }) => answered.get(sopInstance))];
      const session = await openSession({ ...connecting, services: [model], serves, contexts } as OpenSessionOptions);
      options.onSession?.(session);
      // A later association without storage contexts cannot bring anything.
      if (before === 0 || acceptsStorage(session, sopClass)) {
        const call = (signal: AbortSignal) => callGet(session, model, { sopClass, identifier }, { signal });
        yield* onSession(session, remembered(receive(retrieval, instances, call, options.signal), answered));
      } else await session.release();
      if (!settle(retrieval, answered, before)) break;
    }
    assertRetrieved(retrieval, 'C-GET', model.statuses);
  });
}

function contextNeeds(
  sopClass: string,
  sopClasses: readonly string[] = STORAGE_SOP_CLASSES,
  transferSyntaxes: readonly string[] = RETRIEVED_TRANSFER_SYNTAXES,
): ContextNeed[] {
  const model = { sopClasses: [sopClass], transferSyntaxes: DEFAULT_TRANSFER_SYNTAXES, everywhere: true };
  const roles = { scu: false, scp: true };
  const each = transferSyntaxes.map((uid) => ({ sopClasses, transferSyntaxes: [uid], roles }));
  if (sopClasses.length * transferSyntaxes.length < MAXIMUM_PRESENTATION_CONTEXTS) return [model, ...each];
  // Most peers can send uncompressed instances in either encoding: one context for both, on the first associations.
  const uncompressed = transferSyntaxes.filter((uid) => DEFAULT_TRANSFER_SYNTAXES.includes(uid));
  if (uncompressed.length < 2) return [model, ...each];
  return [model, { sopClasses, transferSyntaxes: uncompressed, roles }, ...each];
}

function acceptsStorage({ association }: Session, retrieveSopClass: string): boolean {
  return [...association.contexts.values()].some(
    ({ abstractSyntax, roles }) => abstractSyntax !== retrieveSopClass && roles.scp,
  );
}

/** Records the status with which each instance was answered. */
async function* remembered(
  instances: AsyncIterable<ReceivedInstance>,
  answered: Map<string, number>,
): AsyncGenerator<ReceivedInstance, void, undefined> {
  for await (const instance of instances) {
    yield instance;
    answered.set(instance.sopInstance, instance.status);
  }
}

/** Updates the report over all associations so far. Returns whether another association may bring more. */
function settle(retrieval: Retrieval, answered: ReadonlyMap<string, number>, before: number): boolean {
  const { failed, failedSopInstances, completed, warning } = retrieval.report;
  const missing = failedSopInstances.filter((uid) => !answered.has(uid));
  const refused = [...answered].filter(([, status]) => categoryIn(storage.statuses, status) === 'failure');
  // The peer counts instances that were sent before as failures, because they have no context now.
  const count = failedSopInstances.length > 0 ? missing.length : Math.max(failed - before, 0);
  retrieval.tell({
    failed: count + refused.length,
    failedSopInstances: [...missing, ...refused.map(([uid]) => uid)],
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
  const { identifier, model = studyRoot, receiver = {}, onListening, ...connecting } = options;
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
    options.onSession?.(session);
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

function callMove(session: Session, model: ServiceClass, request: Parameters<Retrieve>[0], options: CallOptions) {
  return (session.use(model) as unknown as { readonly move: Retrieve }).move(request, options);
}
