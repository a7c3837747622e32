// A service class provider: it listens, accepts associations for its services, and runs a session on each of them.

import {
  type AcceptorRules,
  type AssociationRequest,
  type Decision,
  type DrainReport,
  decideBy,
  type ExtendedNegotiation,
  type ListenAddress,
  Listener,
  type ListenOptions,
  type LocalOptions,
  limitIdentityChecks,
  type Rejection,
  reject,
  type SupportedContext,
  type TlsServerOptions,
  type TransportServer,
  type UpperLayerConnection,
  UserRejectReason,
} from '@x/net';
import {
  type AssociationLimitOptions,
  type ConnectionLimitOptions,
  RELOAD_OPTIONS,
  type TransportAcceptorOptions,
  WatchedEmitter,
  warnOfMistake,
} from '@x/net/internal';
import { aNumber, checkOptions, type OptionTable } from '@x/pdu/internal';
import { type DataSetCodec, standardDataSetCodec } from '../data-set/dataset.ts';
import { Status } from '../message/status.ts';
import { answeredOptions } from '../query/query-model.ts';
import { listenOptionsOf, SCP_ADDRESS, SCP_OPTIONS, sessionOptionsOf } from './option-tables.ts';
import { type Service, type ServiceClass, serve } from './service-class.ts';
import { isStreamed, serviceOf, sopClassOf } from './service-lookup.ts';
import { Session, type SessionEvents, warnOfHandler } from './session.ts';
import type { SessionOptions, SessionTimeouts } from './session-options.ts';
import { sessionSettings } from './session-settings.ts';
import { verification } from './verification.ts';

/** Options of `createScp`: the services, the peers that are accepted, and the limits. */
export interface ScpOptions
  extends Omit<LocalOptions, 'timeouts'>,
    Omit<SessionOptions, 'timeouts'>,
    AssociationLimitOptions,
    ConnectionLimitOptions,
    TransportAcceptorOptions,
    Pick<ListenOptions, 'maximumPendingConnections' | 'strict'> {
  /** The AE title of this SCP. Associations that call another one are rejected, unless `accept` decides otherwise. */
  readonly aeTitle: string;
  /** The services that are provided, and Verification. */
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
   * Decides whether to accept an association: `true`, `false`, or a rejection with its reason. Default: associations that
   * call `aeTitle` are accepted.
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
  readonly timeouts?: Partial<SessionTimeouts> & LocalOptions['timeouts'];
}

/** Events of an SCP. They only inform: the SCP works without listeners. */
export interface ScpEvents {
  session: [session: Session];
  /** A handler of one of the sessions threw an error other than DimseError: see `SessionEvents.handlerError`. */
  handlerError: [...SessionEvents['handlerError'], session: Session];
  /** The first data set of an association that could not be decoded: see `SessionEvents.undecodable`. */
  undecodable: [...SessionEvents['undecodable'], session: Session];
  /**
   * A connection or association failed. The peer was informed if that was possible. If there is no listener, and the error is one
   * of a function of the program, such as `accept`, the process emits a warning named `ListenerError`.
   */
  failed: [error: unknown, connection?: UpperLayerConnection];
}

/** Makes a service class provider. It accepts associations after `listen`. @throws OptionError for options that it does not have. */
export function createScp(options: ScpOptions): Scp {
  return new Scp(options);
}

/** A service class provider, made by `createScp`. Disposing of it closes it and aborts its associations. */
export class Scp extends WatchedEmitter<ScpEvents> implements AsyncDisposable {
  readonly #options: ScpOptions;
  readonly #services: readonly Service[];
  readonly #verifyIdentity: AcceptorRules['verifyIdentity'];
  readonly #listeners = new Set<Listener>();

  constructor(options: ScpOptions) {
    super();
    checkOptions<ScpOptions>(SCP_OPTIONS, options);
    this.#options = options;
    this.#services = withVerification(options);
    const { verifyIdentity } = options;
    // Once, because the bounds of the checks hold for all requests.
    this.#verifyIdentity = verifyIdentity && limitIdentityChecks(verifyIdentity);
  }

  /** Listens at a TCP address or on another transport. Call it again for further ones. @throws OptionError; the error of the system, such as EADDRINUSE. */
  async listen(address: ListenAddress | TransportServer): Promise<Listener> {
    if (!('listen' in address)) checkOptions(SCP_ADDRESS, address);
    const listener = new Listener(this.#listenOptions());
    listener.on('failed', (error, connection) => {
      if (!this.emit('failed', error, connection)) warnOfMistake(error);
    });
    await listener.open(address);
    this.#listeners.add(listener);
    return listener;
  }

  /** Stops listening. Associations may finish within `drain` milliseconds (default 0); then they are aborted. */
  async close(options?: { readonly drain?: number }): Promise<DrainReport> {
    checkOptions(SCP_CLOSE_OPTIONS, options);
    const reports = await Promise.all([...this.#listeners].map((listener) => listener.close(options)));
    this.#listeners.clear();
    return reports.reduce(
      (sum, { finished, aborted, duration }) => ({
        finished: sum.finished + finished,
        aborted: sum.aborted + aborted,
        duration: Math.max(sum.duration, duration),
      }),
      { finished: 0, aborted: 0, duration: 0 },
    );
  }

  /** Replaces the certificates for new connections on all listeners: see `TlsServerOptions`. */
  reload(tls: TlsServerOptions): void {
    checkOptions(RELOAD_OPTIONS, tls);
    for (const listener of this.#listeners) listener.reload(tls);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #listenOptions(): ListenOptions {
    const options = this.#options;
    const sessionOptions = sessionOptionsOf(options);
    const settings = sessionSettings(sessionOptions);
    return {
      ...listenOptionsOf(options),
      decide: (request, connection) => this.#decide(request, connection),
      serve: async (association) => {
        const session = new Session(association, this.#services, sessionOptions, settings);
        session.on('handlerError', (error, request) => {
          const isHeard = this.emit('handlerError', error, request, session);
          if (!isHeard && session.listenerCount('handlerError') === 1) warnOfHandler(error, request, association);
        });
        session.on('undecodable', (error, request) => this.emit('undecodable', error, request, session));
        this.emit('session', session);
        await session.ended;
      },
    };
  }

  async #decide(request: AssociationRequest, connection: UpperLayerConnection): Promise<Decision> {
    const { aeTitle, accept: decide } = this.#options;
    const decided = decide ? await decide(request) : request.calledAeTitle === aeTitle || CALLED_AE_TITLE_UNKNOWN;
    if (decided !== true) return reject(decided || {});
    return decideBy(this.#rules())(request, connection);
  }

  #rules(): AcceptorRules {
    const { calls = [], asynchronousOperations } = this.#options;
    const verifyIdentity = this.#verifyIdentity;
    const { supportsRelated, codec } = this.#options;
    const { extendedNegotiation = (proposed) => answeredQueryOptions(this.#services, proposed) } = this.#options;
    return {
      supports: (uid) => supportOf(uid, this.#services, calls, codec),
      ...(asynchronousOperations && { asynchronousOperations }),
      ...(verifyIdentity && { verifyIdentity }),
      ...(supportsRelated && { supportsRelated }),
      extendedNegotiation,
    };
  }
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

/** The services of an SCP, with Verification unless it is switched off. */
function withVerification({ services, verification: isServed = true }: ScpOptions): readonly Service[] {
  const { uid } = verification.sopClasses.Verification;
  if (!isServed || serviceOf(services, uid)) return services;
  return [...services, serve(verification, { echo: () => Status.Success })];
}

/** The transfer syntaxes and roles that are accepted for a SOP class; undefined if it is not supported. */
export function supportOf(
  uid: string,
  services: readonly Service[],
  calls: readonly ServiceClass[],
  codec: DataSetCodec = standardDataSetCodec,
): SupportedContext | undefined {
  const service = serviceOf(services, uid);
  // A SOP class that a service takes beside those of the standard can be called as well.
  const isCalled = calls.some((called) => {
    const { otherSopClasses } = services.find(({ serviceClass }) => serviceClass === called) ?? {};
    return sopClassOf({ serviceClass: called, ...(otherSopClasses && { otherSopClasses }) }, uid);
  });
  if (!service && !isCalled) return undefined;
  const roles = service?.roles ?? { scu: service !== undefined, scp: false };
  return {
    transferSyntaxes:
      service?.transferSyntaxes ?? (!service || isStreamed(service.serviceClass) ? 'any' : codec.transferSyntaxes),
    roles: { scu: roles.scu, scp: roles.scp || isCalled },
  };
}

const SCP_CLOSE_OPTIONS: OptionTable<{ readonly drain?: number }> = { of: 'close', rules: { drain: aNumber } };

const CALLED_AE_TITLE_UNKNOWN: Rejection = {
  result: 1,
  source: 1,
  reason: UserRejectReason.CalledAeTitleNotRecognized,
};
