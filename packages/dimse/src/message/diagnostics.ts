// What tracing tools may subscribe to by `node:diagnostics_channel`. Without subscribers it costs next to nothing.

import { channel } from 'node:diagnostics_channel';
import type { Association } from '@x/net';
import type { CommandSet } from './command-set.ts';
import type { MessageExchange } from './message.ts';
import { C_CANCEL_RQ, messageName, RESPONSE } from './operations.ts';
import { category } from './status.ts';

/** Published when a request was sent or received, on `dicom.operation.start`. */
export interface OperationStart {
  readonly association: Association;
  /** `invoked` by us, or `performed` for the peer. */
  readonly as: 'invoked' | 'performed';
  /** The message's name: `C-STORE-RQ`. */
  readonly message: string;
  readonly messageId: number;
  readonly sopClass?: string;
}

/** Published with its final response, or the end of the association, on `dicom.operation.end`. */
export interface OperationEnd extends OperationStart {
  /** Absent where the association ended before there was one. */
  readonly status?: number;
  /** Milliseconds from the request. */
  readonly duration: number;
}

/** The channel (`node:diagnostics_channel`) on which an `OperationStart` is published. */
export const OPERATION_START = 'dicom.operation.start';
/** The channel on which an `OperationEnd` is published. */
export const OPERATION_END = 'dicom.operation.end';

const start = channel(OPERATION_START);
const end = channel(OPERATION_END);

/** Publishes the operations of an association, as their requests and final responses come and go. */
export function traceOperations(exchange: MessageExchange): void {
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
    // A request of ours is sent and its response received; a request of the peer's the other way round.
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
