// Retrieving as a user: C-GET with the contexts and roles it needs, C-MOVE to a receiver of its own (PS3.4 §C.4.2, §C.4.3).

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
        /** Told of each session that is opened, before it is used: for watching. */
        readonly onSession?: (session: Session) => void;
      }
    : never
  : never;

/** An information model to retrieve by. */
type RetrieveModel<Operations, Name extends string> = ServiceClass & {
  readonly operations: Operations;
  readonly sopClasses: Readonly<Record<Name, SopClassDefinition>>;
};

/** What to retrieve by C-GET, and from whom: what `openSession` takes, without what follows from the retrieval. */
export type GetOptions = Connecting & {
  /** What to retrieve: the level and its unique keys. */
  readonly identifier: DataSet;
  /** Default the study root. */
  readonly model?: RetrieveModel<{ readonly get: typeof cGet }, 'Get'>;
  /** The SOP classes of what is retrieved. Default all of storage. */
  readonly sopClasses?: readonly string[];
  /**
   * What the instances may be encoded in, in the order of preference. Each is proposed in a context of its own, because
   * peers that do not transcode can only send what an instance is encoded in. Default `RETRIEVED_TRANSFER_SYNTAXES`.
   */
  readonly transferSyntaxes?: readonly string[];
};

/** What to retrieve by C-MOVE, from whom, and where it is received. */
export type MoveToSelfOptions = Connecting & {
  /** What to retrieve: the level and its unique keys. */
  readonly identifier: DataSet;
  /** Default the study root. */
  readonly model?: RetrieveModel<{ readonly move: typeof cMove }, 'Move'>;
  /** The receiver. The peer must know its AE title (default the calling one) to be at its port (default a free one). */
  readonly receiver?: Partial<Omit<ScpOptions, 'services' | 'calls'>> & {
    readonly host?: string;
    readonly port?: number;
  };
  /** Told where the receiver listens, before the peer is called. */
  readonly onListening?: (address: { readonly host: string; readonly port: number }) => void | Promise<void>;
};

/** What instances are met in, the frequent ones first. */
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
 * C-GET that proposes storage contexts by itself, with the role of SCP. Where they do not fit on one association, what
 * could not be sent on the first is asked for again on further ones, as long as something is missing.
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
      // A peer that transcodes sends on a later association what it has sent before.
      const serves = [instances.service(({ sopInstance }) => answered.get(sopInstance))];
      const session = await openSession({ ...connecting, services: [model], serves, contexts } as OpenSessionOptions);
      options.onSession?.(session);
      // With no context for it nothing comes, and the first one has shown that there is something.
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
  // Most peers can send the uncompressed ones in either encoding: they come first, on as few associations as can be.
  const uncompressed = transferSyntaxes.filter((uid) => DEFAULT_TRANSFER_SYNTAXES.includes(uid));
  if (uncompressed.length < 2) return [model, ...each];
  return [model, { sopClasses, transferSyntaxes: uncompressed, roles }, ...each];
}

function acceptsStorage({ association }: Session, retrieveSopClass: string): boolean {
  return [...association.contexts.values()].some(
    ({ abstractSyntax, roles }) => abstractSyntax !== retrieveSopClass && roles.scp,
  );
}

/** Remembers what was received, and what it was answered. */
async function* remembered(
  instances: AsyncIterable<ReceivedInstance>,
  answered: Map<string, number>,
): AsyncGenerator<ReceivedInstance, void, undefined> {
  for await (const instance of instances) {
    yield instance;
    answered.set(instance.sopInstance, instance.status);
  }
}

/** The report over all associations so far. Whether there is something that another one may bring. */
function settle(retrieval: Retrieval, answered: ReadonlyMap<string, number>, before: number): boolean {
  const { failed, failedSopInstances, completed, warning } = retrieval.report;
  const missing = failedSopInstances.filter((uid) => !answered.has(uid));
  const refused = [...answered].filter(([, status]) => categoryIn(storage.statuses, status) === 'failure');
  // Those that were sent before have no context now, which the peer counts as failures.
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
 * C-MOVE to a receiver that listens while the instances are moved. Instances that say they are moved for somebody else
 * are refused; each that arrives shows that the C-MOVE goes on, however long it is silent.
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

/** Releases the association when it is done, or aborts it when it failed. */
async function* onSession(
  session: Session,
  instances: AsyncIterable<ReceivedInstance>,
): AsyncGenerator<ReceivedInstance, void, undefined> {
  try {
    yield* instances;
  } finally {
    // One that was lost cannot be released.
    await session.release().catch(() => session.abort());
  }
}

// The types of what a model's operations are called with depend on the model: here they are those of all models.
type Retrieve = (request: Readonly<Record<string, unknown>>, options: CallOptions) => Responses<RetrieveResponse>;

function callGet(session: Session, model: ServiceClass, request: Parameters<Retrieve>[0], options: CallOptions) {
  return (session.use(model) as unknown as { readonly get: Retrieve }).get(request, options);
}

function callMove(session: Session, model: ServiceClass, request: Parameters<Retrieve>[0], options: CallOptions) {
  return (session.use(model) as unknown as { readonly move: Retrieve }).move(request, options);
}
