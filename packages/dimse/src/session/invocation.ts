// A call of an operation as it was made, before it has a Message ID.

import type { AcceptedContext } from '@x/net';
import { CodedError } from '@x/pdu/internal';
import type { DataSetLimits } from '../data-set/data-set-limits.ts';
import type { DataSetCodec } from '../data-set/dataset.ts';
import type { CommandSet } from '../message/command-set.ts';
import type { MessageExchange } from '../message/message.ts';
import type { Operation } from '../message/operation.ts';
import type { Call, Response } from './call.ts';
import type { CallOptions } from './call-options.ts';
import type { ResponseQueue } from './response-queue.ts';
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
  const [only, ...others] = Object.values(service.sopClasses).filter(({ operations }) =>
    operations.includes(operation),
  );
  if (!only || others.length > 0) throw new TypeError(`${service.name}: '${operation}' needs 'sopClass'`);
  return only.uid;
}

/** The command of a request. */
export function requestCommand(
  operation: Operation,
  command: InvokedRequest['command'],
  sopClass: string,
  messageId: number,
): CommandSet {
  return {
    ...command,
    [operation.sopClassElement]: sopClass,
    commandField: operation.commandField,
    messageId,
    // Required if the operation has it (PS3.7 §9.3). Default: medium.
    ...('priority' in operation.request && { priority: command.priority ?? 0 }),
  } as unknown as CommandSet;
}
