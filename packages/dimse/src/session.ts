// One association with messages on it, in both directions: it calls services and performs them (PS3.7 §7).

import type { Association } from '@x/net';
import { EventEmitter } from 'eventemitter3';
import { type DataSet, decodeDataSet } from './dataset.ts';
import { Invoker } from './invoker.ts';
import { type MessageData, type MessageEvents, MessageExchange, type ReceivedMessage } from './message.ts';
import { C_CANCEL_RQ, RESPONSE } from './operations.ts';
import { Performer } from './performer.ts';
import type { CallOptions, Client, Service, ServiceClass } from './service-class.ts';

/** Milliseconds; 0 or Infinity waits for ever. */
export interface SessionTimeouts {
  /** For the next response of a request, from when it was sent or the last one came. Default 60 s. */
  readonly response: number;
  /** For the final response after C-CANCEL; then the association is aborted. Default 10 s. */
  readonly cancel: number;
}

export interface SessionOptions {
  readonly timeouts?: Partial<SessionTimeouts>;
  /** Longest data set that is collected whole (identifiers, attribute lists), in bytes. Default 16 MiB. */
  readonly maximumDataSetLength?: number;
}

/** What both sides of a session share. */
export interface SessionLimits {
  readDataSet(data: MessageData, transferSyntax: string): Promise<DataSet>;
}

/** For watching only: nothing depends on a listener. */
export interface SessionEvents extends MessageEvents {
  /** A handler threw something other than DimseError: the peer was answered Processing Failure. */
  handlerError: [error: unknown, request: Pick<ReceivedMessage, 'context' | 'command'>];
}

/** A session is opened by `openSession`, or by an SCP for each association it accepts. */
export class Session extends EventEmitter<SessionEvents> implements AsyncDisposable {
  readonly association: Association;
  /** Settles when the association has ended and all that was pending has failed; never rejects. */
  readonly ended: Promise<void>;
  readonly #invoker: Invoker;
  readonly #performer: Performer;

  constructor(association: Association, services: readonly Service[] = [], options: SessionOptions = {}) {
    super();
    const { timeouts, maximumDataSetLength = 16 * 1024 * 1024 } = options;
    this.association = association;
    const exchange = new MessageExchange(association);
    exchange.on('message', (direction, message) => this.emit('message', direction, message));
    const limits: SessionLimits = {
      readDataSet: async (data, transferSyntax) =>
        decodeDataSet(await data.collect(maximumDataSetLength), transferSyntax),
    };
    this.#invoker = new Invoker(exchange, { ...DEFAULT_SESSION_TIMEOUTS, ...timeouts }, limits);
    this.#performer = new Performer(this, exchange, services, limits);
    association.beforeRelease = () => this.#performer.settled();
    this.ended = this.#run(exchange);
  }

  /** The service's operations, to be called on this association. */
  use<S extends ServiceClass>(service: S): Client<S> {
    const methods = Object.entries(service.operations).map(([name, { answers }]) => [
      name,
      (values: Readonly<Record<string, unknown>> = {}, options: CallOptions = {}) =>
        answers === 'many'
          ? this.#invoker.callMany(service, name, values, options)
          : this.#invoker.call(service, name, values, options),
    ]);
    return Object.fromEntries(methods) as Client<S>;
  }

  /** Requests of ours whose final response has not come. */
  get outstanding(): number {
    return this.#invoker.outstanding;
  }

  /** Requests of ours that were answered. */
  get completed(): number {
    return this.#invoker.completed;
  }

  /** Requests of the peer's that are being performed. */
  get performing(): number {
    return this.#performer.performing;
  }

  /** Waits for the responses that are due, then releases the association. @throws what `Association.release` throws. */
  async release(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    await this.#invoker.settled();
    await this.association.release(options);
    await this.ended;
  }

  /** Ends the association at once: every call that is pending fails, `reason` being the cause. */
  abort(reason?: Error): void {
    this.association.abort(reason);
  }

  /** Releases; aborts where that is not possible. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.release().catch(() => this.abort());
  }

  async #run(exchange: MessageExchange): Promise<void> {
    let error: Error;
    try {
      for await (const message of exchange.messages()) await this.#take(message);
      error = new Error('the association was released');
    } catch (caught) {
      error = caught instanceof Error ? caught : new Error(String(caught));
      // Whatever it was, nobody reads this association any more.
      this.association.abort(error);
    }
    // A release the peer asked for is answered when the handlers have ended: until then they can still answer.
    await this.association.closed;
    this.#invoker.end(error);
    this.#performer.end(error);
  }

  async #take(message: ReceivedMessage): Promise<void> {
    const { commandField } = message.command;
    if (commandField & RESPONSE) await this.#invoker.deliver(message);
    else if (commandField === C_CANCEL_RQ) this.#performer.cancel(message);
    else await this.#performer.take(message);
  }
}

export const DEFAULT_SESSION_TIMEOUTS: SessionTimeouts = { response: 60_000, cancel: 10_000 };
