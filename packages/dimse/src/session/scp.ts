// A service class provider: listens, accepts what its services cover, and runs a session on each association.

import {
  type AcceptorRules,
  type AssociationRequest,
  type Decision,
  type DrainReport,
  decideBy,
  type ListenAddress,
  Listener,
  type ListenOptions,
  type LocalOptions,
  type Rejection,
  reject,
  type SupportedContext,
  type TlsServerOptions,
  type UpperLayerConnection,
  UserRejectReason,
} from '@x/net';
import { type AssociationLimitOptions, type TransportAcceptorOptions, WatchedEmitter } from '@x/net/internal';
import { type DataSetCodec, standardDataSetCodec } from '../data-set/dataset.ts';
import { isStreamed, type Service, type ServiceClass, serviceOf, sopClassOf } from './service-class.ts';
import { Session } from './session.ts';
import type { SessionOptions, SessionTimeouts } from './session-options.ts';

/** What an SCP provides, to whom, and within which limits. */
export interface ScpOptions
  extends Omit<LocalOptions, 'timeouts'>,
    Omit<SessionOptions, 'timeouts'>,
    AssociationLimitOptions,
    TransportAcceptorOptions,
    Pick<ListenOptions, 'maximumPendingConnections'> {
  /** Our AE title. An association that calls another is rejected, unless `accept` decides otherwise. */
  readonly aeTitle: string;
  /** What is performed. */
  readonly services: readonly Service[];
  /** What we call ourselves on the associations of others: storage, to answer C-GET. */
  readonly calls?: readonly ServiceClass[];
  /**
   * Whether to accept an association: yes, no, or how to reject it. May take its time. Default: whoever calls our AE
   * title.
   */
  readonly accept?: (request: AssociationRequest) => boolean | Rejection | Promise<boolean | Rejection>;
  /** Verifies the user identity of those whom `accept` has let pass; by default it is ignored. */
  readonly verifyIdentity?: AcceptorRules['verifyIdentity'];
  /** Accepts SOP classes that no service knows, by what common extended negotiation says of them. */
  readonly supportsRelated?: AcceptorRules['supportsRelated'];
  /** The answer to SOP class extended negotiation. Default none. */
  readonly extendedNegotiation?: AcceptorRules['extendedNegotiation'];
  /** The window to grant to those who propose one: operations they may invoke at once, and those they perform. */
  readonly asynchronousOperations?: { readonly invoked: number; readonly performed: number };
  readonly timeouts?: Partial<SessionTimeouts> & LocalOptions['timeouts'];
}

/** For watching only: nothing depends on a listener. */
export interface ScpEvents {
  session: [session: Session];
  /** A connection or association failed; the peer was told, where that was possible. */
  failed: [error: unknown, connection?: UpperLayerConnection];
}

/** A service class provider; it accepts associations once it was told to `listen`. */
export function createScp(options: ScpOptions): Scp {
  return new Scp(options);
}

/** Made by `createScp`. Disposing of it closes it, and aborts what is under way. */
export class Scp extends WatchedEmitter<ScpEvents> implements AsyncDisposable {
  readonly #options: ScpOptions;
  readonly #listeners = new Set<Listener>();

  constructor(options: ScpOptions) {
    super();
    this.#options = options;
  }

  /** Listens at an address; it may listen at several. @throws the system's error, such as EADDRINUSE. */
  async listen(address: ListenAddress): Promise<Listener> {
    const listener = new Listener(this.#listenOptions());
    listener.on('failed', (error, connection) => this.emit('failed', error, connection));
    await listener.open(address);
    this.#listeners.add(listener);
    return listener;
  }

  /** Stops listening; running associations may finish for `drain` milliseconds (default 0), then they are aborted. */
  async close(options: { readonly drain?: number } = {}): Promise<DrainReport> {
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

  /** New certificates for the connections to come, on all listeners: see `TlsServerOptions`. */
  reload(tls: TlsServerOptions): void {
    for (const listener of this.#listeners) listener.reload(tls);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #listenOptions(): ListenOptions {
    const options = this.#options;
    return {
      ...(options as LocalOptions & AssociationLimitOptions & TransportAcceptorOptions),
      decide: (request, connection) => this.#decide(request, connection),
      serve: async (association) => {
        const session = new Session(association, options.services, options as SessionOptions);
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
    const { services, calls = [], asynchronousOperations, verifyIdentity } = this.#options;
    const { supportsRelated, extendedNegotiation, codec } = this.#options;
    return {
      supports: (uid) => supportOf(uid, services, calls, codec),
      ...(asynchronousOperations && { asynchronousOperations }),
      ...(verifyIdentity && { verifyIdentity }),
      ...(supportsRelated && { supportsRelated }),
      ...(extendedNegotiation && { extendedNegotiation }),
    };
  }
}

/** What of a SOP class is supported: as provider, as user on the peer's association, or both. */
export function supportOf(
  uid: string,
  services: readonly Service[],
  calls: readonly ServiceClass[],
  codec: DataSetCodec = standardDataSetCodec,
): SupportedContext | undefined {
  const service = serviceOf(services, uid);
  const isCalled = calls.some((serviceClass) => sopClassOf({ serviceClass }, uid));
  if (!service && !isCalled) return undefined;
  const roles = service?.roles ?? { scu: service !== undefined, scp: false };
  return {
    transferSyntaxes:
      service?.transferSyntaxes ?? (!service || isStreamed(service.serviceClass) ? 'any' : codec.transferSyntaxes),
    roles: { scu: roles.scu, scp: roles.scp || isCalled },
  };
}

const CALLED_AE_TITLE_UNKNOWN: Rejection = {
  result: 1,
  source: 1,
  reason: UserRejectReason.CalledAeTitleNotRecognized,
};
