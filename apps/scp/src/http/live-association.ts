// An association as the live page shows it: its peer, its contexts, its ladder, its end.

import { uidName } from '@x/dimse';
import { describeContextResult, type Pdu, summarizePdu, type UpperLayerConnection } from '@x/net';
import { type Endpoint, encodeConversation } from '@x/net/capture';
import { Ladder } from './ladder.ts';

/** An association, or an attempt at one, as an entry of a list. */
export interface AssociationView {
  readonly id: string;
  /** If the archive requested the association: the id of the one whose C-MOVE it serves. */
  readonly parent?: string;
  /** Whether the archive requested it. */
  readonly isOurs: boolean;
  readonly calling: string;
  readonly called: string;
  readonly address: string;
  /** Milliseconds of the clock. */
  readonly begun: number;
  readonly ended?: number;
  readonly state: string;
  /** Its end, in words, and whether that was an error. */
  readonly end?: string;
  readonly isBad: boolean;
  readonly contexts: number;
  readonly refused: number;
  readonly received: number;
  readonly sent: number;
}

export interface ContextView {
  readonly id: number;
  readonly abstractSyntax: string;
  readonly transferSyntax?: string;
  readonly refused?: string;
}

interface Context {
  readonly id: number;
  readonly abstractSyntax: string;
  /** From the answer, once it arrived; absent for a context that was not answered. */
  readonly result?: number | 'none';
  readonly transferSyntax?: string;
}

export class LiveAssociation {
  readonly id: string;
  readonly parent: string | undefined;
  readonly ladder = new Ladder();
  readonly #isOurs: boolean;
  readonly #local: Endpoint;
  readonly #peer: Endpoint;
  readonly #begun = Date.now();
  /** Undefined after the end, so that the connection can be collected. */
  #connection: UpperLayerConnection | undefined;
  #calling = '';
  #called = '';
  #contexts: readonly Context[] = [];
  #traffic = { bytesReceived: 0, bytesSent: 0 };
  #ended:
    | { readonly at: number; readonly words: string; readonly isBad: boolean; readonly hasError: boolean }
    | undefined;
  #rejection: string | undefined;

  /** `ended` is called after the end, when the last PDU has been recorded. */
  constructor(connection: UpperLayerConnection, parent: string | undefined, ended: () => void) {
    this.id = connection.id;
    this.parent = parent;
    this.#connection = connection;
    this.#isOurs = connection.role === 'requestor';
    const { local, peer } = connection;
    this.#local = { address: local.address ?? '', port: local.port ?? 0 };
    this.#peer = { address: peer.address ?? '', port: peer.port ?? 0 };
    connection.on('pdu', (direction, pdu) => {
      this.ladder.add(this.#isOurs === (direction === 'sent'), pdu);
      if (pdu.type !== 'P-DATA-TF') this.#negotiated(pdu);
    });
    void connection.closed.then(({ how, by, error }) => {
      const words = this.#rejection ?? error?.message ?? `${how} by ${by === 'peer' ? 'the peer' : 'us'}`;
      this.#ended = { at: Date.now(), words, isBad: how !== 'released', hasError: error !== undefined };
    });
    void connection.disconnected.then(() => {
      this.#traffic = connection.traffic;
      this.#connection = undefined;
      ended();
    });
  }

  get isOver(): boolean {
    return this.#connection === undefined;
  }

  /** Whether the peer only checked that the port is open. */
  get isProbe(): boolean {
    return this.ladder.changes === 0 && !(this.#ended?.hasError ?? true);
  }

  get traffic(): { readonly bytesReceived: number; readonly bytesSent: number } {
    return this.#connection?.traffic ?? this.#traffic;
  }

  view(): AssociationView {
    const { bytesReceived: received, bytesSent: sent } = this.traffic;
    const { address, port } = this.#peer;
    const host = address.includes(':') ? `[${address}]` : address;
    return {
      id: this.id,
      ...(this.parent !== undefined && { parent: this.parent }),
      isOurs: this.#isOurs,
      calling: this.#calling,
      called: this.#called,
      address: port === 0 ? host : `${host}:${port}`,
      begun: this.#begun,
      ...(this.#ended && { ended: this.#ended.at, end: this.#ended.words }),
      isBad: this.#ended?.isBad ?? false,
      state: this.#ended || !this.#connection ? 'ended' : this.#connection.state,
      contexts: this.#contexts.length,
      refused: this.#contexts.filter(isRefused).length,
      received,
      sent,
    };
  }

  contexts(): readonly ContextView[] {
    return this.#contexts.map((context) => {
      const { id, transferSyntax, result } = context;
      const proposed = { id, abstractSyntax: uidName(context.abstractSyntax) };
      if (isRefused(context))
        return { ...proposed, refused: result === 'none' ? 'not answered' : describeContextResult(result as number) };
      return { ...proposed, ...(transferSyntax !== undefined && { transferSyntax: uidName(transferSyntax) }) };
    });
  }

  /** The record of the association as a capture file. */
  capture(): Iterable<Uint8Array> {
    const [requestor, acceptor] = this.#isOurs ? [this.#local, this.#peer] : [this.#peer, this.#local];
    return encodeConversation({ requestor, acceptor, name: this.id }, this.ladder.said());
  }

  #negotiated(pdu: Pdu): void {
    if (pdu.type === 'A-ASSOCIATE-RQ') {
      this.#calling = pdu.callingAeTitle;
      this.#called = pdu.calledAeTitle;
      this.#contexts = pdu.presentationContexts.map(({ id, abstractSyntax }) => ({ id, abstractSyntax }));
    } else if (pdu.type === 'A-ASSOCIATE-RJ')
      this.#rejection = summarizePdu(pdu).replace('A-ASSOCIATE-RJ', 'rejected:');
    else if (pdu.type === 'A-ASSOCIATE-AC') {
      const answers = new Map(pdu.presentationContexts.map((answer) => [answer.id, answer]));
      this.#contexts = this.#contexts.map((context) => {
        const { result, transferSyntax } = answers.get(context.id) ?? { result: 'none' as const };
        return { ...context, result, ...(transferSyntax !== undefined && { transferSyntax }) };
      });
    }
  }
}

function isRefused({ result }: Context): boolean {
  return result !== undefined && result !== 0;
}
