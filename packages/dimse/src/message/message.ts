// DIMSE messages over an association: command sets and data to and from fragments (PS3.7 §6.3, PS3.8 Annex E).

import {
  AbortReason,
  AbortSource,
  type AcceptedContext,
  type Association,
  type DataSource,
  type OutgoingMessage,
  PduError,
  type PresentationDataValue,
} from '@x/net';
import { WatchedEmitter } from '@x/net/internal';
import { aNumber, checkOptions, type OptionTable } from '@x/pdu/internal';
import { CollectedBytes } from '../collected-bytes.ts';
import { type CommandSet, CommandSetError, encodeCommandSet } from './command-set.ts';
import { MessageData } from './message-data.ts';
import { C_CANCEL_RQ, RESPONSE } from './operations.ts';
import { ReceivedCommands, ResponseCommands, type ResponseElements, responseTo } from './response-commands.ts';

/** A received message. Its data must be read or discarded before the next message can be received. */
export interface ReceivedMessage {
  /** The presentation context on which it arrived. */
  readonly context: AcceptedContext;
  /** The decoded command set. */
  readonly command: CommandSet;
  /** The length of the command set in bytes. */
  readonly commandLength: number;
  /** Present if the command announces a data set. */
  readonly data?: MessageData;
}

/** The part of a message that is known before its data. */
export type MessageHead = Pick<ReceivedMessage, 'context' | 'command'>;

/**
 * Events for observers. A received message is announced in this order: each PDU as it arrives (`pdu` of the connection),
 * `message` when the command is known, `data` as its data are read, `complete` when the whole message has been read.
 */
export interface MessageEvents {
  /** The command of a message was received, or a message is being sent. */
  message: [direction: 'sent' | 'received', message: MessageHead];
  /** Some data of a received message were read: `length` is the number of bytes so far, `last` is whether these were the last. */
  data: [message: MessageHead, progress: { readonly length: number; readonly last: boolean }];
  /** A whole message was received and its data were read. */
  complete: [message: MessageHead];
}

/** Limits for received messages. */
export interface MessageLimits {
  /** The maximum length of a command set in bytes. Default 64 KiB. */
  readonly maximumCommandLength?: number;
}

/**
 * Sends and receives single messages of any kind, including unknown commands. Sessions are built on it and reach the
 * association only through it.
 */
export class MessageExchange extends WatchedEmitter<MessageEvents> {
  /** The association under the messages. */
  readonly association: Association;
  readonly #maximumCommandLength: number;
  readonly #responses = new ResponseCommands();
  readonly #commands = new ReceivedCommands();
  #data: MessageData | undefined;
  #isOver = false;
  #goOn: (() => void) | undefined;
  #waited = 0;
  #waitingSince: number | undefined;
  /** The value of `waited` when the last fragment of a request from the peer arrived. */
  lastRequestHeard = 0;

  constructor(association: Association, limits?: MessageLimits) {
    super();
    const { maximumCommandLength = 64 * 1024 } = checkOptions(MESSAGE_LIMITS, limits);
    this.association = association;
    this.#maximumCommandLength = maximumCommandLength;
    // Registered once and not for each message: a pending promise keeps all its reactions in memory.
    void association.closed.then(() => {
      this.#isOver = true;
      this.#goOn?.();
    });
  }

  /** The time in milliseconds spent waiting for the peer so far. The clock stops while the caller is not reading. */
  get waited(): number {
    return this.#waited + (this.#waitingSince === undefined ? 0 : performance.now() - this.#waitingSince);
  }

  /**
   * Sends a message. The command announces a data set if `data` is given. Resolves when the transport has taken the whole
   * message; see `Association.send` for the `signal` and the errors.
   */
  send(
    contextId: number,
    command: Omit<CommandSet, 'hasDataSet'>,
    data?: DataSource,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    return this.association.send(contextId, this.#outgoing(contextId, command, data), options);
  }

  /** Sends a message: the same as `send`, but returns undefined if the transport has taken the whole message at once. */
  sendAtOnce(
    contextId: number,
    command: Omit<CommandSet, 'hasDataSet'>,
    data: DataSource | undefined,
  ): Promise<void> | undefined {
    return this.association.sendAtOnce(contextId, this.#outgoing(contextId, command, data));
  }

  #outgoing(contextId: number, command: Omit<CommandSet, 'hasDataSet'>, data: DataSource | undefined): OutgoingMessage {
    const context = this.association.contexts.get(contextId);
    const complete: CommandSet = Object.assign({}, command, { hasDataSet: data !== undefined });
    const bytes = encodeCommandSet(complete);
    if (context) this.emit('message', 'sent', { context, command: complete });
    return data === undefined ? { command: bytes } : { command: bytes, data };
  }

  /**
   * Sends the response to a request. The elements that tie a response to its request are copied from it, unless `response`
   * sets them; its `status` is required. See `send` for the `signal` and the errors.
   */
  respond(
    request: MessageHead,
    response: ResponseElements,
    data?: DataSource,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    return this.send(request.context.id, responseTo(request.command, response), data, options);
  }

  /** The same as `respond`, but returns undefined if the transport has taken the whole response at once. */
  respondAtOnce(
    { context, command: request }: MessageHead,
    response: ResponseElements,
    data?: DataSource,
  ): Promise<void> | undefined {
    const { command, bytes } = this.#responses.encode(request, response, data !== undefined);
    this.emit('message', 'sent', { context, command });
    return this.association.sendAtOnce(context.id, { command: bytes, ...(data !== undefined && { data }) });
  }

  /** Sends C-CANCEL-RQ for a request, given its message ID and the presentation context it was sent on. */
  cancel(contextId: number, messageId: number): Promise<void> {
    return this.send(contextId, { commandField: C_CANCEL_RQ, messageIdBeingRespondedTo: messageId });
  }

  /**
   * The next message. Resolves after the data of the last one have been read, with undefined if the association was
   * released. Fragments in an order that the standard does not allow and malformed command sets abort the association.
   * @throws AssociationAbortedError, ConnectionLostError.
   */
  async next(): Promise<ReceivedMessage | undefined> {
    if (this.#data && !this.#data.isEnded) await this.#endOf(this.#data);
    const first = await this.#nextValue();
    if (!first) return undefined;
    const { command, length } = await this.#command(first);
    return this.#received(first.contextId, command, length);
  }

  /** Whether a part of the next message, or of the data of this one, has arrived. */
  get hasArrived(): boolean {
    return this.association.receivedValue(0) !== undefined;
  }

  /** The next message, if its command has arrived and the data of the last one have been read: `next` without a promise. */
  take(): ReceivedMessage | undefined {
    if (this.#data && !this.#data.isEnded) return undefined;
    const first = this.association.receivedValue(0);
    // A command in several fragments is rare.
    if (first?.kind !== 'command' || !first.last || !this.association.contexts.has(first.contextId)) return undefined;
    const bytes = first.fragments.length === 1 ? (first.fragments[0] as Uint8Array) : Buffer.concat(first.fragments);
    if (bytes.length > this.#maximumCommandLength) return undefined;
    let command: CommandSet;
    try {
      command = this.#commands.decode(bytes);
    } catch {
      // `next` reports it.
      return undefined;
    }
    this.association.takeValue();
    return this.#received(first.contextId, command, bytes.length);
  }

  #received(contextId: number, command: CommandSet, commandLength: number): ReceivedMessage {
    const context = this.association.contexts.get(contextId) as AcceptedContext;
    const isRequest = (command.commandField & RESPONSE) === 0;
    if (isRequest) this.lastRequestHeard = this.#waited;
    const head = { context, command };
    this.emit('message', 'received', head);
    this.#data = undefined;
    if (!command.hasDataSet) {
      this.emit('complete', head);
      return { context, command, commandLength };
    }
    this.association.expectData();
    this.#data = new MessageData(
      () => this.#dataValue(contextId, isRequest),
      (length, last) => {
        this.emit('data', head, { length, last });
        if (last) this.emit('complete', head);
      },
      {
        count: () => this.#countArrived(contextId),
        pull: () => {
          if (isRequest) this.lastRequestHeard = this.#waited;
          return this.association.takeValue() ?? this.#ended();
        },
      },
    );
    return { context, command, commandLength, data: this.#data };
  }

  /** The messages in the order of their arrival: see `next`. */
  async *messages(): AsyncGenerator<ReceivedMessage, void, undefined> {
    for (let message = await this.next(); message; message = await this.next()) yield message;
  }

  /** Waits until the data are read or the association has ended, because the data may never be read. */
  async #endOf(data: MessageData): Promise<void> {
    if (this.#isOver) return;
    await new Promise<void>((resolve) => {
      this.#goOn = resolve;
      data.whenEnded(resolve);
    });
  }

  async #command(first: PresentationDataValue): Promise<{ readonly command: CommandSet; readonly length: number }> {
    const collected = new CollectedBytes();
    for (let value: PresentationDataValue | undefined = first; ; value = await this.#nextValue()) {
      if (value?.kind !== 'command' || value.contextId !== first.contextId)
        return this.#broken(value ? `a ${value.kind} fragment came where a command was due` : 'a command broke off');
      for (const part of value.fragments) collected.push(part);
      if (collected.length > this.#maximumCommandLength)
        return this.#broken(`a command set has more than ${this.#maximumCommandLength} bytes`);
      if (value.last) break;
    }
    try {
      return { command: this.#commands.decode(collected.whole()), length: collected.length };
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

  /** The number of the next fragments up to the last one of a data set; 0 if it has not arrived, or comes after many. */
  #countArrived(contextId: number): number {
    for (let count = 1; count <= MOST_AT_HAND; count++) {
      const value = this.association.receivedValue(count - 1);
      if (value?.kind !== 'data' || value.contextId !== contextId) return 0;
      if (value.last) return count;
    }
    return 0;
  }

  /** @throws the error of the association, which a listener has ended while fragments that had arrived were taken. */
  #ended(): never {
    throw this.association.connection.ended?.error ?? new Error('the association has ended');
  }

  /** Aborts the association. Never resolves: rejects with the error of the association. */
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

const MOST_AT_HAND = 64;

const MESSAGE_LIMITS: OptionTable<MessageLimits> = {
  of: 'MessageExchange',
  rules: { maximumCommandLength: aNumber },
};
