// A session: the messages on one association, in both directions. It calls services and performs them (PS3.7 §7).

import { type Association, AssociationAbortedError, ConnectionLostError } from '@x/net';
import { onAbort, settledWithin, signalOptions, WatchedEmitter, warn } from '@x/net/internal';
import { checkOptions } from '@x/pdu/internal';
import { decodeWith } from '../data-set/dataset.ts';
import { type MessageEvents, MessageExchange, type MessageHead, type ReceivedMessage } from '../message/message.ts';
import { C_CANCEL_RQ, isStandard, messageName, RESPONSE } from '../message/operations.ts';
import { timers } from '../node-modules.ts';
import type { CallOptions } from './call-options.ts';
import { Invoker } from './invoker.ts';
import { Performer } from './performer.ts';
import type { Client, Service, ServiceClass, ServiceSession } from './service-class.ts';
import type { ReadDataSet, SessionOptions, UnknownCommandAction } from './session-options.ts';
import { sessionSettings } from './session-settings.ts';

/** Events of a session. They only inform: the session works without listeners. */
export interface SessionEvents extends MessageEvents {
  /**
   * A handler threw an error other than DimseError; the peer was answered with Processing Failure. If there is no listener here
   * or to the same event of the SCP, the process emits a warning named `HandlerError`.
   */
  handlerError: [error: unknown, request: MessageHead];
  /**
   * The data set of a request could not be decoded; the peer was answered with a failure. It is emitted for the first such
   * request of an association only, because a peer can send many.
   */
  undecodable: [error: unknown, request: MessageHead];
}

/** A session, opened by `openSession`, or by an SCP for each association that it accepts. */
export class Session extends WatchedEmitter<SessionEvents> implements ServiceSession, AsyncDisposable {
  /** The association under the session. */
  readonly association: Association;
  /** Settles when the association has ended and all pending calls have failed; never rejects. */
  readonly ended: Promise<void>;
  readonly #invoker: Invoker;
  readonly #performer: Performer;
  readonly #exchange: MessageExchange;
  readonly #onUnknownCommand: SessionOptions['onUnknownCommand'];
  /** What `use` gives, by service class. */
  readonly #clients = new Map<ServiceClass, object>();
  #hasUndecodable = false;

  /** An SCP prepares the settings once for all of its sessions. */
  constructor(
    association: Association,
    services: readonly Service[] = [],
    options: SessionOptions = {},
    settings = sessionSettings(options),
  ) {
    super();
    const { codec, timeouts, limits, responseLimits, dataSetLimits } = settings;
    const { maximumQueuedLength } = limits;
    this.association = association;
    const exchange = new MessageExchange(association);
    this.#exchange = exchange;
    this.#onUnknownCommand = settings.onUnknownCommand;
    exchange.on('message', (direction, message) => this.emit('message', direction, message));
    exchange.on('data', (message, progress) => this.emit('data', message, progress));
    exchange.on('complete', (message) => this.emit('complete', message));
    const readDataSet: ReadDataSet = async (data, transferSyntax, given) =>
      decodeWith(codec, await data.collect(given.maximumDataSetLength), transferSyntax, given);
    const failed = (error: unknown, request: MessageHead) => this.#handlerFailed(error, request);
    this.#invoker = new Invoker({ exchange, timeouts, maximumQueuedLength, limits: responseLimits, codec });
    this.#performer = new Performer({
      session: this,
      exchange,
      services,
      codec,
      readDataSet,
      limits,
      dataSetLimits,
      handlerTimeout: timeouts.handler,
      failed,
      undecodable: (error, request) => this.#undecodable(error, request),
    });
    association.claim({
      beforeRelease: () => this.#performer.settled(),
      isBusy: () => this.outstanding > 0 || this.performing > 0,
    });
    this.ended = this.#run(exchange);
  }

  /** The operations of a service class, as methods that call the peer on this association. */
  use<S extends ServiceClass>(service: S): Client<S> {
    let client = this.#clients.get(service);
    if (!client) {
      client = this.#clientOf(service);
      this.#clients.set(service, client);
    }
    return client as Client<S>;
  }

  #clientOf(service: ServiceClass): object {
    const methods = Object.entries(service.operations).map(([name, { answers }]) => [
      name,
      (values: Readonly<Record<string, unknown>> = {}, options: CallOptions = {}) =>
        answers === 'many'
          ? this.#invoker.callMany(service, name, values, options)
          : this.#invoker.call(service, name, values, options),
    ]);
    return Object.fromEntries(methods);
  }

  /** The number of calls whose final response has not arrived. */
  get outstanding(): number {
    return this.#invoker.outstanding;
  }

  /** The number of calls whose final response has arrived. */
  get completed(): number {
    return this.#invoker.completed;
  }

  /** The number of requests of the peer that are being performed. */
  get performing(): number {
    return this.#performer.performing;
  }

  /** Whether another user can take over: the association is established and no request is outstanding or being performed. */
  get isReusable(): boolean {
    return this.association.isReusable && this.outstanding === 0 && this.performing === 0;
  }

  /** The same as `ended`, under the name that `Pool` uses. */
  get closed(): Promise<void> {
    return this.ended;
  }

  /**
   * Waits for the outstanding responses, and until the requests of the peer are answered, but for that not longer than the
   * timeout `release`: a handler may be the one that waits for the release. Then releases the association. The signal aborts
   * the association.
   * @throws the errors of `Association.release`.
   */
  async release(options?: { readonly signal?: AbortSignal }): Promise<void> {
    const { signal } = checkOptions(RELEASE_OPTIONS, options);
    const stopListening = onAbort(signal, (reason) => this.abort(reason instanceof Error ? reason : undefined));
    try {
      await this.#invoker.settled();
      await this.#answered();
      await this.association.release(options);
    } finally {
      stopListening();
    }
    await this.ended;
  }

  async #answered(): Promise<void> {
    const { connection, closed } = this.association;
    await settledWithin(Promise.race([this.#performer.answered(), closed]), connection.timeouts.release);
  }

  /** Aborts the association. Every pending call fails, with `reason` as the cause. */
  abort(reason?: Error): void {
    this.association.abort(reason);
  }

  /** Releases the association, or aborts it if it cannot be released. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.release().catch(() => this.abort());
  }

  async #run(exchange: MessageExchange): Promise<void> {
    let error: Error | undefined;
    const { output } = this.association.connection;
    try {
      let taken = 0;
      // The first one is waited for even if it has arrived: a handler must not be called before the caller has the session.
      let message = await exchange.next();
      for (; message; message = exchange.take() ?? (await this.#nextMessage(exchange))) {
        // The responses to requests that are answered in this turn leave together.
        output.gather();
        if (!this.#takeAtOnce(message)) {
          output.flush();
          const taking = this.#take(message);
          if (taking) await taking;
        }
        taken++;
        if (!exchange.hasArrived) continue;
        // A peer that has used its window may send C-CANCEL only. It is aborted if it sends more, unless it is answered soon.
        const isOverWindow = this.#performer.isFull && isRequest(message);
        // While there are more, nothing else here would let other associations have their turn.
        if (!isOverWindow && taken < MESSAGES_PER_TURN) continue;
        if (!isOverWindow) taken = 0;
        output.flush();
        await timers().setImmediate();
      }
    } catch (caught) {
      error = caught instanceof Error ? caught : new Error(String(caught));
      output.flush();
      // Nothing reads this association any more.
      this.association.abort(error);
    }
    // The association answers a release request after the handlers have ended, so that they can still send responses.
    await this.association.closed;
    this.#invoker.end(error);
    this.#performer.end(error);
  }

  #nextMessage(exchange: MessageExchange): Promise<ReceivedMessage | undefined> {
    this.association.connection.output.flush();
    return exchange.next();
  }

  #takeAtOnce(message: ReceivedMessage): boolean {
    return isRequest(message) && this.#performer.takeAtOnce(message);
  }

  /** Returns a promise if the next message has to wait. */
  #take(message: ReceivedMessage): Promise<void> | undefined {
    const { commandField } = message.command;
    if (commandField === C_CANCEL_RQ) {
      // C-CANCEL has no data set. If the command announces one, it must be consumed before the next message.
      void message.data?.discard();
      this.#performer.cancel(message);
      return undefined;
    }
    if (this.#onUnknownCommand && !this.#isKnown(message)) return this.#takeUnknown(message, this.#onUnknownCommand);
    return isResponse(message) ? this.#invoker.deliver(message) : this.#performer.take(message);
  }

  #isKnown(message: ReceivedMessage): boolean {
    const { commandField } = message.command;
    if (isResponse(message)) return this.#invoker.awaits(message);
    return isStandard(commandField) || this.#performer.knows(commandField);
  }

  #undecodable(error: unknown, request: MessageHead): void {
    if (this.#hasUndecodable) return;
    this.#hasUndecodable = true;
    this.emit('undecodable', error, request);
  }

  #handlerFailed(error: unknown, request: MessageHead): void {
    if (!this.emit('handlerError', error, request)) warnOfHandler(error, request, this.association);
  }

  async #takeUnknown(
    message: ReceivedMessage,
    onUnknownCommand: NonNullable<SessionOptions['onUnknownCommand']>,
  ): Promise<void> {
    let action: UnknownCommandAction = 'answer';
    try {
      action = await onUnknownCommand(message, this.#exchange);
    } catch (error) {
      this.#handlerFailed(error, message);
    }
    if (action === 'abort') this.abort(new Error(`${messageName(message.command.commandField)} is unknown`));
    else if (action === 'ignore' || isResponse(message)) await message.data?.discard();
    else await this.#performer.take(message);
  }
}

/** Whether a message asks for an operation. */
function isRequest(message: MessageHead): boolean {
  return !isResponse(message) && message.command.commandField !== C_CANCEL_RQ;
}

function isResponse({ command }: MessageHead): boolean {
  return (command.commandField & RESPONSE) !== 0;
}

/** Warns of an error of a handler, unless the end of its association interrupted it. */
export function warnOfHandler(error: unknown, { command }: MessageHead, { isEstablished }: Association): void {
  const isEnd = error instanceof AssociationAbortedError || error instanceof ConnectionLostError;
  if (isEstablished || !isEnd) warn(`the handler of ${messageName(command.commandField)} threw`, error, 'HandlerError');
}

/** A small one takes a fraction of a millisecond. */
const MESSAGES_PER_TURN = 32;

const RELEASE_OPTIONS = signalOptions('release');
