// The sessions of a retrieval as a user, and its requests on them (PS3.4 §C.4.2, §C.4.3).

import { aValueOf, rulesWithout } from '@x/pdu/internal';
import type { DataSet } from '../data-set/dataset.ts';
import type { CallOptions } from '../session/call-options.ts';
import { OPEN_SESSION_OPTIONS } from '../session/option-tables.ts';
import type { Responses } from '../session/responses.ts';
import type { OpenSessionOptions } from '../session/scu.ts';
import type { ServiceClass, SopClassDefinition } from '../session/service-class.ts';
import type { Session } from '../session/session.ts';
import type { ReceivedInstance } from './received-instances.ts';
import type { RetrieveResponse } from './retrieval.ts';

/** Options of `openSession`, except those that follow from the retrieval. */
export type Connecting = OpenSessionOptions extends infer O
  ? O extends unknown
    ? Omit<O, 'services' | 'serves' | 'contexts' | 'sends'> & {
        /** Called with each new session before it is used, to observe it. */
        readonly onSession?: (session: Session) => void;
      }
    : never
  : never;

/** An information model with a retrieve operation. */
export type RetrieveModel<Operations, Name extends string> = ServiceClass & {
  readonly operations: Operations;
  readonly sopClasses: Readonly<Record<Name, SopClassDefinition>>;
};

/** Releases the association at the end, or aborts it if it cannot be released. */
export async function* onSession(
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

export function callGet(session: Session, model: ServiceClass, request: Parameters<Retrieve>[0], options: CallOptions) {
  return (session.use(model) as unknown as { readonly get: Retrieve }).get(request, options);
}

export function callFind(
  session: Session,
  model: ServiceClass,
  request: Parameters<Retrieve>[0],
  options: CallOptions,
) {
  const { find } = session.use(model) as unknown as { readonly find: Retrieve };
  return find(request, options) as AsyncIterable<{ readonly identifier?: DataSet }>;
}

export function callMove(
  session: Session,
  model: ServiceClass,
  request: Parameters<Retrieve>[0],
  options: CallOptions,
) {
  return (session.use(model) as unknown as { readonly move: Retrieve }).move(request, options);
}

/** The rules of `Connecting`. */
export const CONNECTING_RULES = {
  ...rulesWithout(OPEN_SESSION_OPTIONS.rules, ['services', 'serves', 'contexts', 'sends']),
  onSession: aValueOf('function'),
};
