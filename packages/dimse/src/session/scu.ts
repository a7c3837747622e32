// Opening a session: an association with the contexts its services need (PS3.4, PS3.7 §7).

import { type ProposedContext, type RequestOptions, requestAssociation } from '@x/net';
import { DATA_SET_TRANSFER_SYNTAXES, DEFAULT_TRANSFER_SYNTAXES } from '../data-set/dataset.ts';
import { isStreamed, type Service, type ServiceClass } from './service-class.ts';
import { Session } from './session.ts';
import type { SessionOptions, SessionTimeouts } from './session-options.ts';

type AssociationOptions = RequestOptions extends infer R
  ? R extends unknown
    ? Omit<R, 'contexts' | 'timeouts'>
    : never
  : never;

/** Whom to ask for an association, and what for. */
export type OpenSessionOptions = AssociationOptions &
  Omit<SessionOptions, 'timeouts'> & {
    /** What will be called. */
    readonly services: readonly ServiceClass[];
    /** What is performed on the same association: C-STORE during C-GET, N-EVENT-REPORT. */
    readonly serves?: readonly Service[];
    /** The contexts to propose instead of those the services imply: for storage, one for each kind of instance. */
    readonly contexts?: readonly ProposedContext[];
    readonly timeouts?: Partial<SessionTimeouts> & RequestOptions['timeouts'];
  };

/** Asks for an association and opens a session on it. @throws what `requestAssociation` throws. */
export async function openSession(options: OpenSessionOptions): Promise<Session> {
  const { services, serves = [], contexts = impliedContexts(services, serves), ...rest } = options;
  const association = await requestAssociation({ ...rest, contexts } as RequestOptions);
  return new Session(association, serves, options as SessionOptions);
}

/** The contexts that services imply: one for each SOP class, with the role of SCP for those that are performed. */
export function impliedContexts(services: readonly ServiceClass[], serves: readonly Service[] = []): ProposedContext[] {
  const contexts = new Map<string, ProposedContext>();
  for (const service of services)
    for (const { uid } of Object.values(service.sopClasses))
      contexts.set(uid, { abstractSyntax: uid, transferSyntaxes: DEFAULT_TRANSFER_SYNTAXES });
  for (const { serviceClass, transferSyntaxes, handlers } of serves)
    for (const { uid, operations } of Object.values(serviceClass.sopClasses)) {
      const before = contexts.get(uid);
      // Who is only told of events is no provider.
      const isPerformed = operations.some(
        (name) => handlers[name] && serviceClass.operations[name]?.invokedBy === 'scu',
      );
      contexts.set(uid, {
        abstractSyntax: uid,
        transferSyntaxes: before?.transferSyntaxes ?? proposable(serviceClass, transferSyntaxes),
        ...(isPerformed && { roles: { scu: before !== undefined, scp: true } }),
      });
    }
  return [...contexts.values()];
}

function proposable(service: ServiceClass, transferSyntaxes: readonly string[] | 'any' | undefined): readonly string[] {
  if (transferSyntaxes && transferSyntaxes !== 'any') return transferSyntaxes;
  return isStreamed(service) ? DATA_SET_TRANSFER_SYNTAXES : DEFAULT_TRANSFER_SYNTAXES;
}
