// The open associations and the last ones that have ended, for the live page.

import type { Session } from '@x/dimse';
import type { Association, UpperLayerConnection } from '@x/net';
import type { Rung } from './ladder.ts';
import { type AssociationView, type ContextView, LiveAssociation } from './live-association.ts';
import { PeerHistory } from './peer-history.ts';
import { type History, RateHistory } from './rate-history.ts';
import { RateMeter, type Rates } from './rates.ts';

/** The changes that a watcher receives. */
export interface LiveChanges {
  /** Associations that are new, have changed, or are open. */
  readonly associations: readonly AssociationView[];
  /** The ids of associations that are no longer kept. */
  readonly gone: readonly string[];
  readonly rates: Rates;
  /** A new point of the last hour. */
  readonly point?: Rates;
  /** The contexts of the selected association. */
  readonly detail?: Detail;
}

export interface Detail {
  readonly contexts: readonly ContextView[];
  /** Rungs that are new or have grown, of the selected association and of those that serve it. */
  readonly ladders: Readonly<Record<string, readonly Rung[]>>;
}

export interface Watching {
  readonly detail: Detail | undefined;
  stop(): void;
}

/** An open live page. */
interface Watcher {
  readonly chosen: string | undefined;
  /** By association, the count of changes that has been sent. */
  readonly told: Map<string, number>;
  readonly changed: (changes: LiveChanges) => void;
}

/** The number of ended associations that are kept. */
export const MOST_ENDED = 50;

/** Samples rates from its creation until it is disposed of. */
export class LiveAssociations implements Disposable {
  readonly #all = new Map<string, LiveAssociation>();
  readonly #ended: string[] = [];
  readonly #watchers = new Set<Watcher>();
  #gone: string[] = [];
  /** Associations that have ended since the last update. */
  #justEnded: LiveAssociation[] = [];
  readonly #endedTraffic = { received: 0, sent: 0 };
  readonly #history = new RateHistory();
  readonly #meter = new RateMeter(() => this.#traffic());
  readonly #timer = setInterval(() => this.#tell(), INTERVAL).unref();
  /** The peers and the recent errors. */
  readonly peers = new PeerHistory();

  /** A peer has connected. */
  connection(connection: UpperLayerConnection): void {
    this.#add(connection, undefined);
  }

  session(session: Session): void {
    const { callingAeTitle, calledAeTitle } = session.association;
    const failed = (error: unknown) => this.peers.failed(`${callingAeTitle} → ${calledAeTitle}`, String(error));
    session.on('handlerError', failed).on('undecodable', failed);
  }

  /** The archive has connected to a peer: for an operation of another peer, or to report an event. */
  ownConnection(connection: UpperLayerConnection, parent?: Association): void {
    this.#add(connection, parent?.id);
  }

  /**
   * Calls back with the changes, several times a second, until it is stopped. Contexts and ladders are those of the
   * association `chosen`: first as they are now, then what is new.
   */
  watch(chosen: string | undefined, changed: (changes: LiveChanges) => void): Watching {
    const watcher: Watcher = { chosen, told: new Map(), changed };
    this.#watchers.add(watcher);
    return {
      detail: this.#detail(chosen, watcher.told),
      stop: () => {
        if (this.#watchers.delete(watcher) && this.#watchers.size === 0) this.#stop();
      },
    };
  }

  /** The rates of the last minute and of the last hour. */
  get history(): History {
    return this.#history.all;
  }

  get watchers(): number {
    return this.#watchers.size;
  }

  views(): readonly AssociationView[] {
    return [...this.#all.values()].map((association) => association.view());
  }

  get(id: string): LiveAssociation | undefined {
    return this.#all.get(id);
  }

  #add(connection: UpperLayerConnection, parent: string | undefined): void {
    const association = new LiveAssociation(connection, parent, () => this.#over(association));
    this.#all.set(connection.id, association);
  }

  #over(association: LiveAssociation): void {
    const { bytesReceived, bytesSent } = association.traffic;
    this.#endedTraffic.received += bytesReceived;
    this.#endedTraffic.sent += bytesSent;
    if (association.isProbe) {
      this.#forget(association.id);
      return;
    }
    this.peers.ended(association.view());
    if (this.#watchers.size > 0) this.#justEnded.push(association);
    this.#ended.push(association.id);
    if (this.#ended.length > MOST_ENDED) this.#forget(this.#ended.shift() as string);
  }

  #forget(id: string): void {
    this.#all.delete(id);
    if (this.#watchers.size > 0) this.#gone.push(id);
  }

  #stop(): void {
    this.#gone = [];
    this.#justEnded = [];
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#meter[Symbol.dispose]();
  }

  #tell(): void {
    const rates = this.#meter.rates();
    const point = this.#history.add(rates);
    if (this.#watchers.size === 0) return;
    const lasting = [...this.#all.values()].filter(({ isOver }) => !isOver);
    const ended = this.#justEnded.filter(({ id }) => this.#all.has(id));
    const associations = [...lasting, ...ended].map((association) => association.view());
    const changes = { associations, gone: this.#gone, rates, ...(point && { point }) };
    this.#gone = [];
    this.#justEnded = [];
    for (const { chosen, told, changed } of this.#watchers) {
      const detail = this.#detail(chosen, told);
      changed(detail ? { ...changes, detail } : changes);
    }
  }

  /** Nothing that has been sent is sent again. */
  #detail(chosen: string | undefined, told: Map<string, number>): Detail | undefined {
    const association = chosen === undefined ? undefined : this.#all.get(chosen);
    if (!association) return undefined;
    const ladders: Record<string, readonly Rung[]> = {};
    for (const { id, parent, ladder } of this.#all.values()) {
      if (id !== chosen && parent !== chosen) continue;
      const before = told.get(id);
      told.set(id, ladder.changes);
      if (before !== ladder.changes) ladders[id] = ladder.rungs(before);
    }
    return { contexts: association.contexts(), ladders };
  }

  #traffic(): { received: number; sent: number } {
    let { received, sent } = this.#endedTraffic;
    for (const { isOver, traffic } of this.#all.values()) {
      if (isOver) continue;
      received += traffic.bytesReceived;
      sent += traffic.bytesSent;
    }
    return { received, sent };
  }
}

const INTERVAL = 250;
