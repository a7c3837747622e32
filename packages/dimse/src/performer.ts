// The performing side of a session: requests in, handlers, responses out, C-CANCEL (PS3.7 §7, §9, §10).

import { AbortReason, AbortSource, type Association } from '@x/net';
import type { CommandSet } from './command-set.ts';
import type { DataSetCodec } from './dataset.ts';
import { DataSetError, DimseError } from './errors.ts';
import type { MessageExchange, ReceivedMessage } from './message.ts';
import { dataCarrier, fieldValues, needsData, type Operation, propertiesOf } from './operation.ts';
import { RESPONSE } from './operations.ts';
import { type AnyHandler, type Service, type ServiceSession, serviceOf, sopClassOf } from './service-class.ts';
import type { ReadDataSet } from './session-options.ts';
import { categoryIn, Status, type StatusTable } from './status.ts';

type Values = Readonly<Record<string, unknown>>;

type Answers = AsyncGenerator<Values, unknown, undefined>;

/** What is being performed. */
interface Performance {
  readonly contextId: number;
  readonly controller: AbortController;
  isCancelled: boolean;
}

/** What a request asks for, if we have it. */
interface Target {
  readonly operation: Operation;
  readonly statuses: StatusTable;
  readonly handler: AnyHandler;
}

export interface PerformerOptions {
  readonly session: ServiceSession;
  readonly exchange: MessageExchange;
  readonly services: readonly Service[];
  readonly codec: DataSetCodec;
  readonly readDataSet: ReadDataSet;
  /** Told of what handlers throw beside DimseError. */
  readonly failed: (error: unknown, request: Pick<ReceivedMessage, 'context' | 'command'>) => void;
}

export class Performer {
  readonly #exchange: MessageExchange;
  readonly #association: Association;
  readonly #session: ServiceSession;
  readonly #services: readonly Service[];
  readonly #codec: DataSetCodec;
  readonly #readDataSet: ReadDataSet;
  readonly #failed: PerformerOptions['failed'];
  readonly #window: number;
  readonly #performances = new Map<number, Performance>();
  readonly #handlers = new Set<Promise<void>>();

  constructor({ session, exchange, services, codec, readDataSet, failed }: PerformerOptions) {
    this.#session = session;
    this.#exchange = exchange;
    this.#association = exchange.association;
    this.#services = services;
    this.#codec = codec;
    this.#readDataSet = readDataSet;
    this.#failed = failed;
    const { invoked, performed } = this.#association.asynchronousOperations;
    const window = this.#association.role === 'requestor' ? performed : invoked;
    this.#window = window === 0 ? Number.POSITIVE_INFINITY : window;
  }

  /** Requests being performed. */
  get performing(): number {
    return this.#performances.size;
  }

  /** Takes a request, and settles when the next message may be read: its handler may go on. */
  async take(message: ReceivedMessage): Promise<void> {
    const { context, command, data } = message;
    const { messageId } = command;
    if (messageId === undefined) {
      await data?.discard();
      this.#violation(`a request with command field ${hex(command.commandField)} has no message ID`);
      return;
    }
    const refusal = this.#refusal(message);
    if (typeof refusal === 'number') {
      await data?.discard();
      await this.#respond(message, undefined, { status: refusal });
      return;
    }
    if (this.#performances.size >= this.#window) {
      this.#violation(`${this.#performances.size + 1} operations are invoked at once, ${this.#window} were negotiated`);
      return;
    }
    const { operation } = refusal;
    const performance: Performance = { contextId: context.id, controller: new AbortController(), isCancelled: false };
    this.#performances.set(messageId, performance);
    let content: unknown = data;
    try {
      if (data && dataCarrier(operation.request) !== 'stream')
        content = await this.#readDataSet(data, context.transferSyntax);
      else if (!data && needsData(operation.request))
        throw new DimseError(Status.MistypedArgument, { errorComment: 'the request has no data set' });
    } catch (error) {
      await data?.discard();
      await this.#answerError(message, operation, performance, error);
      return;
    }
    const running = this.#perform(message, refusal, performance, content);
    this.#handlers.add(running);
    void running.finally(() => this.#handlers.delete(running));
  }

  /** C-CANCEL-RQ: ends the operation it names, if that is still being performed on this presentation context. */
  cancel({ context, command }: ReceivedMessage): void {
    const performance = this.#performances.get(command.messageIdBeingRespondedTo ?? -1);
    if (performance?.contextId !== context.id) return;
    performance.isCancelled = true;
    performance.controller.abort(new DimseError(Status.Cancel));
  }

  /** The association has ended: handlers are told. */
  end(error: Error): void {
    for (const { controller } of this.#performances.values()) controller.abort(error);
  }

  /** Settles when all handlers have. */
  async settled(): Promise<void> {
    await Promise.all(this.#handlers);
  }

  #refusal({ context, command }: ReceivedMessage): Target | number {
    const service = serviceOf(this.#services, context.abstractSyntax);
    const carrier = service && sopClassOf(service, context.abstractSyntax);
    if (!service || !carrier)
      return this.knows(command.commandField) ? Status.SopClassNotSupported : Status.UnrecognizedOperation;
    const { operations } = service.serviceClass;
    const name = Object.keys(operations).find((key) => operations[key]?.commandField === command.commandField);
    const operation = name === undefined ? undefined : operations[name];
    if (name === undefined || !operation) return Status.UnrecognizedOperation;
    const uid = command[operation.sopClassElement] ?? command.affectedSopClassUid ?? context.abstractSyntax;
    if (uid !== context.abstractSyntax && !carrier.includes?.includes(uid)) return Status.SopClassNotSupported;
    // A meta SOP class leaves them to its members; another one has operations of its own.
    const isMeta = uid !== context.abstractSyntax && carrier.operations.length === 0;
    const sopClass = isMeta ? sopClassOf(service, uid) : carrier;
    if (!sopClass?.operations.includes(name)) return Status.UnrecognizedOperation;
    const isRequestor = this.#association.role === 'requestor';
    const needsScu = (operation.invokedBy === 'scu') !== isRequestor;
    if (!(needsScu ? context.roles.scu : context.roles.scp)) return Status.SopClassNotSupported;
    if (command.messageId !== undefined && this.#performances.has(command.messageId)) return Status.DuplicateInvocation;
    const handler = service.handlers[name];
    return handler ? { operation, statuses: service.serviceClass.statuses, handler } : Status.UnrecognizedOperation;
  }

  /** Whether one of the services has an operation with this command. */
  knows(commandField: number): boolean {
    return this.#services.some(({ serviceClass }) =>
      Object.values(serviceClass.operations).some((operation) => operation.commandField === commandField),
    );
  }

  async #perform(
    message: ReceivedMessage,
    { operation, statuses, handler }: Target,
    performance: Performance,
    content: unknown,
  ): Promise<void> {
    const { context, command, data } = message;
    const { controller } = performance;
    const request = {
      ...propertiesOf(operation.request, command, content),
      sopClass: command[operation.sopClassElement] ?? context.abstractSyntax,
      transferSyntax: context.transferSyntax,
    };
    const { callingAeTitle, calledAeTitle } = this.#association;
    const messageId = command.messageId as number;
    const handlerContext = {
      signal: controller.signal,
      session: this.#session,
      callingAeTitle,
      calledAeTitle,
      messageId,
    };
    try {
      const answered = handler(request as never, handlerContext);
      const answer =
        operation.answers === 'many'
          ? await this.#performMany(message, operation, statuses, performance, answered as Answers)
          : await answered;
      const values = typeof answer === 'number' ? { status: answer } : (answer as Values);
      if (categoryIn(statuses, values.status as number) === 'pending')
        throw new TypeError(`${operation.name} was to end with a pending status`);
      // What the handler did not want of the data must still be taken off the wire.
      await data?.discard();
      await this.#finish(message, operation, performance, values);
    } catch (error) {
      await data?.discard();
      await this.#answerError(message, operation, performance, error);
    }
  }

  async #performMany(
    message: ReceivedMessage,
    operation: Operation,
    statuses: StatusTable,
    performance: Performance,
    answers: Answers,
  ): Promise<unknown> {
    const { signal } = performance.controller;
    for (;;) {
      const { done, value } = await answers.next();
      if (done) return value ?? (performance.isCancelled ? Status.Cancel : Status.Success);
      if (signal.aborted) {
        // A `finally` of the handler's may return the counts.
        const end = await answers.return(undefined);
        return end.value ?? Status.Cancel;
      }
      const pending = { status: Status.Pending, ...(value as Values) };
      if (categoryIn(statuses, pending.status) !== 'pending') {
        await answers.return(undefined);
        throw new TypeError(`${operation.name} yielded a status that is not pending`);
      }
      try {
        await this.#respond(message, operation, pending);
      } catch (error) {
        await answers.return(undefined);
        throw error;
      }
    }
  }

  async #answerError(
    message: ReceivedMessage,
    operation: Operation,
    performance: Performance,
    error: unknown,
  ): Promise<void> {
    const { signal } = performance.controller;
    if (performance.isCancelled && (error === signal.reason || isAbort(error)))
      return this.#finish(message, operation, performance, { status: Status.Cancel });
    if (error instanceof DimseError) {
      const { status, errorComment, offendingElements, errorId, response } = error;
      const values = { ...response, status, errorComment, offendingElements, errorId };
      return this.#finish(message, operation, performance, values);
    }
    if (!signal.aborted) this.#failed(error, message);
    const [status, errorComment] =
      error instanceof DataSetError
        ? [CANNOT_UNDERSTAND, error.message]
        : [Status.ProcessingFailure, 'the request could not be processed'];
    return this.#finish(message, operation, performance, { status, errorComment });
  }

  async #finish(
    message: ReceivedMessage,
    operation: Operation,
    performance: Performance,
    values: Values,
  ): Promise<void> {
    // Before the response is out: with it the peer may invoke the next operation.
    const { messageId } = message.command;
    if (messageId !== undefined && this.#performances.get(messageId) === performance)
      this.#performances.delete(messageId);
    await this.#respond(message, operation, values);
  }

  async #respond(
    { context, command }: ReceivedMessage,
    operation: Operation | undefined,
    values: Values,
  ): Promise<void> {
    const { status, errorComment, offendingElements, errorId } = values;
    const sopClass = command.affectedSopClassUid ?? command.requestedSopClassUid;
    const sopInstance = command.affectedSopInstanceUid ?? command.requestedSopInstanceUid;
    const details = { errorComment, offendingElements, errorId };
    try {
      const { command: elements, data } = fieldValues(operation?.response ?? {}, values, `${operation?.name}-RSP`);
      const response = {
        ...(sopClass !== undefined && { affectedSopClassUid: sopClass }),
        ...(sopInstance !== undefined && { affectedSopInstanceUid: sopInstance }),
        // Conditional on a reply (PS3.7 §10.1.1.1.8, §10.1.4.1.10): then the same as in the request.
        ...(data && command.eventTypeId !== undefined && { eventTypeId: command.eventTypeId }),
        ...(data && command.actionTypeId !== undefined && { actionTypeId: command.actionTypeId }),
        ...elements,
        commandField: command.commandField | RESPONSE,
        messageIdBeingRespondedTo: command.messageId,
        status,
        ...Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined)),
      } as unknown as CommandSet;
      const source =
        data?.carriedBy === 'data set' ? this.#codec.encode(data.value, context.transferSyntax) : data?.value;
      await this.#exchange.send(context.id, response, source);
    } catch (error) {
      if (error instanceof DataSetError && values.status !== Status.ProcessingFailure) {
        // Nothing has been sent: the peer can still be told.
        this.#failed(error, { context, command });
        throw new DimseError(Status.ProcessingFailure, { errorComment: 'the answer cannot be encoded', cause: error });
      }
      // The association is gone, or the answer could not be written: the peer must not wait for it in vain.
      if (this.#association.state === 'Sta6' || this.#association.state === 'Sta8') {
        this.#failed(error, { context, command });
        this.#association.abort(error instanceof Error ? error : undefined);
      }
    }
  }

  #violation(what: string): void {
    this.#association.connection.abort({
      source: AbortSource.ServiceProvider,
      reason: AbortReason.NotSpecified,
      cause: new Error(what),
    });
  }
}

const CANNOT_UNDERSTAND = 0xc000;

function hex(commandField: number): string {
  return `${commandField.toString(16).toUpperCase().padStart(4, '0')}H`;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
