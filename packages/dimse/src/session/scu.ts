// Opening a session: an association with the presentation contexts that its services need (PS3.4, PS3.7 §7).

import type { ProposedContext, RequestOptions } from '@x/net';
import { MAXIMUM_PRESENTATION_CONTEXTS, openAssociation } from '@x/net/internal';
import { checkOptions } from '@x/pdu/internal';
import { DATA_SET_TRANSFER_SYNTAXES, DEFAULT_TRANSFER_SYNTAXES } from '../data-set/dataset.ts';
import { proposedBeside } from '../data-set/reencode.ts';
import { OPEN_SESSION_OPTIONS, sessionOptionsOf } from './option-tables.ts';
import type { Service, ServiceClass } from './service-class.ts';
import { isStreamed } from './service-lookup.ts';
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
    /**
     * The instances that will be stored, or their kinds: only these SOP classes of storage services are proposed, each in the
     * transfer syntax of its instances, and uncompressed ones also in Implicit VR Little Endian. Default: the most common SOP classes in uncompressed transfer syntaxes, as many as an
     * association has contexts for. `storeInstances` plans by itself.
     */
    readonly sends?: readonly SentInstance[];
    /** The presentation contexts to propose instead of those that the services imply; see `storageContexts`. */
    readonly contexts?: readonly ProposedContext[];
    /** Milliseconds by name; those left out have their defaults. */
    readonly timeouts?: Partial<SessionTimeouts> & RequestOptions['timeouts'];
  };

/** An instance that will be stored. */
export interface SentInstance {
  /** SOP Class UID. */
  readonly sopClass: string;
  /** Default: the uncompressed ones. */
  readonly transferSyntax?: string;
}

/** Requests an association and opens a session on it. @throws OptionError; the errors of `requestAssociation`. */
export async function openSession(options: OpenSessionOptions): Promise<Session> {
  checkOptions<OpenSessionOptions>(OPEN_SESSION_OPTIONS, options);
  const { services, serves, sends, contexts = impliedContexts(services, serves, sends), ...rest } = options;
  const association = await openAssociation({ ...rest, contexts } as RequestOptions);
  return new Session(association, serves, sessionOptionsOf(options));
}

/**
 * The presentation contexts that services imply: one for each SOP class, with the SCP role if it is provided. For `sends`, see
 * `OpenSessionOptions`. If there are more than 128, the last SOP classes of the longest storage services are left out.
 */
export function impliedContexts(
  services: readonly ServiceClass[],
  serves: readonly Service[] = [],
  sends?: readonly SentInstance[],
): ProposedContext[] {
  const contexts = new Map<string, ProposedContext>();
  const optional: string[] = [];
  for (const service of services) {
    const isStorage = isStreamed(service);
    if (isStorage && sends) continue;
    for (const { uid } of Object.values(service.sopClasses)) {
      if (isStorage) optional.push(uid);
      contexts.set(uid, { abstractSyntax: uid, transferSyntaxes: DEFAULT_TRANSFER_SYNTAXES });
    }
  }
  for (const { serviceClass, transferSyntaxes, handlers } of serves)
    for (const { uid, operations } of Object.values(serviceClass.sopClasses)) {
      const before = contexts.get(uid);
      if (isStreamed(serviceClass) && !before) optional.push(uid);
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
  const sent = sends ? sentContexts(sends) : [];
  const excess = contexts.size + sent.length - MAXIMUM_PRESENTATION_CONTEXTS;
  if (excess > 0) for (const uid of optional.slice(-excess)) contexts.delete(uid);
  return [...contexts.values(), ...sent];
}

/**
 * One context for each pair of SOP class and transfer syntax, because instances are sent as they are encoded if the peer
 * accepts it, and those of Implicit and Explicit VR Little Endian for uncompressed ones (PS3.5 §10.1).
 */
function sentContexts(sends: readonly SentInstance[]): ProposedContext[] {
  const contexts = new Map<string, ProposedContext>();
  for (const { sopClass, transferSyntax } of sends) {
    const further = transferSyntax === undefined ? [] : proposedBeside(transferSyntax).map((uid) => [uid]);
    const proposed = [transferSyntax === undefined ? DEFAULT_TRANSFER_SYNTAXES : [transferSyntax], ...further];
    for (const transferSyntaxes of proposed)
      contexts.set(`${sopClass} ${transferSyntaxes.join(' ')}`, { abstractSyntax: sopClass, transferSyntaxes });
  }
  return [...contexts.values()];
}

function proposable(service: ServiceClass, transferSyntaxes: readonly string[] | 'any' | undefined): readonly string[] {
  if (transferSyntaxes && transferSyntaxes !== 'any') return transferSyntaxes;
  return isStreamed(service) ? DATA_SET_TRANSFER_SYNTAXES : DEFAULT_TRANSFER_SYNTAXES;
}
