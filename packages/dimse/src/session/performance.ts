// A request that is being performed: its data, its handler, and the answer (PS3.7 §9, §10).

import { ReturnValueError, shown, wrongReturn } from '@x/pdu/internal';
import { DataSetError } from '../data-set/data-set-error.ts';
import type { DataSetLimits } from '../data-set/data-set-limits.ts';
import { asIdentifier } from '../data-set/misfits.ts';
import type { OperationCourse } from '../message/diagnostics.ts';
import { DimseError } from '../message/errors.ts';
import type { ReceivedMessage } from '../message/message.ts';
import { carriesIdentifier, dataCarrier, missingProperty, type Operation, propertiesOf } from '../message/operation.ts';
import { categoryIn, describeStatus, isStatus, Status, type StatusTable } from '../message/status.ts';
import { nextTurn } from '../turns.ts';
import type { ChosenHandler } from './choose-handler.ts';
import { outOfResources, saysHowItEnded, statusOf, tooLate } from './failure-status.ts';
import { GivenContext } from './given-context.ts';
import { noteLength, type PerformedRequest } from './request-trace.ts';
import type { AnswerValues, Failed, Responder } from './responder.ts';
import type { ServiceSession } from './service-class.ts';
import type { ReadDataSet } from './session-options.ts';

type Values = Readonly<Record<string, unknown>>;

type Answers = AsyncGenerator<Values, unknown, undefined>;

/** The parts of a session that all its performances use. */
export interface PerformanceHost {
  readonly session: ServiceSession;
  readonly responder: Responder;
  readonly readDataSet: ReadDataSet;
  /** See `SessionTimeouts.handler`. */
  readonly handlerTimeout: number;
  /** Called with errors of handlers other than DimseError. */
  readonly failed: Failed;
  /** Called with the faults of data sets of requests that cannot be decoded. */
  readonly undecodable: Failed;
}

interface PerformanceParameters extends PerformedRequest {
  readonly messageId: number;
  readonly chosen: ChosenHandler;
}

export class Performance implements PerformanceParameters {
  readonly message: ReceivedMessage;
  readonly messageId: number;
  readonly chosen: ChosenHandler;
  readonly trace: OperationCourse | undefined;
  readonly #host: PerformanceHost;
  /** Made when it is needed: it is costly, and most handlers of short operations do not use it. */
  #madeController: AbortController | undefined;
  #content: unknown;
  /** Why the operation was stopped, if not by the end of the association: C-CANCEL, or the timeout. */
  #stopped: DimseError | undefined;
  #handling: Promise<unknown> | undefined;
  #isHandling = false;

  constructor({ message, messageId, chosen, trace }: PerformanceParameters, host: PerformanceHost) {
    this.message = message;
    this.messageId = messageId;
    this.chosen = chosen;
    this.trace = trace;
    this.#host = host;
    this.#content = message.data;
  }

  /** Settles when the handler has ended, which may be after its answer; undefined if it does not run. */
  get handling(): Promise<unknown> | undefined {
    return this.#isHandling ? this.#handling : undefined;
  }

  /** The bytes of the data set that is in memory; 0 if the data are streamed. */
  get dataSetLength(): number {
    const { data } = this.message;
    return data && dataCarrier(this.chosen.operation.request) === 'data set' ? data.length : 0;
  }

  /** Aborts when the operation is to stop. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get #controller(): AbortController {
    this.#madeController ??= new AbortController();
    return this.#madeController;
  }

  /** Ends the operation because of C-CANCEL. */
  cancel(): void {
    this.#stop(new DimseError(Status.Cancel));
  }

  /** Aborts the signal of the handler, because the association has ended. */
  end(error: Error): void {
    this.#controller.abort(error);
    noteLength(this);
    this.trace?.conclude(error);
  }

  /**
   * Prepares the data for the handler: a stream, or a data set that is read into memory.
   * @throws DimseError, DataSetError, or the error of the association.
   */
  async read(limits: DataSetLimits): Promise<void> {
    const { operation } = this.chosen;
    const { context, command, data } = this.message;
    const missing = missingProperty(operation.request, command);
    if (missing !== undefined)
      throw new DimseError(Status.MistypedArgument, { errorComment: `the request has no ${missing}` });
    if (!data || dataCarrier(operation.request) !== 'data set') return;
    try {
      const dataSet = await this.#host.readDataSet(data, context.transferSyntax, limits);
      this.#content = carriesIdentifier(operation.request) ? asIdentifier(dataSet) : dataSet;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new DimseError(outOfResources(operation), { errorComment: error.message, cause: error.cause });
    }
  }

  /**
   * Calls the handler of an operation with one response whose data are not decoded. Returns the response if the handler
   * has read the data and answers at once; otherwise a promise for `answer`. Never throws.
   */
  answerAtOnce(): AnswerValues | Promise<unknown> {
    const { data } = this.message;
    try {
      const answer = this.#call();
      const isReady = (!data || data.isEnded) && typeof (answer as PromiseLike<unknown>)?.then !== 'function';
      return isReady ? this.#final(answer) : Promise.resolve(answer);
    } catch (error) {
      return !data || data.isEnded ? this.#answerTo(error, this.#host.failed) : Promise.reject(error);
    }
  }

  /**
   * Calls the handler, and sends the pending responses that it yields. Settles with the final one. Never rejects.
   * @param handling The handler, if it has been called.
   */
  async answer(handling: Promise<unknown> = this.#handle()): Promise<AnswerValues> {
    try {
      return this.#final(await this.#untilLate(handling));
    } catch (error) {
      return this.#answerTo(error, this.#host.failed);
    } finally {
      // Data that the handler did not read must be consumed before the next message can be read.
      await this.message.data?.discard();
      this.#content = undefined;
    }
  }

  /** @throws ReturnValueError if the handler has not given a final status. */
  #final(answer: unknown): AnswerValues {
    const { operation, statuses } = this.chosen;
    const values = typeof answer === 'number' ? { status: answer } : ((answer ?? {}) as Values);
    const { status } = values;
    if (!isStatus(status) || categoryIn(statuses, status) === 'pending')
      throw statusError(operation, 'returned', status === undefined ? answer : status, statuses, 'final');
    return values as AnswerValues;
  }

  /** The answer to a request whose data could not be read. */
  answerToUnread(error: unknown): AnswerValues {
    return this.#answerTo(error, error instanceof DataSetError ? this.#host.undecodable : this.#host.failed);
  }

  #answerTo(error: unknown, report: Failed): AnswerValues {
    const { operation, statuses } = this.chosen;
    const isAborted = this.#madeController?.signal.aborted ?? false;
    if (this.#stopped && (error === this.#stopped || isAbort(error))) return this.#stoppedAnswer(undefined);
    if (error instanceof DimseError && saysHowItEnded(error, statuses)) {
      const { status, errorComment, offendingElements, errorId, response } = error;
      return { ...response, status, errorComment, offendingElements, errorId };
    }
    if (!isAborted) report(error, this.message);
    const [status, errorComment] =
      error instanceof DataSetError
        ? [statusOf(error, operation), error.message]
        : [Status.ProcessingFailure, 'the request could not be processed'];
    return { status, errorComment };
  }

  #stop(reason: DimseError): void {
    this.#stopped ??= reason;
    this.#controller.abort(reason);
  }

  async #handle(): Promise<unknown> {
    const answered = this.#call();
    return this.chosen.operation.answers === 'many' ? this.#handleMany(answered as Answers) : answered;
  }

  #call(): unknown {
    const { operation, handler } = this.chosen;
    const { context, command } = this.message;
    const { session } = this.#host;
    const request = propertiesOf(operation.request, command, this.#content);
    request.sopClass = command[operation.sopClassElement] ?? context.abstractSyntax;
    request.transferSyntax = context.transferSyntax;
    const given = new GivenContext(session, this, context.abstractSyntax);
    return handler(request as never, given);
  }

  async #handleMany(answers: Answers): Promise<unknown> {
    const { operation, statuses } = this.chosen;
    if (typeof (answers as Partial<Answers> | undefined)?.next !== 'function')
      throw wrongReturn(`${operation.name} handler`, answers, 'an async generator, as async function* makes it');
    const { signal } = this.#controller;
    for (let count = 1; ; count++) {
      // If neither the handler nor the transport has to be waited for, nothing else here would let others have their turn.
      if (count % ANSWERS_PER_TURN === 0) await nextTurn();
      const { done, value } = await answers.next();
      if (done) return signal.aborted ? this.#stoppedAnswer(value) : (value ?? Status.Success);
      if (signal.aborted) {
        // A `finally` of the handler may return a final answer, with the counts of sub-operations for example.
        const end = await answers.return(undefined);
        return this.#stoppedAnswer(end.value);
      }
      const pending = { status: Status.Pending, ...(value as Values) };
      if (categoryIn(statuses, pending.status) !== 'pending') {
        await answers.return(undefined);
        throw statusError(operation, 'yielded', pending.status, statuses, 'pending');
      }
      try {
        const sending = this.#host.responder.respond(this.message, this.chosen, pending, this.trace);
        if (sending) await sending;
      } catch (error) {
        await answers.return(undefined);
        throw error;
      }
    }
  }

  /** The answer of an operation that was stopped. Its handler may have returned counts; Cancel is replaced by the reason. */
  #stoppedAnswer(value: unknown): AnswerValues {
    const { status = Status.Cancel, errorComment } = this.#stopped ?? {};
    const given = (
      typeof value === 'number' ? { status: value } : (value ?? { status: Status.Cancel })
    ) as AnswerValues;
    if (categoryIn(this.chosen.statuses, given.status) !== 'cancel') return given;
    return { ...given, status, ...(errorComment !== undefined && { errorComment }) };
  }

  /**
   * The result of the handler. If it takes longer than the timeout, its signal aborts; if it then does not end within the
   * grace, this rejects, and the handler runs on without effect.
   */
  async #untilLate(handling: Promise<unknown>): Promise<unknown> {
    const { handlerTimeout } = this.#host;
    if (!(handlerTimeout > 0 && handlerTimeout <= LONGEST)) return handling;
    this.#isHandling = true;
    const ended = () => {
      this.#isHandling = false;
    };
    this.#handling = handling.then(ended, ended);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const giveUp = () => reject(this.#controller.signal.reason);
      timer = setTimeout(() => {
        const errorComment = `the request was not performed within ${handlerTimeout} ms`;
        this.#stop(new DimseError(tooLate(this.chosen.operation), { errorComment }));
        timer = setTimeout(giveUp, LATE_GRACE);
      }, handlerTimeout);
    });
    try {
      return await Promise.race([handling, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The error for a value that a handler gave for a status. */
function statusError(
  { name }: Operation,
  verb: string,
  status: unknown,
  statuses: StatusTable,
  kind: 'final' | 'pending',
): ReturnValueError {
  const words = isStatus(status) ? describeStatus(status, statuses) : shown(status);
  return new ReturnValueError(`${name} handler`, `${verb} ${words}, which is not a ${kind} status`);
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** A small one takes some microseconds. */
const ANSWERS_PER_TURN = 64;
/** Milliseconds in which a handler may end after its timeout. */
const LATE_GRACE = 1000;
/** The longest time of a Node.js timer in milliseconds. */
const LONGEST = 0x7fffffff;
