// An outstanding request: its timeouts, and its cancellation (C-CANCEL, PS3.7 §9.3.2.3).

import { type AcceptedContext, TimeoutError } from '@x/net';
import { onAbort } from '@x/net/internal';
import type { OperationCourse } from '../message/diagnostics.ts';
import { RequestError, type RequestPhase } from '../message/errors.ts';
import type { MessageExchange } from '../message/message.ts';
import type { Operation } from '../message/operation.ts';
import { C_CANCEL_RQ } from '../message/operations.ts';
import type { CallOptions } from './call-options.ts';
import { CallTimer } from './call-timer.ts';
import type { CallControl, ResponseQueue } from './response-queue.ts';
import type { ResponseStatus } from './responses.ts';
import type { ServiceClass } from './service-class.ts';
import type { SessionTimeouts } from './session-options.ts';

export type Response = ResponseStatus & Readonly<Record<string, unknown>>;

export interface CallParameters {
  readonly operation: Operation;
  readonly service: ServiceClass;
  readonly messageId: number;
  readonly context: AcceptedContext;
  readonly queue: ResponseQueue<Response>;
  readonly exchange: MessageExchange;
  readonly timeouts: SessionTimeouts;
  readonly options: CallOptions;
  /** Keywords of the attributes in the request. */
  readonly requested: readonly string[];
  readonly trace: OperationCourse | undefined;
}

export class Call implements Omit<CallControl, 'isInTheWay' | 'maximumQueuedLength' | 'ended'> {
  readonly operation: Operation;
  readonly service: ServiceClass;
  readonly messageId: number;
  readonly context: AcceptedContext;
  readonly queue: ResponseQueue<Response>;
  readonly requested: readonly string[];
  readonly trace: OperationCourse | undefined;
  readonly #exchange: MessageExchange;
  readonly #timeouts: SessionTimeouts;
  readonly #options: CallOptions;
  readonly #stopListening: () => void;
  #phase: RequestPhase = 'send';
  #responseTimer: CallTimer | undefined;
  #totalTimer: CallTimer | undefined;
  #cancelTimer: NodeJS.Timeout | undefined;
  #isCancelled = false;
  /** The reason of the cancellation, if it was not the caller who cancelled. */
  #late: Error | undefined;
  #isDone = false;
  #isOut = false;
  #settle: (() => void) | undefined;

  constructor({ operation, service, messageId, context, queue, requested, trace, ...others }: CallParameters) {
    const { exchange, timeouts, options } = others;
    this.operation = operation;
    this.service = service;
    this.messageId = messageId;
    this.context = context;
    this.queue = queue;
    this.requested = requested;
    this.trace = trace;
    this.#exchange = exchange;
    this.#timeouts = timeouts;
    this.#options = options;
    this.#stopListening = onAbort(options.signal, (reason) => {
      if (operation.answers === 'many') this.cancel();
      // C-CANCEL does not apply to these operations. The response will be dropped when it arrives.
      else queue.fail(reason);
    });
  }

  get signal(): AbortSignal | undefined {
    return this.#options.signal;
  }

  /** Starts the timeouts, because the request has been sent. Does nothing if the final response has already arrived. */
  sent(): void {
    this.#phase = 'await-response';
    if (this.#isDone) return;
    const { hasSubOperations } = this.operation;
    const { response, retrieve, retrieveTotal } = this.#timeouts;
    const timer = hasSubOperations ? 'retrieve' : 'response';
    const timeout = this.#options.responseTimeout ?? (hasSubOperations ? retrieve : response);
    this.#responseTimer = new CallTimer(timeout, {
      clock: () => this.#exchange.waited,
      heard: () => (hasSubOperations ? this.#exchange.lastRequestHeard : 0),
      expired: () => this.#giveUp(timer, timeout),
    });
    if (!hasSubOperations) return;
    const total = this.#options.retrieveTotalTimeout ?? retrieveTotal;
    this.#totalTimer = new CallTimer(total, {
      clock: () => performance.now(),
      heard: () => 0,
      expired: () => {
        this.#late = this.error(this.#timeout('retrieveTotal', total));
        this.cancel();
      },
    });
  }

  /**
   * Runs `settle` when the request has been sent completely. A caller that learns of the end earlier may close the file
   * that the data are read from, and a message that cannot be completed would abort the association.
   */
  whenSent(settle: () => void): void {
    if (this.#isOut) settle();
    else this.#settle ??= settle;
  }

  /** Runs what waits in `whenSent`, because sending has ended. */
  sendingEnded(): void {
    this.#isOut = true;
    this.#settle?.();
  }

  /** A response has arrived, so that the request has reached the peer, even if sending it has not ended here. */
  answered(): void {
    this.#phase = 'await-response';
    this.progressed();
  }

  /** Restarts the response timeout. */
  progressed(): void {
    this.#responseTimer?.restart();
  }

  /** Sends C-CANCEL, once. If no final response follows in time, the association is aborted. */
  cancel(): void {
    if (this.#isCancelled || this.#isDone) return;
    this.#isCancelled = true;
    // A slow loop would otherwise prevent the final response from being read.
    this.queue.stop();
    const command = { commandField: C_CANCEL_RQ, messageIdBeingRespondedTo: this.messageId };
    this.#exchange.send(this.context.id, command).catch(() => {});
    const { cancel } = this.#timeouts;
    if (cancel > 0 && Number.isFinite(cancel))
      this.#cancelTimer = setTimeout(() => this.#giveUp('cancel', cancel), cancel);
  }

  /** Stops the timeouts, because the final response has arrived or will not arrive. */
  done(): void {
    this.#isDone = true;
    this.#responseTimer?.stop();
    this.#totalTimer?.stop();
    clearTimeout(this.#cancelTimer);
    this.#stopListening();
    const { signal } = this.#options;
    // The caller cancelled and the peer agreed: the call fails with the reason of the caller.
    if (this.#isCancelled && signal?.aborted) this.queue.fail(signal.reason);
    else if (this.#late) this.queue.fail(this.#late);
  }

  /** The error of a call without a final response. */
  error(cause: unknown): RequestError {
    return new RequestError(this.operation.name, this.messageId, this.#phase, cause);
  }

  #giveUp(timer: string, milliseconds: number): void {
    this.#exchange.association.abort(this.#timeout(timer, milliseconds));
  }

  #timeout(timer: string, milliseconds: number): TimeoutError {
    const { peerName } = this.#exchange.association;
    return new TimeoutError(timer, milliseconds, `${peerName} did not answer ${this.operation.name}`);
  }
}

/** The control of a call that may have to wait for its place in the window. */
export class LaterCall implements CallControl {
  /** Set when its Message ID is known. */
  call: Call | undefined;
  readonly maximumQueuedLength: number;
  readonly ended: CallControl['ended'];
  readonly #invoker: { readonly outstanding: number };

  constructor(invoker: { readonly outstanding: number }, maximumQueuedLength: number, ended: CallControl['ended']) {
    this.#invoker = invoker;
    this.maximumQueuedLength = maximumQueuedLength;
    this.ended = ended;
  }

  get messageId(): number | undefined {
    return this.call?.messageId;
  }

  get signal(): AbortSignal | undefined {
    return this.call?.signal;
  }

  cancel(): void {
    this.call?.cancel();
  }

  progressed(): void {
    this.call?.progressed();
  }

  isInTheWay(): boolean {
    return this.#invoker.outstanding > 1;
  }
}
