// The invoking side of a session: requests out, responses in, message ids, the window (PS3.7 §7, §8.2; Annex D.3.3.3).

import { type AcceptedContext, type Association, TimeoutError } from '@x/net';
import { chooseContext } from './choose-context.ts';
import type { CommandSet } from './command-set.ts';
import { type DataSet, encodeDataSet } from './dataset.ts';
import { DataSetError, DimseError, RequestError, type RequestPhase } from './errors.ts';
import type { MessageExchange, ReceivedMessage } from './message.ts';
import { fieldValues, type Operation, propertiesOf } from './operation.ts';
import { C_CANCEL_RQ } from './operations.ts';
import { type ResponseStatus, Responses } from './responses.ts';
import type { CallOptions, ServiceClass } from './service-class.ts';
import type { ReadDataSet, SessionTimeouts } from './session-options.ts';
import { category, Status } from './status.ts';

type Response = ResponseStatus & Readonly<Record<string, unknown>>;
type Values = Readonly<Record<string, unknown>>;

/** A request that waits for its final response. */
interface Call {
  readonly operation: Operation;
  readonly service: ServiceClass;
  readonly messageId: number;
  readonly context: AcceptedContext;
  readonly responses: Responses<Response>;
  phase: RequestPhase;
  /** Starts the wait for the next response anew. */
  heard(): void;
  /** Frees what the call holds. */
  done(): void;
}

export class Invoker {
  readonly #exchange: MessageExchange;
  readonly #association: Association;
  readonly #timeouts: SessionTimeouts;
  readonly #readDataSet: ReadDataSet;
  readonly #calls = new Map<number, Call>();
  readonly #window: number;
  readonly #waiting: (() => void)[] = [];
  #inWindow = 0;
  #lastMessageId = 0;
  #ended: { readonly error: Error } | undefined;
  #idle: (() => void)[] = [];
  /** Requests whose final response has come. */
  completed = 0;

  constructor(exchange: MessageExchange, timeouts: SessionTimeouts, readDataSet: ReadDataSet) {
    this.#exchange = exchange;
    this.#association = exchange.association;
    this.#timeouts = timeouts;
    this.#readDataSet = readDataSet;
    const { invoked, performed } = this.#association.asynchronousOperations;
    const window = this.#association.role === 'requestor' ? invoked : performed;
    this.#window = window === 0 ? Number.POSITIVE_INFINITY : window;
  }

  /** Requests sent, or waiting to be, whose final response has not come. */
  get outstanding(): number {
    return this.#inWindow + this.#waiting.length;
  }

  /** Calls an operation whose one response is awaited. */
  call(service: ServiceClass, name: string, values: Values, options: CallOptions): Promise<Response> {
    return this.callMany(service, name, values, options).final;
  }

  /** Calls an operation that may have many responses. */
  callMany(service: ServiceClass, name: string, values: Values, options: CallOptions): Responses<Response> {
    const operation = service.operations[name] as Operation;
    let cancel = () => {};
    const responses = new Responses<Response>(() => cancel());
    const controller = { cancel: () => {} };
    cancel = () => controller.cancel();
    this.#invoke(operation, service, name, values, options, responses, controller).catch((error) =>
      responses.fail(error),
    );
    return responses;
  }

  /** Gives a response to the call it belongs to; settles when the call has room for more. */
  async deliver(message: ReceivedMessage): Promise<void> {
    const { command, data } = message;
    const call = this.#calls.get(command.messageIdBeingRespondedTo ?? -1);
    if (!call) {
      // The response to a call that was given up.
      await data?.discard();
      return;
    }
    const { operation, responses } = call;
    call.heard();
    let dataSet: DataSet | undefined;
    try {
      dataSet = data && (await this.#readDataSet(data, call.context.transferSyntax));
    } catch (error) {
      if (!(error instanceof DataSetError || error instanceof RangeError)) throw error;
      // One response that cannot be read is one call's trouble, not that of the association.
      this.#finish(call);
      responses.fail(new RequestError(operation.name, call.messageId, 'await-response', error));
      return;
    }
    const { status = Status.Success, errorComment, offendingElements, errorId } = command;
    const properties = propertiesOf(operation.response, command, dataSet);
    const details = {
      ...(errorComment !== undefined && { errorComment }),
      ...(offendingElements && { offendingElements }),
      ...(errorId !== undefined && { errorId }),
    };
    const response = { status, ...details, ...properties };
    const kind = categoryIn(call.service, status);
    if (kind === 'pending') {
      await responses.push(response);
      return;
    }
    this.#finish(call);
    if (kind === 'failure' || kind === 'cancel') {
      const { name } = operation;
      responses.fail(
        new DimseError(status, { ...details, operation: name, statuses: call.service.statuses, response: properties }),
      );
    } else responses.end(response);
  }

  /** Fails all that is pending: there will be no more responses. */
  end(error: Error): void {
    this.#ended = { error };
    for (const call of [...this.#calls.values()]) {
      this.#finish(call);
      call.responses.fail(new RequestError(call.operation.name, call.messageId, call.phase, error));
    }
    for (const enter of this.#waiting.splice(0)) {
      this.#inWindow++;
      enter();
    }
  }

  /** Settles when no request is outstanding. */
  async settled(): Promise<void> {
    if (this.outstanding > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  async #invoke(
    operation: Operation,
    service: ServiceClass,
    name: string,
    values: Values,
    options: CallOptions,
    responses: Responses<Response>,
    controller: { cancel(): void },
  ): Promise<void> {
    const { signal } = options;
    signal?.throwIfAborted();
    const sopClass = (values.sopClass as string | undefined) ?? onlySopClass(service, name);
    const transferSyntax = values.transferSyntax as string | undefined;
    const context = chooseContext(this.#association, { operation, service, sopClass, transferSyntax });
    const { command, data } = fieldValues(operation.request, values, `${operation.name}-RQ`);
    const source = data?.carriedBy === 'data set' ? encodeDataSet(data.value, context.transferSyntax) : data?.value;
    await this.#enterWindow(signal);
    let call: Call;
    try {
      signal?.throwIfAborted();
      if (this.#ended) throw new RequestError(operation.name, 0, 'send', this.#ended.error);
      call = this.#open(operation, service, context, responses, options, controller);
    } catch (error) {
      this.#leaveWindow();
      throw error;
    }
    const request = {
      ...command,
      [operation.sopClassElement]: sopClass,
      commandField: operation.commandField,
      messageId: call.messageId,
      // Required where it may stand (PS3.7 §9.3); medium unless said otherwise.
      ...('priority' in operation.request && { priority: command.priority ?? 0 }),
    } as unknown as CommandSet;
    try {
      await this.#exchange.send(context.id, request, source);
    } catch (error) {
      if (this.#calls.has(call.messageId)) {
        this.#finish(call);
        responses.fail(new RequestError(operation.name, call.messageId, 'send', error));
      }
      return;
    }
    call.phase = 'await-response';
    call.heard();
  }

  #open(
    operation: Operation,
    service: ServiceClass,
    context: AcceptedContext,
    responses: Responses<Response>,
    { signal, responseTimeout = this.#timeouts.response }: CallOptions,
    controller: { cancel(): void },
  ): Call {
    const messageId = this.#nextMessageId();
    let responseTimer: NodeJS.Timeout | undefined;
    let cancelTimer: NodeJS.Timeout | undefined;
    let isCancelled = false;
    const giveUp = (name: string, milliseconds: number) =>
      this.#association.abort(
        new TimeoutError(name, milliseconds, `${this.#association.peerName} did not answer ${operation.name}`),
      );
    const cancel = () => {
      if (isCancelled || !this.#calls.has(messageId)) return;
      isCancelled = true;
      const command = { commandField: C_CANCEL_RQ, messageIdBeingRespondedTo: messageId };
      this.#exchange.send(context.id, command).catch(() => {});
      cancelTimer = setTimeout(() => giveUp('cancel', this.#timeouts.cancel), this.#timeouts.cancel);
    };
    const aborted = () => {
      if (operation.answers === 'many') cancel();
      // There is nothing to cancel: the response, when it comes, is dropped.
      else responses.fail(signal?.reason);
    };
    signal?.addEventListener('abort', aborted, { once: true });
    controller.cancel = cancel;
    const call: Call = {
      operation,
      service,
      messageId,
      context,
      responses,
      phase: 'send',
      heard: () => {
        clearTimeout(responseTimer);
        if (call.phase !== 'await-response' || !this.#calls.has(messageId) || !Number.isFinite(responseTimeout)) return;
        if (responseTimeout > 0) responseTimer = setTimeout(() => giveUp('response', responseTimeout), responseTimeout);
      },
      done: () => {
        clearTimeout(responseTimer);
        clearTimeout(cancelTimer);
        signal?.removeEventListener('abort', aborted);
        // The caller gave up and the peer has followed: the caller's reason is the one to tell.
        if (isCancelled && signal?.aborted) responses.fail(signal.reason);
      },
    };
    this.#calls.set(messageId, call);
    return call;
  }

  #finish(call: Call): void {
    if (!this.#calls.delete(call.messageId)) return;
    call.done();
    this.completed++;
    this.#leaveWindow();
  }

  async #enterWindow(signal: AbortSignal | undefined): Promise<void> {
    if (this.#inWindow < this.#window || this.#ended) {
      this.#inWindow++;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const enter = () => {
        signal?.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = () => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1);
        reject(signal?.reason);
      };
      this.#waiting.push(enter);
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }

  #leaveWindow(): void {
    const enter = this.#waiting.shift();
    // The place goes to who waits, so that at no time nothing seems to be outstanding.
    if (enter) enter();
    else this.#inWindow--;
    if (this.outstanding === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  #nextMessageId(): number {
    // Unique among the outstanding (PS3.7 §9.1.1.1); 0 is left to those who do not use it.
    do this.#lastMessageId = (this.#lastMessageId % 0xffff) + 1;
    while (this.#calls.has(this.#lastMessageId));
    return this.#lastMessageId;
  }
}

function categoryIn(service: ServiceClass, status: number) {
  return service.statuses[status]?.[0] ?? category(status);
}

function onlySopClass(service: ServiceClass, operation: string): string {
  const [only, ...others] = Object.values(service.sopClasses).filter(({ operations }) =>
    operations.includes(operation),
  );
  if (!only || others.length > 0) throw new TypeError(`${service.name}: '${operation}' needs 'sopClass'`);
  return only.uid;
}
