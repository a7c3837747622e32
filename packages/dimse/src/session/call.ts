// A request that waits for its final response: its time, and how it is given up (PS3.7 §9.3.2.3 for C-CANCEL).

import { type AcceptedContext, TimeoutError } from '@x/net';
import { RequestError, type RequestPhase } from '../message/errors.ts';
import type { MessageExchange } from '../message/message.ts';
import type { Operation } from '../message/operation.ts';
import { C_CANCEL_RQ } from '../message/operations.ts';
import { CallTimer } from './call-timer.ts';
import type { CallControl, ResponseQueue } from './response-queue.ts';
import type { ResponseStatus } from './responses.ts';
import type { CallOptions, ServiceClass } from './service-class.ts';
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
}

export class Call implements Omit<CallControl, 'isInTheWay'> {
  readonly operation: Operation;
  readonly service: ServiceClass;
  readonly messageId: number;
  readonly context: AcceptedContext;
  readonly queue: ResponseQueue<Response>;
  readonly #exchange: MessageExchange;
  readonly #timeouts: SessionTimeouts;
  readonly #options: CallOptions;
  readonly #aborted: () => void;
  #phase: RequestPhase = 'send';
  #responseTimer: CallTimer | undefined;
  #totalTimer: CallTimer | undefined;
  #cancelTimer: NodeJS.Timeout | undefined;
  #isCancelled = false;
  /** Why it was cancelled, where that was not the caller's wish. */
  #late: Error | undefined;
  #isDone = false;
  #isOut = false;
  #settle: (() => void) | undefined;

  constructor({ operation, service, messageId, context, queue, exchange, timeouts, options }: CallParameters) {
    this.operation = operation;
    this.service = service;
    this.messageId = messageId;
    this.context = context;
    this.queue = queue;
    this.#exchange = exchange;
    this.#timeouts = timeouts;
    this.#options = options;
    this.#aborted = () => {
      if (operation.answers === 'many') this.cancel();
      // There is nothing to cancel: the response, when it comes, is dropped.
      else queue.fail(options.signal?.reason);
    };
    options.signal?.addEventListener('abort', this.#aborted, { once: true });
  }

  /** The request is out: the wait for its responses begins, unless the last of them is here already. */
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
   * Settles the call once nothing of the request is left to send: who is told that it is over may close the file its
   * data come from, and a message broken off would cost the association.
   */
  whenSent(settle: () => void): void {
    if (this.#isOut) settle();
    else this.#settle ??= settle;
  }

  /** Nothing is being sent any more: the final response that came meanwhile is given. */
  sendingEnded(): void {
    this.#isOut = true;
    this.#settle?.();
  }

  /** The wait for the next response starts anew. */
  progressed(): void {
    this.#responseTimer?.restart();
  }

  /** Sends C-CANCEL, once; where no final response follows, the association is aborted. */
  cancel(): void {
    if (this.#isCancelled || this.#isDone) return;
    this.#isCancelled = true;
    // Else a loop that is slow would keep the final response from being read.
    this.queue.stop();
    const command = { commandField: C_CANCEL_RQ, messageIdBeingRespondedTo: this.messageId };
    this.#exchange.send(this.context.id, command).catch(() => {});
    const { cancel } = this.#timeouts;
    if (cancel > 0 && Number.isFinite(cancel))
      this.#cancelTimer = setTimeout(() => this.#giveUp('cancel', cancel), cancel);
  }

  /** The final response is here, or will not come. */
  done(): void {
    this.#isDone = true;
    this.#responseTimer?.stop();
    this.#totalTimer?.stop();
    clearTimeout(this.#cancelTimer);
    const { signal } = this.#options;
    signal?.removeEventListener('abort', this.#aborted);
    // The caller gave up and the peer has followed: the caller's reason is the one to tell.
    if (this.#isCancelled && signal?.aborted) this.queue.fail(signal.reason);
    else if (this.#late) this.queue.fail(this.#late);
  }

  /** That there will be no response, for a reason. */
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
