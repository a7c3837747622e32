// The performing side of a session: receives requests and C-CANCEL, calls handlers, sends responses (PS3.7 §7, §9, §10).

import { AbortReason, AbortSource, type Association } from '@x/net';
import { Condition } from '@x/net/internal';
import { DataSetError } from '../data-set/data-set-error.ts';
import type { DataSetCodec } from '../data-set/dataset.ts';
import { DimseError } from '../message/errors.ts';
import type { MessageExchange, ReceivedMessage } from '../message/message.ts';
import { dataCarrier, missingProperty, type Operation, propertiesOf } from '../message/operation.ts';
import { isComposite } from '../message/operations.ts';
import { categoryIn, isStatus, Status, type StatusTable } from '../message/status.ts';
import { type ChosenHandler, chooseHandler, isKnown } from './choose-handler.ts';
import { type AnswerValues, type Failed, Responder } from './responder.ts';
import type { Service, ServiceSession } from './service-class.ts';
import type { ReadDataSet } from './session-options.ts';

type Values = Readonly<Record<string, unknown>>;

type Answers = AsyncGenerator<Values, unknown, undefined>;

/** A request that is being performed. */
interface Performance extends ChosenHandler {
  readonly message: ReceivedMessage;
  readonly messageId: number;
  readonly controller: AbortController;
  isCancelled: boolean;
}

export interface PerformerOptions {
  readonly session: ServiceSession;
  readonly exchange: MessageExchange;
  readonly services: readonly Service[];
  readonly codec: DataSetCodec;
  readonly readDataSet: ReadDataSet;
  /** See `SessionOptions.maximumPerforming`. */
  readonly maximumPerforming: number;
  /** Called with errors of handlers other than DimseError. */
  readonly failed: Failed;
}

export class Performer {
  readonly #association: Association;
  readonly #session: ServiceSession;
  readonly #services: readonly Service[];
  readonly #responder: Responder;
  readonly #readDataSet: ReadDataSet;
  readonly #failed: PerformerOptions['failed'];
  readonly #window: number;
  readonly #performances = new Map<number, Performance>();
  /** Requests that are being performed or answered. */
  readonly #handlers = new Set<Promise<void>>();
  /** The most requests that may be performed and responses that may wait to be sent, together. */
  readonly #places: number;
  /** The number of final responses that the transport has not taken. */
  #unsent = 0;
  readonly #sent = new Condition();

  constructor(options: PerformerOptions) {
    const { session, exchange, services, codec, readDataSet, maximumPerforming, failed } = options;
    this.#session = session;
    this.#association = exchange.association;
    this.#services = services;
    this.#responder = new Responder(exchange, codec, failed);
    this.#readDataSet = readDataSet;
    this.#failed = failed;
    this.#window = this.#association.window.perform;
    this.#places = Math.min(this.#window, maximumPerforming);
  }

  /** The number of requests that are being performed. */
  get performing(): number {
    return this.#performances.size;
  }

  /**
   * Starts performing a request. Settles when the next message may be read; the handler may still be running.
   *
   * A request takes a place in the window until the transport has taken its final response. If responses hold all places,
   * the request waits here, so that nothing more is read from a peer that does not read. A peer that respects the window
   * has received a response before it sends the next request, so two such peers never wait for each other.
   */
  async take(message: ReceivedMessage): Promise<void> {
    const { command, data } = message;
    const { messageId } = command;
    while (this.#unsent > 0 && this.#performances.size + this.#unsent >= this.#places) await this.#sent.wait();
    if (messageId === undefined) {
      await data?.discard();
      this.#violation(`the request with Command Field ${hex(command.commandField)} has no Message ID`);
      return;
    }
    const chosen = chooseHandler(this.#services, message, this.#association.role === 'requestor');
    const isInUse = this.#performances.has(messageId);
    if (typeof chosen === 'number' || isInUse) {
      await this.#refuse(message, typeof chosen === 'number' ? chosen : Status.DuplicateInvocation);
      return;
    }
    if (this.#performances.size >= this.#window) {
      this.#violation(
        `the peer invoked ${this.#performances.size + 1} operations at once; ${this.#window} were negotiated`,
      );
      return;
    }
    if (this.#performances.size >= this.#places) {
      const errorComment = `${this.#places} requests are being performed`;
      await this.#refuse(message, outOfResources(chosen.operation), errorComment);
      return;
    }
    const controller = new AbortController();
    const performance: Performance = { ...chosen, message, messageId, controller, isCancelled: false };
    this.#performances.set(messageId, performance);
    let content: unknown;
    try {
      content = await this.#contentOf(performance);
    } catch (error) {
      await data?.discard();
      this.#track(this.#answerError(performance, error));
      return;
    }
    this.#track(this.#perform(performance, content));
  }

  /** Handles C-CANCEL-RQ: cancels the operation it names, if that is being performed on the same presentation context. */
  cancel({ context, command }: ReceivedMessage): void {
    const performance = this.#performances.get(command.messageIdBeingRespondedTo ?? -1);
    if (performance?.message.context.id !== context.id) return;
    performance.isCancelled = true;
    performance.controller.abort(new DimseError(Status.Cancel));
  }

  /** Whether one of the services has an operation with this Command Field. */
  knows(commandField: number): boolean {
    return isKnown(this.#services, commandField);
  }

  /** Aborts the signals of all handlers, because the association has ended. */
  end(error: Error): void {
    for (const { controller } of this.#performances.values()) controller.abort(error);
  }

  /** Settles when all handlers have settled. */
  async settled(): Promise<void> {
    await Promise.all(this.#handlers);
  }

  #track(running: Promise<void>): void {
    this.#handlers.add(running);
    void running.finally(() => this.#handlers.delete(running));
  }

  /** Settles when the next message may be read; the response may still wait to be sent. */
  async #refuse(message: ReceivedMessage, status: number, errorComment?: string): Promise<void> {
    await message.data?.discard();
    this.#track(this.#answer(this.#responder.refuse(message, status, errorComment)));
  }

  /** Counts a final response until the transport has taken it, or cannot take it any more. Never rejects. */
  async #answer(sending: Promise<void>): Promise<void> {
    this.#unsent++;
    try {
      await sending;
    } catch (error) {
      // The peer would wait for a response that cannot be encoded.
      this.#association.abort(error instanceof Error ? error : undefined);
    } finally {
      this.#unsent--;
      this.#sent.notify();
    }
  }

  /** The data of a request: a stream, or a data set that is read into memory. */
  async #contentOf({ operation, message, maximumDataSetLength }: Performance): Promise<unknown> {
    const { context, command, data } = message;
    const missing = missingProperty(operation.request, command);
    if (missing !== undefined)
      throw new DimseError(Status.MistypedArgument, { errorComment: `the request has no ${missing}` });
    if (!data || dataCarrier(operation.request) !== 'data set') return data;
    try {
      return await this.#readDataSet(data, context.transferSyntax, maximumDataSetLength);
    } catch (error) {
      throw error instanceof RangeError ? tooLong(error, operation) : error;
    }
  }

  async #perform(performance: Performance, content: unknown): Promise<void> {
    const { operation, statuses, handler, message, messageId, controller } = performance;
    const { context, command, data } = message;
    const request = {
      ...propertiesOf(operation.request, command, content),
      sopClass: command[operation.sopClassElement] ?? context.abstractSyntax,
      transferSyntax: context.transferSyntax,
    };
    const { callingAeTitle, calledAeTitle } = this.#association;
    const handlerContext = {
      // A getter, because an AbortSignal is costly to make and most handlers of short operations do not use it.
      get signal() {
        return controller.signal;
      },
      session: this.#session,
      callingAeTitle,
      calledAeTitle,
      messageId,
      abstractSyntax: context.abstractSyntax,
    };
    try {
      const answered = handler(request as never, handlerContext);
      const answer =
        operation.answers === 'many' ? await this.#performMany(performance, answered as Answers) : await answered;
      const { status, ...values } = typeof answer === 'number' ? { status: answer } : ((answer ?? {}) as Values);
      if (!isStatus(status) || categoryIn(statuses, status) === 'pending')
        throw new TypeError(`${operation.name} handler returned ${String(status)}, which is not a final status`);
      // Data that the handler did not read must be consumed before the next message can be read.
      await data?.discard();
      await this.#finish(performance, { ...values, status });
    } catch (error) {
      await data?.discard();
      await this.#answerError(performance, error);
    }
  }

  async #performMany(performance: Performance, answers: Answers): Promise<unknown> {
    const { operation, statuses, message } = performance;
    const { signal } = performance.controller;
    for (;;) {
      const { done, value } = await answers.next();
      if (done) return value ?? (performance.isCancelled ? Status.Cancel : Status.Success);
      if (signal.aborted) {
        // A `finally` of the handler may return a final answer, with the counts of sub-operations for example.
        const end = await answers.return(undefined);
        return end.value ?? Status.Cancel;
      }
      const pending = { status: Status.Pending, ...(value as Values) };
      if (categoryIn(statuses, pending.status) !== 'pending') {
        await answers.return(undefined);
        throw new TypeError(`${operation.name} yielded a status that is not pending`);
      }
      try {
        await this.#responder.respond(message, performance, pending);
      } catch (error) {
        await answers.return(undefined);
        throw error;
      }
    }
  }

  async #answerError(performance: Performance, error: unknown): Promise<void> {
    const { operation, statuses, message } = performance;
    const { signal } = performance.controller;
    if (performance.isCancelled && (error === signal.reason || isAbort(error)))
      return this.#finish(performance, { status: Status.Cancel });
    if (error instanceof DimseError && saysHowItEnded(error, statuses)) {
      const { status, errorComment, offendingElements, errorId, response } = error;
      const values = { ...response, status, errorComment, offendingElements, errorId };
      return this.#finish(performance, values);
    }
    if (!signal.aborted) this.#failed(error, message);
    const [status, errorComment] =
      error instanceof DataSetError
        ? [isComposite(operation) ? Status.CannotUnderstand : Status.ProcessingFailure, error.message]
        : [Status.ProcessingFailure, 'the request could not be processed'];
    return this.#finish(performance, { status, errorComment });
  }

  async #finish(performance: Performance, values: AnswerValues): Promise<void> {
    const { message, messageId } = performance;
    // Before the response is sent, because the peer may invoke the next operation when it has received it.
    if (this.#performances.get(messageId) === performance) this.#performances.delete(messageId);
    await this.#answer(this.#responder.finish(message, performance, values));
  }

  #violation(what: string): void {
    this.#association.connection.abort({
      source: AbortSource.ServiceProvider,
      reason: AbortReason.NotSpecified,
      cause: new Error(what),
    });
  }
}

/** The answer to a data set that is too long. */
function tooLong({ message, cause }: RangeError, operation: Operation): DimseError {
  return new DimseError(outOfResources(operation), { errorComment: message, cause });
}

/** The status for a request beyond a local limit (PS3.7 Annex C). */
function outOfResources(operation: Operation): number {
  return isComposite(operation) ? Status.OutOfResources : Status.ResourceLimitation;
}

/** A thrown status must be final and must not be Success. */
function saysHowItEnded({ status }: DimseError, statuses: StatusTable): boolean {
  return isStatus(status) && !['success', 'pending'].includes(categoryIn(statuses, status));
}

function hex(commandField: number): string {
  return `${commandField.toString(16).toUpperCase().padStart(4, '0')}H`;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
