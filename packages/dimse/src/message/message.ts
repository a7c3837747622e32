// DIMSE messages over an association: fragments become command sets and data, and the reverse (PS3.7 §6.3, PS3.8 Annex E).

import {
  AbortReason,
  AbortSource,
  type AcceptedContext,
  type Association,
  type DataSource,
  PduError,
  type PresentationDataValue,
} from '@x/net';
import { WatchedEmitter } from '@x/net/internal';
import { type CommandSet, CommandSetError, decodeCommandSet, encodeCommandSet } from './command-set.ts';
import { MessageData } from './message-data.ts';
import { C_CANCEL_RQ, RESPONSE } from './operations.ts';

/** A message as it is received. Its data must be read, or discarded, before the next message comes. */
export interface ReceivedMessage {
  readonly context: AcceptedContext;
  readonly command: CommandSet;
  /** There when the command says that a data set follows. */
  readonly data?: MessageData;
}

/** What is known of a message before its data. */
export type MessageHead = Pick<ReceivedMessage, 'context' | 'command'>;

/**
 * For watching only. What is received is told in this order: each PDU as it comes (`pdu` of the connection), `message`
 * when the command is known, `data` as its data are read, `complete` when all of it is there.
 */
export interface MessageEvents {
  /** A message was received (its command, at least) or is being sent. */
  message: [direction: 'sent' | 'received', message: MessageHead];
  /** Some of a received message's data were read: how many bytes so far, and whether these were the last. */
  data: [message: MessageHead, progress: { readonly length: number; readonly last: boolean }];
  /** The whole of a message was received, and its data read. */
  complete: [message: MessageHead];
}

/** How much is taken at once. */
export interface MessageLimits {
  /** Longest command set, in bytes. Default 64 KiB. */
  readonly maximumCommandLength?: number;
}

/**
 * Sends and receives any message by hand, commands nobody knows included. Sessions are built on it and have no other
 * way to the association.
 */
export class MessageExchange extends WatchedEmitter<MessageEvents> {
  readonly association: Association;
  readonly #maximumCommandLength: number;
  #data: MessageData | undefined;
  #isOver = false;
  #goOn: (() => void) | undefined;
  #waited = 0;
  #waitingSince: number | undefined;
  /** What `waited` was when the last fragment of a request of the peer's came. */
  lastRequestHeard = 0;

  constructor(association: Association, { maximumCommandLength = 64 * 1024 }: MessageLimits = {}) {
    super();
    this.association = association;
    this.#maximumCommandLength = maximumCommandLength;
    // Once, and not for each message: what waits for a promise is kept for as long as it has not settled.
    void association.closed.then(() => {
      this.#isOver = true;
      this.#goOn?.();
    });
  }

  /** Milliseconds spent waiting for the peer so far: a clock that stands while nobody reads here. */
  get waited(): number {
    return this.#waited + (this.#waitingSince === undefined ? 0 : performance.now() - this.#waitingSince);
  }

  /**
   * Sends a message; whether data follow is said in the command by what is given here. Settles when the transport has
   * taken all of it: see `Association.send` for what it throws.
   */
  send(
    contextId: number,
    command: Omit<CommandSet, 'hasDataSet'>,
    data?: DataSource,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    const context = this.association.contexts.get(contextId);
    const complete = { ...command, hasDataSet: data !== undefined };
    const bytes = encodeCommandSet(complete);
    if (context) this.emit('message', 'sent', { context, command: complete });
    return this.association.send(
      contextId,
      data === undefined ? { command: bytes } : { command: bytes, data },
      options,
    );
  }

  /**
   * Answers a request: what ties a response to it is taken from it, and may be given otherwise. `status` is that of the
   * response; see `send` for the rest.
   */
  respond(
    { context, command }: MessageHead,
    response: Partial<CommandSet> & { readonly status: number },
    data?: DataSource,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    const sopClass = command.affectedSopClassUid ?? command.requestedSopClassUid;
    const sopInstance = command.affectedSopInstanceUid ?? command.requestedSopInstanceUid;
    const complete = {
      ...(sopClass !== undefined && { affectedSopClassUid: sopClass }),
      ...(sopInstance !== undefined && { affectedSopInstanceUid: sopInstance }),
      ...(command.messageId !== undefined && { messageIdBeingRespondedTo: command.messageId }),
      commandField: command.commandField | RESPONSE,
      ...response,
    };
    return this.send(context.id, complete, data, options);
  }

  /** C-CANCEL-RQ for a request of ours: its message ID, and the presentation context it was sent on. */
  cancel(contextId: number, messageId: number): Promise<void> {
    return this.send(contextId, { commandField: C_CANCEL_RQ, messageIdBeingRespondedTo: messageId });
  }

  /**
   * The next message, once the data of the last one have been read; undefined when the association was released.
   * @throws AssociationAbortedError, ConnectionLostError. Fragments in an order the standard does not allow, and
   * command sets that are none, abort the association.
   */
  async next(): Promise<ReceivedMessage | undefined> {
    if (this.#data) await this.#endOf(this.#data);
    this.#data = undefined;
    const first = await this.#nextValue();
    if (!first) return undefined;
    const context = this.association.contexts.get(first.contextId) as AcceptedContext;
    const command = await this.#command(first);
    const isRequest = (command.commandField & RESPONSE) === 0;
    if (isRequest) this.lastRequestHeard = this.#waited;
    const head = { context, command };
    this.emit('message', 'received', head);
    if (!command.hasDataSet) {
      this.emit('complete', head);
      return head;
    }
    this.#data = new MessageData(
      () => this.#dataValue(first.contextId, isRequest),
      (length, last) => {
        this.emit('data', head, { length, last });
        if (last) this.emit('complete', head);
      },
    );
    return { context, command, data: this.#data };
  }

  /** Messages as they come: see `next`. */
  async *messages(): AsyncGenerator<ReceivedMessage, void, undefined> {
    for (let message = await this.next(); message; message = await this.next()) yield message;
  }

  /** Whoever has the data may never read them; the end of the association is not to be missed for that. */
  async #endOf({ ended }: MessageData): Promise<void> {
    if (this.#isOver) return;
    await new Promise<void>((resolve) => {
      this.#goOn = resolve;
      void ended.then(resolve);
    });
  }

  async #command(first: PresentationDataValue): Promise<CommandSet> {
    const parts: Uint8Array[] = [];
    let length = 0;
    for (let value: PresentationDataValue | undefined = first; ; value = await this.#nextValue()) {
      if (value?.kind !== 'command' || value.contextId !== first.contextId)
        return this.#broken(value ? `a ${value.kind} fragment came where a command was due` : 'a command broke off');
      for (const part of value.fragments) {
        parts.push(part);
        length += part.length;
      }
      if (length > this.#maximumCommandLength)
        return this.#broken(`a command set has more than ${this.#maximumCommandLength} bytes`);
      if (value.last) break;
    }
    try {
      return decodeCommandSet(parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts));
    } catch (error) {
      if (error instanceof CommandSetError) return this.#broken(`a command set cannot be read: ${error.message}`);
      throw error;
    }
  }

  async #nextValue(): Promise<PresentationDataValue | undefined> {
    this.#waitingSince = performance.now();
    try {
      return await this.association.nextValue();
    } finally {
      this.#waited = this.waited;
      this.#waitingSince = undefined;
    }
  }

  async #dataValue(contextId: number, isOfRequest: boolean): Promise<PresentationDataValue> {
    const value = await this.#nextValue();
    if (isOfRequest) this.lastRequestHeard = this.#waited;
    if (value?.kind !== 'data' || value.contextId !== contextId)
      return this.#broken(value ? `a ${value.kind} fragment came where data were due` : 'a data set broke off');
    return value;
  }

  /** Aborts; never returns. */
  async #broken(what: string): Promise<never> {
    const cause = new PduError('unexpected-parameter', what, ['P-DATA-TF']);
    this.association.connection.abort({
      source: AbortSource.ServiceProvider,
      reason: AbortReason.UnexpectedPduParameter,
      cause,
    });
    const { error } = await this.association.closed;
    throw error ?? cause;
  }
}
