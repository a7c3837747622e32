// Associations as they come and go: those that are there, and the last that were.

import type { Association, UpperLayerConnection } from '@x/net';
import type { Rung } from './ladder.ts';
import { type AssociationView, type ContextView, LiveAssociation } from './live-association.ts';
import { RateMeter, type Rates } from './rates.ts';

/** What one who looks is told. */
export interface LiveChanges {
  /** That are new, have changed, or last. */
  readonly associations: readonly AssociationView[];
  /** That are no longer kept. */
  readonly gone: readonly string[];
  readonly rates: Rates;
  /** Of the association that was chosen. */
  readonly detail?: Detail;
}

export interface Detail {
  readonly contexts: readonly ContextView[];
  /** Rungs that are new or have grown, of the association and of those that serve it. */
  readonly ladders: Readonly<Record<string, readonly Rung[]>>;
}

export interface Watching {
  readonly detail: Detail | undefined;
  stop(): void;
}

/** Somebody who looks. */
interface Watcher {
  readonly chosen: string | undefined;
  /** How far the ladders were told. */
  readonly told: Map<string, number>;
  readonly changed: (changes: LiveChanges) => void;
}

/** Associations that have ended, and are kept. */
export const MOST_ENDED = 50;

export class LiveAssociations {
  readonly #all = new Map<string, LiveAssociation>();
  readonly #ended: string[] = [];
  readonly #watchers = new Set<Watcher>();
  #gone: string[] = [];
  /** Of those that have ended since the last time. */
  #justEnded: LiveAssociation[] = [];
  readonly #endedTraffic = { received: 0, sent: 0 };
  #meter: RateMeter | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** A connection of a peer's. */
  connection(connection: UpperLayerConnection): void {
    this.#add(connection, undefined);
  }

  /** A connection of ours: for an operation of a peer's, or to tell a peer of an event. */
  ownConnection(connection: UpperLayerConnection, parent?: Association): void {
    this.#add(connection, parent?.id);
  }

  /**
   * Calls back with what changes, several times a second, until stopped. `chosen` is the association whose contexts and
   * ladders are told: as they are now, then what is new.
   */
  watch(chosen: string | undefined, changed: (changes: LiveChanges) => void): Watching {
    const watcher: Watcher = { chosen, told: new Map(), changed };
    this.#watchers.add(watcher);
    if (this.#watchers.size === 1) this.#start();
    return {
      detail: this.#detail(chosen, watcher.told),
      stop: () => {
        if (this.#watchers.delete(watcher) && this.#watchers.size === 0) this.#stop();
      },
    };
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
    if (this.#watchers.size > 0) this.#justEnded.push(association);
    this.#ended.push(association.id);
    if (this.#ended.length > MOST_ENDED) this.#forget(this.#ended.shift() as string);
  }

  #forget(id: string): void {
    this.#all.delete(id);
    if (this.#watchers.size > 0) this.#gone.push(id);
  }

  #start(): void {
    this.#meter = new RateMeter(() => this.#traffic());
    this.#timer = setInterval(() => this.#tell(), INTERVAL);
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#meter?.[Symbol.dispose]();
    this.#gone = [];
    this.#justEnded = [];
  }

  #tell(): void {
    const lasting = [...this.#all.values()].filter(({ isOver }) => !isOver);
    const ended = this.#justEnded.filter(({ id }) => this.#all.has(id));
    const associations = [...lasting, ...ended].map((association) => association.view());
    const changes = { associations, gone: this.#gone, rates: (this.#meter as RateMeter).rates() };
    this.#gone = [];
    this.#justEnded = [];
    for (const { chosen, told, changed } of this.#watchers) {
      const detail = this.#detail(chosen, told);
      changed(detail ? { ...changes, detail } : changes);
    }
  }

  /** Of what was told already, nothing is told again. */
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
