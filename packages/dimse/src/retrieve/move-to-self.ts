// Retrieving as a user by C-MOVE to a receiver in this process (PS3.4 §C.4.2).

import { aValueOf, checkOptions } from '@x/pdu/internal';
import type { DataSetInput } from '../data-set/dataset.ts';
import type { cMove } from '../message/operations.ts';
import { Status } from '../message/status.ts';
import { studyRoot } from '../services/query-retrieve.ts';
import type { Responses } from '../session/responses.ts';
import { createScp, type ScpOptions } from '../session/scp.ts';
import { type OpenSessionOptions, openSession } from '../session/scu.ts';
import { ReceivedInstances, type StoreRequest } from './received-instances.ts';
import { assertRetrieved, Retrieval, type RetrieveResponse, receive } from './retrieval.ts';
import { CONNECTING_RULES, type Connecting, callMove, onSession, type RetrieveModel } from './retrieve-session.ts';

/** Options of `moveToSelf`: those of `openSession`, except those that follow from the retrieval, and the following. */
export type MoveToSelfOptions = Connecting & {
  /** The identifier: the level and its unique keys. */
  readonly identifier: DataSetInput;
  /** The information model: a service class with `move`. Default: `studyRoot`. */
  readonly model?: RetrieveModel<{ readonly move: typeof cMove }, 'Move'>;
  /**
   * The receiver. The peer must have its AE title (default: the calling AE title) configured with its host and port (default:
   * a free port).
   */
  readonly receiver?: Partial<Omit<ScpOptions, 'services' | 'calls'>> & {
    readonly host?: string;
    readonly port?: number;
  };
  /** Called with `host` and `port` of the receiver before the peer is called; it is awaited. */
  readonly onListening?: (address: { readonly host: string; readonly port: number }) => void | Promise<void>;
};

/**
 * Retrieves by C-MOVE to a receiver that listens during the move. Instances of another Move Originator are refused. Each
 * instance that arrives restarts the response timeout of the C-MOVE.
 * @throws OptionError
 */
export function moveToSelf(options: MoveToSelfOptions): Retrieval {
  checkOptions<MoveToSelfOptions>(MOVE_TO_SELF_OPTIONS, options);
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

const MOVE_TO_SELF_OPTIONS = {
  of: 'moveToSelf',
  rules: {
    ...CONNECTING_RULES,
    identifier: aValueOf('object'),
    model: aValueOf('object'),
    // `createScp` and its `listen` check the rest.
    receiver: aValueOf('object'),
    onListening: aValueOf('function'),
  },
  required: ['callingAeTitle', 'calledAeTitle', 'identifier'],
  elsewhere: { services: 'openSession; moveToSelf has `model`' },
};
