// The invoking side of a session: sends requests within the window and receives their responses (PS3.7 §7, §8.2, Annex D.3.3.3).

import type { Association, DataSource } from '@x/net';
import { Condition, onAbort } from '@x/net/internal';
import { checkOptions } from '@x/pdu/internal';
import { DataSetError } from '../data-set/data-set-error.ts';
import type { DataSetLimits } from '../data-set/data-set-limits.ts';
import { type DataSetCodec, encodeWith } from '../data-set/dataset.ts';
import { DimseError, RequestError } from '../message/errors.ts';
import type { MessageExchange, MessageHead, ReceivedMessage } from '../message/message.ts';
import { fieldValues, type Operation, propertiesOf } from '../message/operation.ts';
import { categoryIn } from '../message/status.ts';
import { Call, LaterCall, type Response } from './call.ts';
import type { CallOptions } from './call-options.ts';
import { CALL_OPTIONS, checkRequest } from './call-options.ts';
import { ContextChoice } from './choose-context.ts';
import { convertedData } from './converted-data.ts';
import {
  checkResponse,
  concludeCall,
  type Invocation,
  type InvokedRequest,
  type InvokerOptions,
  isPending,
  onlySopClass,
  ResponseError,
  requestCommand,
  traceCall,
  traceSending,
  type Values,
} from './invocation.ts';
import { MESSAGE_IDS, messageIdAfter } from './message-ids.ts';
import { released } from './released.ts';
import { type ResponseContent, readContent, responseDetails } from './response-content.ts';
import { ResponseQueue } from './response-queue.ts';
import type { ResponseStatus, Responses } from './responses.ts';
import type { ServiceClass } from './service-class.ts';
import type { SessionTimeouts } from './session-options.ts';

export class Invoker {
  readonly #exchange: MessageExchange;
  readonly #association: Association;
  readonly #timeouts: SessionTimeouts;
  readonly #maximumQueuedLength: number;
  readonly #limits: DataSetLimits;
  readonly #codec: DataSetCodec;
  readonly #contexts: ContextChoice;
  readonly #calls = new Map<number, Call>();
  /** Those with many responses, which may wait for a loop. */
  readonly #looped = new Set<Call>();
  readonly #window: number;
  readonly #waiting: (() => void)[] = [];
  #inWindow = 0;
  #lastMessageId = 0;
  #ended: { readonly error: Error | undefined } | undefined;
  readonly #idle = new Condition();
  /** The number of requests whose final response has arrived. */
  completed = 0;

  constructor({ exchange, timeouts, maximumQueuedLength, limits, codec }: InvokerOptions) {
    this.#exchange = exchange;
    this.#association = exchange.association;
    this.#timeouts = timeouts;
    this.#maximumQueuedLength = maximumQueuedLength;
    // The session must see the end, even if it waits for a loop that takes nothing.
    void this.#association.closed.then(() => {
      for (const { queue } of this.#calls.values()) queue.stop();
    });
    this.#limits = limits;
    this.#codec = codec;
    this.#contexts = new ContextChoice(this.#association, codec);
    // Each request in an unlimited window needs its own Message ID.
    this.#window = Math.min(this.#association.asynchronousOperations.invoke, MESSAGE_IDS);
  }

  /** The number of requests that were sent or wait to be sent, and have no final response yet. */
  get outstanding(): number {
    return this.#inWindow + this.#waiting.length;
  }

  /** Calls an operation with one response. */
  call(service: ServiceClass, name: string, values: Values, options: CallOptions): Promise<Response> {
    return this.#call(service, name, values, options).final;
  }

  /** Calls an operation with many responses. */
  callMany(service: ServiceClass, name: string, values: Values, options: CallOptions): Responses<Response> {
    return this.#call(service, name, values, options).responses;
  }

  #call(service: ServiceClass, name: string, values: Values, options: CallOptions): ResponseQueue<Response> {
    const operation = service.operations[name] as Operation;
    const trace = traceCall(this.#association, service, name, values);
    const ended = trace && ((error: unknown, response?: ResponseStatus) => concludeCall(trace, error, response));
    const control = new LaterCall(this, this.#maximumQueuedLength, ended);
    const queue = new ResponseQueue<Response>(control);
    const opened = (call: Call) => {
      control.call = call;
    };
    const invocation = { operation, service, name, values, options, queue, opened, trace };
    if (trace) trace.run(() => this.#invoke(invocation));
    else this.#invoke(invocation);
    return queue;
  }

  /** Whether a call waits for this response. */
  awaits({ command }: MessageHead): boolean {
    return this.#calls.has(command.messageIdBeingRespondedTo ?? -1);
  }

  /** Hands a response to its call. Returns undefined if the call has room for another one, or a promise that settles when it has. */
  deliver(message: ReceivedMessage): Promise<void> | undefined {
    const { context, command, data } = message;
    const call = this.#calls.get(command.messageIdBeingRespondedTo ?? -1);
    // A response to a call that has ended, or to none.
    if (!call) return data?.discard();
    const { operation } = call;
    call.answered();
    let content: ResponseContent | Promise<ResponseContent> = {};
    try {
      checkResponse(call, command);
      if (data) content = readContent(data, context.transferSyntax, operation, this.#codec, this.#limits);
    } catch (error) {
      return this.#unread(call, message, error);
    }
    if (!(content instanceof Promise)) return this.#read(call, message, content);
    return content.then(
      (read) => this.#read(call, message, read),
      (error) => this.#unread(call, message, error),
    );
  }

  /** A response that cannot be read fails its call, not the association. It never counts as success. */
  async #unread(call: Call, { command, data }: ReceivedMessage, error: unknown): Promise<void> {
    if (!(error instanceof ResponseError || error instanceof DataSetError || error instanceof RangeError)) throw error;
    await data?.discard();
    call.queue.fail(call.error(error));
    if (isPending(call, command)) call.cancel();
    else this.#finish(call);
  }

  #read(
    call: Call,
    { command, commandLength, data }: ReceivedMessage,
    { dataSet, unreadable }: ResponseContent,
  ): Promise<void> | undefined {
    const { operation, queue } = call;
    const status = command.status as number;
    const properties = propertiesOf(operation.response, command, dataSet);
    const details = responseDetails(command, unreadable);
    if (call.trace) call.trace.work.responseLength += data?.length ?? 0;
    const response = { status, ...details, ...properties };
    if (isPending(call, command))
      return queue.push(response, commandLength + (data?.length ?? 0), unreadable && call.error(unreadable.error));
    call.whenSent(() => {
      if (!this.#calls.has(call.messageId)) return;
      this.#finish(call);
      const { requested, service } = call;
      const { statuses } = service;
      const kind = categoryIn(statuses, status);
      if (kind === 'failure' || kind === 'cancel') {
        const { name } = operation;
        queue.fail(new DimseError(status, { ...details, operation: name, statuses, response: properties, requested }));
      } else queue.end(response);
    });
    return undefined;
  }

  /** Fails all pending calls, because the association has ended. `error` is absent if it was released. */
  end(error?: Error): void {
    this.#ended = { error };
    for (const call of [...this.#calls.values()]) {
      this.#finish(call);
      call.queue.fail(call.error(error ?? released()));
    }
    for (const enter of this.#waiting.splice(0)) {
      this.#inWindow++;
      enter();
    }
  }

  /** Settles when no request is outstanding. */
  async settled(): Promise<void> {
    if (this.outstanding > 0) await this.#idle.wait();
  }

  /** Sends the request before it returns, unless its data take time to encode, or the window is full. */
  #invoke(invocation: Invocation): void {
    const { operation, service, name, values, options, queue } = invocation;
    try {
      const { signal } = checkOptions(CALL_OPTIONS, options);
      checkRequest(operation, values);
      signal?.throwIfAborted();
      const sopClass = (values.sopClass as string | undefined) ?? onlySopClass(service, name);
      const transferSyntax = values.transferSyntax as string | undefined;
      const context = this.#contexts.choose({ operation, service, sopClass, transferSyntax });
      const { command, data } = fieldValues(operation.request, values, `${operation.name}-RQ`);
      const encoded =
        data?.carriedBy === 'data set'
          ? encodeWith(this.#codec, data.value, context.transferSyntax)
          : data && convertedData(data.value, transferSyntax, context.transferSyntax);
      const request = { command, sopClass, context };
      if (!(encoded instanceof Promise) && (this.#inWindow < this.#window || this.#ended)) {
        this.#inWindow++;
        this.#makeWay();
        this.#begin(invocation, request, encoded);
        return;
      }
      const begin = async () => {
        const source = await encoded;
        await this.#enterWindow(signal);
        this.#begin(invocation, request, source);
      };
      begin().catch((error) => queue.fail(error));
    } catch (error) {
      queue.fail(error);
    }
  }

  /** Sends a request that has entered the window. @throws if it cannot be sent; then it has left the window. */
  #begin(invocation: Invocation, { command, sopClass, context }: InvokedRequest, source: DataSource | undefined): void {
    const { operation, service, values, options, queue, opened, trace } = invocation;
    let call: Call;
    try {
      options.signal?.throwIfAborted();
      if (this.#ended) throw new RequestError(operation.name, 0, 'send', this.#ended.error ?? released());
      const messageId = messageIdAfter(this.#lastMessageId, (id) => this.#calls.has(id));
      this.#lastMessageId = messageId;
      const [exchange, timeouts] = [this.#exchange, this.#timeouts];
      const requested = Object.keys(values.attributes ?? {});
      call = new Call({ operation, service, messageId, context, queue, exchange, timeouts, options, requested, trace });
      this.#calls.set(messageId, call);
      if (operation.answers === 'many') this.#looped.add(call);
      opened(call);
    } catch (error) {
      this.#leaveWindow();
      throw error;
    }
    const request = requestCommand(operation, command, sopClass, call.messageId);
    const failed = (error: unknown) => {
      call.sendingEnded();
      if (!this.#calls.has(call.messageId)) return;
      this.#finish(call);
      queue.fail(call.error(error));
    };
    const sent = () => {
      call.sent();
      call.sendingEnded();
    };
    try {
      const data = trace ? traceSending(trace, call.messageId, source) : source;
      const sending = this.#exchange.sendAtOnce(context.id, request, data);
      if (sending) sending.then(sent, failed);
      else sent();
    } catch (error) {
      failed(error);
    }
  }

  #finish(call: Call): void {
    if (!this.#calls.delete(call.messageId)) return;
    this.#looped.delete(call);
    call.done();
    this.completed++;
    this.#leaveWindow();
  }

  async #enterWindow(signal: AbortSignal | undefined): Promise<void> {
    if (this.#inWindow < this.#window || this.#ended) {
      this.#inWindow++;
      this.#makeWay();
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const enter = () => {
        stopListening();
        resolve();
      };
      this.#waiting.push(enter);
      this.#makeWay();
      const stopListening = onAbort(signal, (reason) => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1);
        reject(reason);
      });
    });
  }

  /** Lets responses be read past a slow loop, because that loop may be waiting for a response behind them. */
  #makeWay(): void {
    for (const { queue } of this.#looped) queue.makeWay();
  }

  #leaveWindow(): void {
    const enter = this.#waiting.shift();
    // The place passes to a waiting call directly, so that `outstanding` is never 0 in between.
    if (enter) enter();
    else this.#inWindow--;
    if (this.outstanding === 0) this.#idle.notify();
  }
}
