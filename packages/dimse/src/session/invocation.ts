// A call of an operation as it was made, before it has a Message ID.

import type { AcceptedContext, Association, DataSource } from '@x/net';
import { CodedError } from '@x/pdu/internal';
import type { DataSetLimits } from '../data-set/data-set-limits.ts';
import type { DataSetCodec } from '../data-set/dataset.ts';
import type { CommandSet } from '../message/command-set.ts';
import { isWatched, measured, type OperationCourse, traceOperation } from '../message/diagnostics.ts';
import { DimseError } from '../message/errors.ts';
import type { MessageExchange } from '../message/message.ts';
import type { Operation } from '../message/operation.ts';
import { messageName, RESPONSE } from '../message/operations.ts';
import { categoryIn } from '../message/status.ts';
import type { Call, Response } from './call.ts';
import type { CallOptions } from './call-options.ts';
import type { ResponseQueue } from './response-queue.ts';
import type { ResponseStatus } from './responses.ts';
import type { ServiceClass } from './service-class.ts';
import type { SessionTimeouts } from './session-options.ts';

export type Values = Readonly<Record<string, unknown>>;

export interface InvokerOptions {
  readonly exchange: MessageExchange;
  readonly timeouts: SessionTimeouts;
  /** See `SessionOptions.maximumQueuedLength`. */
  readonly maximumQueuedLength: number;
  /** The limits on the data sets of responses. */
  readonly limits: DataSetLimits;
  readonly codec: DataSetCodec;
}

export interface Invocation {
  readonly operation: Operation;
  readonly service: ServiceClass;
  /** The name of the operation in the service class. */
  readonly name: string;
  readonly values: Values;
  readonly options: CallOptions;
  readonly queue: ResponseQueue<Response>;
  readonly opened: (call: Call) => void;
  /** Present if somebody watches the operation. */
  readonly trace: OperationCourse | undefined;
}

/** The parts of a request without its data. */
export interface InvokedRequest {
  readonly command: Readonly<Record<string, unknown>>;
  readonly sopClass: string;
  readonly context: AcceptedContext;
}

/** A response that does not fit its request. */
export class ResponseError extends CodedError {
  static override readonly name: string = 'ResponseError';
  readonly code = 'RESPONSE_INVALID';
}

/** The SOP class of an operation that only one has. @throws TypeError if the caller must name it */
export function onlySopClass(service: ServiceClass, operation: string): string {
  const only = impliedSopClass(service, operation);
  if (only === undefined) throw new TypeError(`${service.name}: '${operation}' needs 'sopClass'`);
  return only;
}

/** The SOP class of an operation that only one has; undefined if several have it. */
export function impliedSopClass(service: ServiceClass, operation: string): string | undefined {
  const [only, ...others] = Object.values(service.sopClasses).filter(({ operations }) =>
    operations.includes(operation),
  );
  return others.length > 0 ? undefined : only?.uid;
}

/** The trace of a call; undefined without a subscriber. */
export function traceCall(
  association: Association,
  service: ServiceClass,
  name: string,
  values: Values,
): OperationCourse | undefined {
  if (!isWatched()) return undefined;
  const sopClass = (values.sopClass as string | undefined) ?? impliedSopClass(service, name);
  const operation = (service.operations[name] as Operation).name;
  return traceOperation({ association, as: 'invoked', operation, ...(sopClass !== undefined && { sopClass }) });
}

/** Notes that the request of a call is being sent. The data to send are returned; their bytes are counted. */
export function traceSending(
  trace: OperationCourse,
  messageId: number,
  source: DataSource | undefined,
): DataSource | undefined {
  trace.work.messageId = messageId;
  return measured(source, trace, 'requestLength');
}

/** Ends the trace of a call with its outcome. */
export function concludeCall(trace: OperationCourse, error: unknown, response: ResponseStatus | undefined): void {
  const status = response?.status ?? (error instanceof DimseError ? error.status : undefined);
  if (status !== undefined) trace.work.status = status;
  trace.conclude(error);
}

/** The command of a request. */
export function requestCommand(
  operation: Operation,
  command: InvokedRequest['command'],
  sopClass: string,
  messageId: number,
): CommandSet {
  // To spread objects of several shapes takes longer than to encode the result.
  const request: Record<string, unknown> = Object.assign({}, command);
  request[operation.sopClassElement] = sopClass;
  request.commandField = operation.commandField;
  request.messageId = messageId;
  // Required if the operation has it (PS3.7 §9.3). Default: medium.
  if ('priority' in operation.request) request.priority ??= 0;
  return request as unknown as CommandSet;
}

/** Whether a response is one of many and not the last one. */
export function isPending({ operation, service }: Call, { status }: CommandSet): boolean {
  return operation.answers === 'many' && status !== undefined && categoryIn(service.statuses, status) === 'pending';
}

/** @throws ResponseError if a response does not fit its request. */
export function checkResponse({ operation, service }: Call, { commandField, status }: CommandSet): void {
  if (commandField !== (operation.commandField | RESPONSE))
    throw new ResponseError(`the response was ${messageName(commandField)}`);
  if (status === undefined) throw new ResponseError('the response has no status');
  if (operation.answers === 'one' && categoryIn(service.statuses, status) === 'pending')
    throw new ResponseError('the response is pending, but must be the only one');
}
