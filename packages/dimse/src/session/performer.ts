// The performing side of a session: receives requests and C-CANCEL, calls handlers, sends responses (PS3.7 §7, §9, §10).

import { AbortReason, AbortSource, type Association } from '@x/net';
import { Condition } from '@x/net/internal';
import {
  ATTRIBUTE_LIST_LIMITS,
  completedLimits,
  type DataSetLimits,
  IDENTIFIER_LIMITS,
} from '../data-set/data-set-limits.ts';
import type { DataSetCodec } from '../data-set/dataset.ts';
import { isWatched, type OperationCourse } from '../message/diagnostics.ts';
import type { MessageExchange, ReceivedMessage } from '../message/message.ts';
import { missingProperty } from '../message/operation.ts';
import { isComposite } from '../message/operations.ts';
import { Status } from '../message/status.ts';
import { nextTurn } from '../turns.ts';
import { type ChosenHandler, isKnown } from './choose-handler.ts';
import { outOfResources } from './failure-status.ts';
import { Performance, type PerformanceHost } from './performance.ts';
import { mayBePerformedAtOnce, PreparedRequests } from './prepared-request.ts';
import { released } from './released.ts';
import { noteLength, type PerformedRequest, traceRequest } from './request-trace.ts';
import { type AnswerValues, type Refusal, Responder } from './responder.ts';
import type { Service } from './service-class.ts';
import type { SessionLimits } from './session-options.ts';

export interface PerformerOptions extends Omit<PerformanceHost, 'responder'> {
  readonly exchange: MessageExchange;
  readonly services: readonly Service[];
  readonly codec: DataSetCodec;
  /** See `SessionLimits`. */
  readonly limits: SessionLimits;
  /** The limits on data sets that the session has of its own. */
  readonly dataSetLimits: Partial<DataSetLimits>;
}

export class Performer {
  readonly #association: Association;
  readonly #services: readonly Service[];
  readonly #prepared: PreparedRequests;
  readonly #responder: Responder;
  readonly #host: PerformanceHost;
  readonly #limits: SessionLimits;
  readonly #given: Partial<DataSetLimits>;
  readonly #window: number;
  readonly #performances = new Map<number, Performance>();
  /** The last request that was taken by `take`. */
  #taking: Promise<void> | undefined;
  /** Requests that are being performed or answered. */
  readonly #handlers = new Set<Promise<void>>();
  /** The most requests that may be performed and responses that may wait to be sent, together. */
  readonly #places: number;
  /** The number of final responses that the transport has not taken. */
  #unsent = 0;
  /** The number of handlers that were answered for because of their timeout, and have not ended. */
  #overdue = 0;
  /** The bytes of the data sets of the requests that are being performed. */
  #dataSetLength = 0;
  readonly #sent = new Condition();

  constructor(options: PerformerOptions) {
    const { exchange, services, codec, limits, failed } = options;
    this.#association = exchange.association;
    this.#services = services;
    this.#prepared = new PreparedRequests(services, this.#association.role === 'requestor');
    this.#responder = new Responder(exchange, codec, failed);
    this.#host = { ...options, responder: this.#responder };
    this.#limits = limits;
    this.#given = options.dataSetLimits;
    this.#window = this.#association.asynchronousOperations.perform;
    this.#places = Math.min(this.#window, limits.maximumPerforming);
  }

  /** The number of requests that are being performed. */
  get performing(): number {
    return this.#performances.size;
  }

  /** Whether the peer may not invoke another operation. */
  get isFull(): boolean {
    return this.#performances.size >= this.#window;
  }

  /**
   * Starts performing a request. Settles when the next message may be read; the handler may still be running.
   *
   * A request takes a place in the window until the transport has taken its final response. If responses hold all places,
   * the request waits here, so that nothing more is read from a peer that does not read. A peer that respects the window
   * has received a response before it sends the next request, so two such peers never wait for each other.
   */
  take(message: ReceivedMessage): Promise<void> {
    const trace = traceRequest(this.#association, message);
    const taking = trace ? trace.run(() => this.#take(message, trace)) : this.#take(message, undefined);
    this.#taking = taking;
    return taking;
  }

  async #take(message: ReceivedMessage, trace: OperationCourse | undefined): Promise<void> {
    const { command, data } = message;
    const { messageId } = command;
    if (this.#unsent > 0 && this.#performances.size + this.#unsent >= this.#places) {
      while (this.#unsent > 0 && this.#performances.size + this.#unsent >= this.#places) await this.#sent.wait();
      if (!trace && this.takeAtOnce(message)) return;
    }
    if (messageId === undefined) {
      await data?.discard();
      this.#violation(`the request with Command Field ${hex(command.commandField)} has no Message ID`, trace);
      return;
    }
    const chosen = this.#prepared.handlerOf(message);
    const isInUse = this.#performances.has(messageId);
    if (typeof chosen === 'number' || isInUse) {
      const status = typeof chosen === 'number' ? chosen : Status.DuplicateInvocation;
      await this.#refuse({ message, trace }, { status });
      return;
    }
    if (this.#performances.size >= this.#window) {
      this.#violation(
        `the peer invoked ${this.#performances.size + 1} operations at once; ${this.#window} were negotiated`,
        trace,
      );
      return;
    }
    const performing = this.#performances.size;
    if (performing >= this.#places || performing + this.#overdue >= this.#limits.maximumPerforming) {
      const errorComment = `${performing + this.#overdue} requests are being performed`;
      await this.#refuse({ message, trace }, { status: outOfResources(chosen.operation), errorComment });
      return;
    }
    const performance = new Performance({ message, messageId, chosen, trace }, this.#host);
    this.#performances.set(messageId, performance);
    try {
      await performance.read(this.#limitsOf(chosen));
    } catch (error) {
      await data?.discard();
      this.#track(this.#finish(performance, performance.answerToUnread(error)));
      return;
    }
    const length = performance.dataSetLength;
    this.#dataSetLength += length;
    this.#track(this.#perform(performance, length));
  }

  /**
   * Performs a request without a promise, if its data have arrived and its handler answers at once: the fast course. A small
   * instance costs a hundred promises otherwise, which take longer than to store it. Returns false if `take` has to perform
   * it; then nothing has been done. Both courses check the same and call the same; if they could differ, this one gives
   * up. A request that is not performed at once after all continues as one of `take`.
   */
  takeAtOnce(message: ReceivedMessage): boolean {
    const { command, data } = message;
    const { messageId } = command;
    // The handler of a request that is traced runs inside of its trace.
    if (isWatched()) return false;
    const performing = this.#performances.size;
    const hasRoom = performing + this.#unsent < this.#places && performing < this.#window;
    if (!hasRoom || performing + this.#overdue >= this.#limits.maximumPerforming) return false;
    if (messageId === undefined || this.#performances.has(messageId)) return false;
    const chosen = this.#prepared.handlerOf(message);
    if (typeof chosen === 'number' || !mayBePerformedAtOnce(chosen.operation)) return false;
    if (missingProperty(chosen.operation.request, command) !== undefined) return false;
    if (data && !data.isAtHand) return false;
    const performance = new Performance({ message, messageId, chosen, trace: undefined }, this.#host);
    this.#performances.set(messageId, performance);
    const answer = performance.answerAtOnce();
    if (answer instanceof Promise) {
      this.#track(this.#perform(performance, 0, answer));
      return true;
    }
    this.#performances.delete(messageId);
    const sending = this.#responder.finishAtOnce(message, chosen, answer);
    if (sending) this.#track(this.#answer(sending, undefined));
    return true;
  }

  /** Handles C-CANCEL-RQ: cancels the operation it names, if that is being performed on the same presentation context. */
  cancel({ context, command }: ReceivedMessage): void {
    const performance = this.#performances.get(command.messageIdBeingRespondedTo ?? -1);
    if (performance?.message.context.id !== context.id) return;
    performance.cancel();
  }

  /** Whether one of the services has an operation with this Command Field. */
  knows(commandField: number): boolean {
    return isKnown(this.#services, commandField);
  }

  /** Aborts the signals of all handlers, because the association has ended. `error` is absent if it was released. */
  end(error?: Error): void {
    if (this.#performances.size === 0) return;
    const reason = error ?? released();
    for (const performance of this.#performances.values()) performance.end(reason);
  }

  /** Settles when all handlers have settled. */
  async settled(): Promise<void> {
    await Promise.all(this.#handlers);
  }

  /**
   * Settles when all requests that have arrived are answered, also one that is still being read: it may have arrived together
   * with the response that the caller waited for.
   */
  async answered(): Promise<void> {
    if (this.#services.length === 0) return this.settled();
    do {
      await Promise.allSettled([this.#taking, ...this.#handlers]);
      // Requests that have arrived with it are taken in this turn.
      await nextTurn();
    } while (this.#performances.size + this.#handlers.size > 0);
  }

  #track(running: Promise<void>): void {
    this.#handlers.add(running);
    void running.finally(() => this.#handlers.delete(running));
  }

  /** Settles when the next message may be read; the response may still wait to be sent. */
  async #refuse(request: PerformedRequest, refusal: Refusal): Promise<void> {
    const { message, trace } = request;
    await message.data?.discard();
    noteLength(request);
    this.#track(this.#answer(this.#responder.refuse(message, refusal, trace), trace));
  }

  /** Counts a final response until the transport has taken it, or cannot take it any more. Never rejects. */
  async #answer(sending: Promise<void>, trace: OperationCourse | undefined): Promise<void> {
    this.#unsent++;
    try {
      await sending;
    } catch (error) {
      trace?.conclude(error);
      // The peer would wait for a response that cannot be encoded.
      this.#association.abort(error instanceof Error ? error : undefined);
    } finally {
      this.#unsent--;
      this.#sent.notify();
    }
  }

  /** @param length The bytes of its data set, which count until the handler has ended. */
  async #perform(performance: Performance, length: number, begun?: Promise<unknown>): Promise<void> {
    const values = await performance.answer(begun);
    const { handling } = performance;
    if (handling) {
      this.#overdue++;
      void handling.then(() => {
        this.#overdue--;
        this.#dataSetLength -= length;
      });
    } else this.#dataSetLength -= length;
    await this.#finish(performance, values);
  }

  /** The limits on the data set of the next request. One of them may always have the length of its service. */
  #limitsOf({ operation, dataSetLimits }: ChosenHandler): DataSetLimits {
    const defaults = isComposite(operation) ? IDENTIFIER_LIMITS : ATTRIBUTE_LIST_LIMITS;
    const limits = completedLimits(completedLimits(defaults, this.#given), dataSetLimits);
    if (this.#dataSetLength === 0) return limits;
    const left = Math.max(0, this.#limits.maximumPerformingLength - this.#dataSetLength);
    return { ...limits, maximumDataSetLength: Math.min(limits.maximumDataSetLength, left) };
  }

  async #finish(performance: Performance, values: AnswerValues): Promise<void> {
    const { message, messageId, chosen, trace } = performance;
    // Before the response is sent, because the peer may invoke the next operation when it has received it.
    if (this.#performances.get(messageId) === performance) this.#performances.delete(messageId);
    noteLength(performance);
    await this.#answer(this.#responder.finish(message, chosen, values, trace), trace);
  }

  #violation(what: string, trace: OperationCourse | undefined): void {
    const cause = new Error(what);
    this.#association.connection.abort({
      source: AbortSource.ServiceProvider,
      reason: AbortReason.NotSpecified,
      cause,
    });
    trace?.conclude(cause);
  }
}

function hex(commandField: number): string {
  return `${commandField.toString(16).toUpperCase().padStart(4, '0')}H`;
}
