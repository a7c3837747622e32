// An application entity of an SCP: the services, contexts, limits and identity rules of one called AE title (PS3.8 §9.3.2).

import {
  type AcceptorRules,
  type AssociationRequest,
  type Decide,
  decideBy,
  type ExtendedNegotiation,
  limitIdentityChecks,
  type Rejection,
  reject,
} from '@x/net';
import { AssociationLimits, LOCAL_LIMIT_EXCEEDED } from '@x/net/internal';
import { isPlainObject, wrongReturn } from '@x/pdu/internal';
import { standardDataSetCodec } from '../data-set/dataset.ts';
import { Status } from '../message/status.ts';
import { answeredOptions } from '../query/query-model.ts';
import { sessionOptionsOf } from './option-tables.ts';
import { type Service, type ServiceClass, serve } from './service-class.ts';
import { serviceOf, sopClassOf } from './service-lookup.ts';
import type { SessionOptions, SessionTimeouts } from './session-options.ts';
import { type SessionSettings, sessionSettings } from './session-settings.ts';
import { supportedContexts } from './supported-contexts.ts';
import { verification } from './verification.ts';

/** What one called AE title provides, and to whom. */
export interface ApplicationEntity extends Omit<SessionOptions, 'timeouts'> {
  /**
   * The services that are provided, and Verification. They decide on the presentation contexts: see `ServeOptions` for their
   * transfer syntaxes, roles and further SOP classes.
   */
  readonly services: readonly Service[];
  /**
   * Whether C-ECHO is answered with Success, as PS3.2 requires of everybody who accepts associations. If one of `services`
   * has Verification, that one answers. Default true.
   */
  readonly verification?: boolean;
  /**
   * The service classes that handlers call on accepted associations: `storage`, to answer C-GET. Other SOP classes than those
   * of the standard can be called if one of `services` takes them by `otherSopClasses`.
   */
  readonly calls?: readonly ServiceClass[];
  /**
   * Decides whether to accept an association: `true`, `false`, or a rejection with its reason. Default: all associations
   * that call this AE title are accepted.
   */
  readonly accept?: (request: AssociationRequest) => boolean | Rejection | Promise<boolean | Rejection>;
  /**
   * Verifies the user identity after `accept` has accepted the association. Checks are bounded; for other bounds and for
   * counters, give it the result of `limitIdentityChecks`. Default: user identities are ignored.
   */
  readonly verifyIdentity?: AcceptorRules['verifyIdentity'];
  /** Decides on SOP classes that no service has, by their SOP class common extended negotiation. */
  readonly supportsRelated?: AcceptorRules['supportsRelated'];
  /**
   * Answers SOP class extended negotiation. Default: for queries whose items the library matches, the options of matching
   * that it supports; else no answer.
   */
  readonly extendedNegotiation?: AcceptorRules['extendedNegotiation'];
  /**
   * How many operations may be outstanding at once in each direction, if the requestor proposes as many (PS3.7 §D.3.3.3).
   * `{ invoke, perform }` is said from the side of the SCP: it invokes C-STORE during C-GET, and performs requests. 0 =
   * unlimited. Default 1.
   */
  readonly asynchronousOperations?: AcceptorRules['asynchronousOperations'];
  /** Milliseconds by name; those left out have their defaults. */
  readonly timeouts?: Partial<SessionTimeouts>;
}

/** An application entity among several of one SCP. Its options take precedence over the same ones of the SCP. */
export interface CalledApplicationEntity extends ApplicationEntity {
  /**
   * Associations of this AE title at once, requests that wait for a decision included. Further ones are rejected as a
   * transient local limit (2, 3, 2). Default: only the limit of the SCP.
   */
  readonly maximumAssociations?: number;
}

/** An application entity that decides on associations and gives sessions their services. */
export class ServedEntity {
  readonly services: readonly Service[];
  readonly sessionOptions: SessionOptions;
  /** Prepared from the options, once for all sessions. */
  readonly settings: SessionSettings;
  readonly #accept: ApplicationEntity['accept'];
  readonly #limits: AssociationLimits | undefined;
  readonly #decideBy: Decide;

  constructor(entity: CalledApplicationEntity) {
    this.services = withVerification(entity);
    this.sessionOptions = sessionOptionsOf(entity);
    this.settings = sessionSettings(this.sessionOptions);
    this.#accept = entity.accept;
    const { maximumAssociations } = entity;
    this.#limits = maximumAssociations === undefined ? undefined : new AssociationLimits({ maximumAssociations });
    this.#decideBy = decideBy(rulesOf(entity, this.services));
  }

  /** Decides on a request. A place among its associations is given back when the connection has closed. */
  readonly decide: Decide = (request, connection) => {
    if (this.#limits) {
      const leave = this.#limits.enter(request);
      if (!leave) return reject(LOCAL_LIMIT_EXCEEDED);
      void connection.closed.then(leave);
    }
    // An answer that is a value decides at once, as most do.
    const answer = this.#accept ? this.#accept(request) : true;
    const concluded = (accepted: boolean | Rejection) => {
      if (typeof accepted !== 'boolean' && !isPlainObject(accepted))
        throw wrongReturn('accept', accepted, 'true, false or { result, source, reason }');
      return accepted === true ? this.#decideBy(request, connection) : reject(accepted || {});
    };
    const isLater = typeof answer === 'object' && answer !== null && 'then' in answer;
    return isLater ? answer.then(concluded) : concluded(answer);
  };
}

/** The same entity with bounds on its checks of user identities, so that entities which share the function share them. */
export function withLimitedChecks<E extends Partial<ApplicationEntity>>(entity: E): E {
  const { verifyIdentity } = entity;
  return verifyIdentity ? { ...entity, verifyIdentity: limitIdentityChecks(verifyIdentity) } : entity;
}

function rulesOf(entity: ApplicationEntity, services: readonly Service[]): AcceptorRules {
  const { calls = [], asynchronousOperations, supportsRelated, codec = standardDataSetCodec } = entity;
  const { verifyIdentity } = withLimitedChecks(entity);
  const { extendedNegotiation = (proposed) => answeredQueryOptions(services, proposed) } = entity;
  return {
    supports: supportedContexts(services, calls, codec),
    ...(asynchronousOperations && { asynchronousOperations }),
    ...(verifyIdentity && { verifyIdentity }),
    ...(supportsRelated && { supportsRelated }),
    extendedNegotiation,
  };
}

/** The options of matching that are accepted of those that a peer proposes. */
function answeredQueryOptions(
  services: readonly Service[],
  { sopClassUid, applicationInformation }: ExtendedNegotiation,
): Uint8Array | undefined {
  const service = serviceOf(services, sopClassUid);
  const model = service?.answersQueries ? service.serviceClass.queries.find : undefined;
  const isQuery = service && sopClassOf(service, sopClassUid)?.operations.includes('find');
  return model && isQuery ? answeredOptions(model, applicationInformation, service.relational) : undefined;
}

/** The services of an application entity, with Verification unless it is switched off. */
function withVerification({ services, verification: isServed = true }: ApplicationEntity): readonly Service[] {
  const { uid } = verification.sopClasses.Verification;
  if (!isServed || serviceOf(services, uid)) return services;
  return [...services, serve(verification, { echo: () => Status.Success })];
}
