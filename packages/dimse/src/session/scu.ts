// Opening a session: an association with the presentation contexts that its services need (PS3.4, PS3.7 §7).

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

/** Options of `openSession`: the peer and the services. */
export type OpenSessionOptions = AssociationOptions &
  Omit<SessionOptions, 'timeouts'> & {
    /** The service classes that will be called. */
    readonly services: readonly ServiceClass[];
    /** The services that are provided on the same association: for C-STORE during C-GET, or N-EVENT-REPORT. */
    readonly serves?: readonly Service[];
    /** The presentation contexts to propose instead of those that the services imply; see `storageContexts`. */
    readonly contexts?: readonly ProposedContext[];
    readonly timeouts?: Partial<SessionTimeouts> & RequestOptions['timeouts'];
  };

/** Requests an association and opens a session on it. @throws the errors of `requestAssociation`. */
export async function openSession(options: OpenSessionOptions): Promise<Session> {
  const { services, serves = [], contexts = impliedContexts(services, serves), ...rest } = options;
  const association = await requestAssociation({ ...rest, contexts } as RequestOptions);
  return new Session(association, serves, options as SessionOptions);
}

/** The presentation contexts that services imply: one for each SOP class, with the SCP role if it is provided. */
export function impliedContexts(services: readonly ServiceClass[], serves: readonly Service[] = []): ProposedContext[] {
  const contexts = new Map<string, ProposedContext>();
  for (const service of services)
    for (const { uid } of Object.values(service.sopClasses))
      contexts.set(uid, { abstractSyntax: uid, transferSyntaxes: DEFAULT_TRANSFER_SYNTAXES });
  for (const { serviceClass, transferSyntaxes, handlers } of serves)
    for (const { uid, operations } of Object.values(serviceClass.sopClasses)) {
      const before = contexts.get(uid);
      // A handler of N-EVENT-REPORT alone is that of a user, who needs no SCP role.
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
