// A service class provider: it listens, accepts associations for its services, and runs a session on each of them.

import {
  type Association,
  type Decide,
  type DrainReport,
  type ListenAddress,
  Listener,
  type ListenOptions,
  type LocalOptions,
  type Rejection,
  reject,
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
import {
  type ApplicationEntity,
  type CalledApplicationEntity,
  ServedEntity,
  withLimitedChecks,
} from './application-entity.ts';
import { ENTITIES_OPTIONS, listenOptionsOf, SCP_ADDRESS, SCP_OPTIONS } from './option-tables.ts';
import { Session, type SessionEvents, warnOfHandler } from './session.ts';
import type { SessionTimeouts } from './session-options.ts';

/** The limits of the listeners of an SCP, for all of its application entities. */
export interface ScpListenerOptions
  extends Omit<LocalOptions, 'timeouts'>,
    AssociationLimitOptions,
    ConnectionLimitOptions,
    TransportAcceptorOptions,
    Pick<ListenOptions, 'maximumPendingConnections' | 'strict'> {
  /** Milliseconds by name; those left out have their defaults. */
  readonly timeouts?: Partial<SessionTimeouts> & LocalOptions['timeouts'];
}

/** Options of `createScp`: the services, the peers that are accepted, and the limits. */
export interface ScpOptions extends ScpListenerOptions, Omit<ApplicationEntity, 'timeouts'> {
  /** The AE title of this SCP. Associations that call another one are rejected, unless `accept` decides otherwise. */
  readonly aeTitle: string;
}

/** Options of `createScp` for several AE titles. Options that an application entity does not have are taken from the others here. */
export interface ScpOfEntitiesOptions
  extends ScpListenerOptions,
    Partial<Omit<ApplicationEntity, 'timeouts' | 'services'>> {
  /**
   * The application entities by their AE titles, at least one. Which of them serves an association is decided once, by the
   * called AE title of its request. An association that calls another title is rejected (1, 1, 7), before `accept` is asked.
   */
  readonly applicationEntities: Readonly<Record<string, CalledApplicationEntity>>;
}

/** Events of an SCP. They only inform: the SCP works without listeners. */
export interface ScpEvents {
  /** An association was accepted. */
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
export function createScp(options: ScpOptions | ScpOfEntitiesOptions): Scp {
  return new Scp(options);
}

/** A service class provider, made by `createScp`. Disposing of it closes it and aborts its associations. */
export class Scp extends WatchedEmitter<ScpEvents> implements AsyncDisposable {
  readonly #listenOptions: Omit<ListenOptions, 'decide' | 'serve'>;
  readonly #entityOf: (calledAeTitle: string) => ServedEntity | undefined;
  readonly #listeners = new Set<Listener>();

  constructor(options: ScpOptions | ScpOfEntitiesOptions) {
    super();
    if (isOfEntities(options)) checkOptions<ScpOfEntitiesOptions>(ENTITIES_OPTIONS, options);
    else checkOptions<ScpOptions>(SCP_OPTIONS, options);
    this.#listenOptions = listenOptionsOf(options);
    this.#entityOf = isOfEntities(options) ? entitiesOf(options) : onlyEntityOf(options);
  }

  /** Listens at a TCP address or on another transport. Call it again for further ones. @throws OptionError; the error of the system, such as EADDRINUSE. */
  async listen(address: ListenAddress | TransportServer): Promise<Listener> {
    if (!('listen' in address)) checkOptions(SCP_ADDRESS, address);
    const listener = new Listener({ ...this.#listenOptions, decide: this.#decide, serve: this.#serve });
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

  readonly #decide: Decide = (request, connection) =>
    this.#entityOf(request.calledAeTitle)?.decide(request, connection) ?? reject(CALLED_AE_TITLE_UNKNOWN);

  readonly #serve = async (association: Association): Promise<void> => {
    const entity = this.#entityOf(association.calledAeTitle);
    // The decision found it.
    if (!entity) throw new TypeError(`the AE title ${association.calledAeTitle} is unknown`);
    const session = new Session(association, entity.services, entity.sessionOptions, entity.settings);
    session.on('handlerError', (error, request) => {
      const isHeard = this.emit('handlerError', error, request, session);
      if (!isHeard && session.listenerCount('handlerError') === 1) warnOfHandler(error, request, association);
    });
    session.on('undecodable', (error, request) => this.emit('undecodable', error, request, session));
    this.emit('session', session);
    await session.ended;
  };
}

function isOfEntities(options: ScpOptions | ScpOfEntitiesOptions): options is ScpOfEntitiesOptions {
  return (options as ScpOfEntitiesOptions | undefined)?.applicationEntities !== undefined;
}

/** The one entity, for its own AE title, or for every title if `accept` decides. */
function onlyEntityOf(options: ScpOptions): (calledAeTitle: string) => ServedEntity | undefined {
  const { maximumAssociations: _, ...entity } = options;
  const served = new ServedEntity(entity);
  return (calledAeTitle) => (options.accept || calledAeTitle === options.aeTitle ? served : undefined);
}

function entitiesOf(options: ScpOfEntitiesOptions): (calledAeTitle: string) => ServedEntity | undefined {
  const { applicationEntities, maximumAssociations: _, ...shared } = options;
  const ofAll = withLimitedChecks(shared);
  const entries = Object.entries(applicationEntities).map(([aeTitle, entity]) => {
    const timeouts = { ...shared.timeouts, ...entity.timeouts };
    return [aeTitle, new ServedEntity({ ...ofAll, ...entity, timeouts })] as const;
  });
  const served = new Map(entries);
  return (calledAeTitle) => served.get(calledAeTitle);
}

const SCP_CLOSE_OPTIONS: OptionTable<{ readonly drain?: number }> = { of: 'close', rules: { drain: aNumber } };

const CALLED_AE_TITLE_UNKNOWN: Rejection = {
  result: 1,
  source: 1,
  reason: UserRejectReason.CalledAeTitleNotRecognized,
};
