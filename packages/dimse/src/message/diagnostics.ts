// The channels of `node:diagnostics_channel` for tracing tools. Without subscribers, the cost is negligible.

import type { Association } from '@x/net';
import { diagnosticsChannel } from '../node-modules.ts';
import type { CommandSet } from './command-set.ts';
import type { MessageExchange } from './message.ts';
import { C_CANCEL_RQ, messageName, RESPONSE } from './operations.ts';
import { category } from './status.ts';

/** Published on `dicom.operation.start` when a request is sent or received. */
export interface OperationStart {
  /** The association that carries the request. */
  readonly association: Association;
  /** `invoked` for requests sent, `performed` for requests received. */
  readonly as: 'invoked' | 'performed';
  /** The message's name: `C-STORE-RQ`. */
  readonly message: string;
  /** (0000,0110) Message ID of the request. */
  readonly messageId: number;
  /** UID of the SOP class, if the request names one. */
  readonly sopClass?: string;
}

/** Published on `dicom.operation.end` with the final response or at the end of the association. */
export interface OperationEnd extends OperationStart {
  /** Absent if the association ended before the final response. */
  readonly status?: number;
  /** Milliseconds from the request. */
  readonly duration: number;
}

/** The channel (`node:diagnostics_channel`) on which an `OperationStart` is published. */
export const OPERATION_START = 'dicom.operation.start';
/** The channel on which an `OperationEnd` is published. */
export const OPERATION_END = 'dicom.operation.end';

/** Publishes the operations of an association as their requests and final responses are sent and received. */
export function traceOperations(exchange: MessageExchange): void {
  const { channel } = diagnosticsChannel();
  const [start, end] = [channel(OPERATION_START), channel(OPERATION_END)];
  const { association } = exchange;
  const running = new Map<string, { readonly operation: OperationStart; readonly begun: number }>();
  const conclude = (key: string, status?: number) => {
    const found = running.get(key);
    if (!found) return;
    running.delete(key);
    const duration = performance.now() - found.begun;
    end.publish({ ...found.operation, ...(status !== undefined && { status }), duration } satisfies OperationEnd);
  };
  exchange.on('message', (direction, { command }) => {
    if (!start.hasSubscribers && !end.hasSubscribers) return;
    const { commandField, messageId, messageIdBeingRespondedTo, status } = command;
    if (commandField === C_CANCEL_RQ) return;
    // An invoked request is sent and its response received; a performed one is received and its response sent.
    const isResponse = (commandField & RESPONSE) !== 0;
    const as = (direction === 'sent') !== isResponse ? 'invoked' : 'performed';
    const key = `${as} ${isResponse ? messageIdBeingRespondedTo : messageId}`;
    if (isResponse) {
      if (status === undefined || category(status) !== 'pending') conclude(key, status);
      return;
    }
    const operation = {
      association,
      as,
      message: messageName(commandField),
      messageId: messageId ?? 0,
      ...classOf(command),
    } as const;
    running.set(key, { operation, begun: performance.now() });
    start.publish(operation satisfies OperationStart);
  });
  void association.closed.then(() => {
    for (const key of [...running.keys()]) conclude(key);
  });
}

function classOf({ affectedSopClassUid, requestedSopClassUid }: CommandSet): { readonly sopClass?: string } {
  const sopClass = affectedSopClassUid ?? requestedSopClassUid;
  return sopClass === undefined ? {} : { sopClass };
}
