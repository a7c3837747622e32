// Associations as they come and go. What they say is looked at only while somebody looks.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Writable } from 'node:stream';
import { OPERATION_END, type OperationEnd, type Session, uidName } from '@x/dimse';
import {
  type Association,
  ConversationCapture,
  describeContextResult,
  type Pdu,
  summarizePdu,
  type UpperLayerConnection,
} from '@x/net';
import { Ladder, type Rung } from './ladder.ts';

/** An association, or what was to become one, as a page shows it. */
export interface AssociationView {
  readonly id: string;
  /** For an association of ours: the one whose C-MOVE it serves. */
  readonly parent?: string;
  readonly calling: string;
  readonly called: string;
  readonly address: string;
  /** Milliseconds of the clock. */
  readonly begun: number;
  readonly ended?: number;
  readonly state: string;
  /** How it ended, in words. */
  readonly end?: string;
  readonly contexts: readonly ContextView[];
  readonly received: number;
  readonly sent: number;
}

export interface ContextView {
  readonly id: number;
  readonly abstractSyntax: string;
  readonly transferSyntax?: string;
  readonly refused?: string;
}

/** What changed since the last time. */
export interface LiveChanges {
  readonly associations: readonly AssociationView[];
  readonly ladders: Readonly<Record<string, readonly Rung[]>>;
  readonly gone: readonly string[];
  readonly rates: Rates;
}

export interface Rates {
  /** Bytes a second. */
  readonly received: number;
  readonly sent: number;
  /** Operations that ended, a second. */
  readonly operations: number;
  /** Milliseconds: the median, and what 95 of 100 stay below. */
  readonly median: number;
  readonly slow: number;
}

interface Live {
  readonly connection: UpperLayerConnection;
  readonly ladder: Ladder;
  readonly begun: number;
  readonly parent: string | undefined;
  readonly recording: Recording;
  calling: string;
  called: string;
  contexts: readonly ContextView[];
  ended?: number;
  end?: string;
  told: number;
  isChanged: boolean;
  stopWatching?: () => void;
}

export class LiveAssociations {
  readonly #all = new Map<string, Live>();
  readonly #watchers = new Set<(changes: LiveChanges) => void>();
  #gone: string[] = [];
  #durations: number[] = [];
  #traffic = { received: 0, sent: 0, at: 0 };
  readonly #ended = { received: 0, sent: 0 };
  #timer: NodeJS.Timeout | undefined;
  readonly #operationEnded = (message: unknown) => {
    if (this.#durations.length < MOST_DURATIONS) this.#durations.push((message as OperationEnd).duration);
  };

  /** A connection of a peer's. */
  connection(connection: UpperLayerConnection): void {
    this.#add(connection, undefined);
  }

  session({ association }: Session): void {
    const live = this.#all.get(association.id);
    if (live) this.#established(live, association);
  }

  /** A connection of ours: for an operation of a peer's, or to tell a peer of an event. */
  ownConnection(connection: UpperLayerConnection, parent?: Association): void {
    this.#add(connection, parent?.id);
  }

  /** Calls back with what changes, several times a second, until what it gives is called. */
  watch(changed: (changes: LiveChanges) => void): () => void {
    this.#watchers.add(changed);
    if (this.#watchers.size === 1) this.#startWatching();
    return () => {
      this.#watchers.delete(changed);
      if (this.#watchers.size === 0) this.#stopWatching();
    };
  }

  views(): readonly AssociationView[] {
    return [...this.#all.values()].map(viewOf);
  }

  ladder(id: string): readonly Rung[] | undefined {
    return this.#all.get(id)?.ladder.rungs;
  }

  /** What was said while somebody looked, data sets left out, as pcapng. */
  capture(id: string): Uint8Array | undefined {
    return this.#all.get(id)?.recording.bytes();
  }

  #add(connection: UpperLayerConnection, parent: string | undefined): void {
    const live: Live = {
      connection,
      parent,
      ladder: new Ladder(),
      recording: new Recording(),
      begun: Date.now(),
      calling: '',
      called: '',
      contexts: [],
      told: 0,
      isChanged: true,
    };
    this.#all.set(connection.id, live);
    const negotiated = (direction: 'sent' | 'received', pdu: Pdu) => {
      // While somebody looks, all of it is noted anyway.
      if (!live.stopWatching) this.#note(live, direction, pdu);
      this.#negotiated(live, pdu);
      if (/^A-ASSOCIATE-(?:AC|RJ)$/.test(pdu.type)) connection.off('pdu', negotiated);
    };
    connection.on('pdu', negotiated);
    if (this.#watchers.size > 0) this.#watchOne(live);
    void connection.closed.then(({ how, by, error }) => {
      live.ended = Date.now();
      live.end ??= error?.message ?? `${how} by ${by === 'peer' ? 'the peer' : 'us'}`;
      live.isChanged = true;
      this.#ended.received += connection.traffic.bytesReceived;
      this.#ended.sent += connection.traffic.bytesSent;
      // What is said last is said after it has closed.
      void connection.disconnected.then(() => live.stopWatching?.());
      this.#forgetOldest();
    });
  }

  #negotiated(live: Live, pdu: Pdu): void {
    live.isChanged = true;
    if (pdu.type === 'A-ASSOCIATE-RQ') {
      live.calling = pdu.callingAeTitle;
      live.called = pdu.calledAeTitle;
      live.contexts = pdu.presentationContexts.map(({ id, abstractSyntax }) => ({
        id,
        abstractSyntax: uidName(abstractSyntax),
      }));
    } else if (pdu.type === 'A-ASSOCIATE-RJ') live.end = summarizePdu(pdu);
    else if (pdu.type === 'A-ASSOCIATE-AC') {
      const answers = new Map(pdu.presentationContexts.map((answer) => [answer.id, answer]));
      live.contexts = live.contexts.map((context) => {
        const answer = answers.get(context.id);
        if (!answer) return { ...context, refused: 'not answered' };
        const { result, transferSyntax = '' } = answer as { result: number; transferSyntax?: string };
        return result === 0
          ? { ...context, transferSyntax: uidName(transferSyntax) }
          : { ...context, refused: describeContextResult(result) };
      });
    }
  }

  #established(live: Live, { callingAeTitle, calledAeTitle }: Association): void {
    live.calling = callingAeTitle;
    live.called = calledAeTitle;
    live.isChanged = true;
  }

  #note(live: Live, direction: 'sent' | 'received', pdu: Pdu): void {
    const isRequestors = (live.connection.role === 'requestor') === (direction === 'sent');
    live.ladder.add(isRequestors ? 'requestor' : 'acceptor', pdu);
  }

  #startWatching(): void {
    for (const live of this.#all.values()) if (live.ended === undefined) this.#watchOne(live);
    subscribe(OPERATION_END, this.#operationEnded);
    this.#traffic = { ...this.#bytes(), at: performance.now() };
    this.#timer = setInterval(() => this.#tell(), INTERVAL);
  }

  #stopWatching(): void {
    clearInterval(this.#timer);
    unsubscribe(OPERATION_END, this.#operationEnded);
    this.#durations = [];
    for (const live of this.#all.values()) live.stopWatching?.();
  }

  #watchOne(live: Live): void {
    const noted = (direction: 'sent' | 'received', pdu: Pdu) => this.#note(live, direction, pdu);
    live.connection.on('pdu', noted);
    const stopRecording = live.recording.watch(live.connection);
    live.stopWatching = () => {
      live.connection.off('pdu', noted);
      stopRecording();
      delete live.stopWatching;
    };
  }

  #tell(): void {
    const changed: AssociationView[] = [];
    const ladders: Record<string, readonly Rung[]> = {};
    for (const live of this.#all.values()) {
      if (live.isChanged || live.ended === undefined) changed.push(viewOf(live));
      live.isChanged = false;
      const { ladder } = live;
      const rungs = ladder.since(live.told);
      // The last one may have grown.
      if (rungs.length > 0 && (ladder.last > live.told || rungs.at(-1)?.kind === 'data'))
        ladders[live.connection.id] = rungs;
      live.told = ladder.last;
    }
    const changes = { associations: changed, ladders, gone: this.#gone, rates: this.#rates() };
    this.#gone = [];
    for (const watcher of this.#watchers) watcher(changes);
  }

  #rates(): Rates {
    const now = { ...this.#bytes(), at: performance.now() };
    const { received, sent, at } = this.#traffic;
    const seconds = Math.max((now.at - at) / 1000, 0.001);
    this.#traffic = now;
    const durations = this.#durations.sort((one, other) => one - other);
    this.#durations = [];
    const quantile = (share: number) =>
      durations[Math.min(Math.floor(durations.length * share), durations.length - 1)] ?? 0;
    return {
      received: (now.received - received) / seconds,
      sent: (now.sent - sent) / seconds,
      operations: durations.length / seconds,
      median: quantile(0.5),
      slow: quantile(0.95),
    };
  }

  #bytes(): { received: number; sent: number } {
    let { received, sent } = this.#ended;
    for (const { connection, ended } of this.#all.values()) {
      if (ended !== undefined) continue;
      received += connection.traffic.bytesReceived;
      sent += connection.traffic.bytesSent;
    }
    return { received, sent };
  }

  #forgetOldest(): void {
    const ended = [...this.#all].filter(([, live]) => live.ended !== undefined);
    for (const [id] of ended.slice(0, Math.max(ended.length - MOST_ENDED, 0))) {
      this.#all.delete(id);
      if (this.#watchers.size > 0) this.#gone.push(id);
    }
  }
}

const INTERVAL = 250;
const MOST_ENDED = 50;
const MOST_DURATIONS = 10_000;

function viewOf({ connection, parent, calling, called, begun, ended, end, contexts }: Live): AssociationView {
  const { bytesReceived: received, bytesSent: sent } = connection.traffic;
  const { address = '', port } = connection.peer;
  return {
    id: connection.id,
    ...(parent !== undefined && { parent }),
    calling,
    called,
    address: port === undefined ? address : `${address}:${port}`,
    begun,
    ...(ended !== undefined && { ended }),
    state: ended === undefined ? connection.state : 'ended',
    ...(end !== undefined && { end }),
    contexts,
    received,
    sent,
  };
}

/** A capture in memory, of bounded length. */
class Recording {
  readonly #parts: Uint8Array[] = [];
  #length = 0;
  #capture: ConversationCapture | undefined;
  #stop: (() => void) | undefined;

  watch(connection: UpperLayerConnection): () => void {
    this.#capture ??= new ConversationCapture(
      new Writable({
        write: (part: Uint8Array, _encoding, done) => {
          if (this.#length + part.length <= LONGEST_RECORDING) {
            this.#parts.push(part);
            this.#length += part.length;
          } else this.#stop?.();
          done();
        },
      }),
      { mask: true },
    );
    const stop = this.#capture.watch(connection);
    this.#stop = stop;
    return stop;
  }

  bytes(): Uint8Array | undefined {
    return this.#parts.length > 0 ? Buffer.concat(this.#parts) : undefined;
  }
}

/** Bytes for each association. */
const LONGEST_RECORDING = 1024 * 1024;
