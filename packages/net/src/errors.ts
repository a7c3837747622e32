// The errors of associations: one class for each thing that a caller may handle differently.

import { AbortSource, type AssociateReject, describeAbort, describeReject, RejectResult } from '@x/pdu';
import { CodedError } from '@x/pdu/internal';
import type { EventName, State } from './upper-layer/state-machine.ts';

/** The local caller requested something that the state of the association does not allow. Nothing was sent. */
export class StateError extends CodedError {
  static override readonly name: string = 'StateError';
  readonly code = 'STATE_NOT_ALLOWED';
  /** What the caller requested, as an event of PS3.8 Table 9-10. */
  readonly event: EventName;
  /** The state that does not allow it. */
  readonly state: State;

  constructor(event: EventName, state: State, meaning: string) {
    super(`${event} is not possible in ${state} (${meaning})`);
    this.event = event;
    this.state = state;
  }
}

/** The peer answered with A-ASSOCIATE-RJ (PS3.8 §9.3.4). */
export class AssociationRejectedError extends CodedError {
  static override readonly name: string = 'AssociationRejectedError';
  readonly code = 'ASSOCIATION_REJECTED';
  /** 1 permanent, 2 transient: see `RejectResult`. */
  readonly result: number;
  /** See `RejectSource`. */
  readonly source: number;
  /** Depends on the source: see `UserRejectReason`, `AcseRejectReason`, `PresentationRejectReason`. */
  readonly reason: number;

  constructor(peer: string, reject: Pick<AssociateReject, 'result' | 'source' | 'reason'>) {
    super(`${peer} rejected the association: ${describeReject(reject)}`);
    this.result = reject.result;
    this.source = reject.source;
    this.reason = reject.reason;
  }

  /** Whether the peer may accept the same request later: the result is 'rejected-transient'. */
  get isTransient(): boolean {
    return this.result === RejectResult.Transient;
  }
}

/** The association was aborted, by the peer or locally. `cause` is the reason for a local abort, if one is known. */
export class AssociationAbortedError extends CodedError {
  static override readonly name: string = 'AssociationAbortedError';
  readonly code = 'ASSOCIATION_ABORTED';
  /** 0 service user, 2 service provider: see `AbortSource`. */
  readonly source: number;
  /** Significant if the source is the service provider: see `AbortReason`. */
  readonly reason: number;
  /** The side that sent the A-ABORT. */
  readonly by: 'local' | 'peer';

  constructor(
    peer: string,
    /** The side that sent the A-ABORT. */
    abort: { readonly source: number; readonly reason: number; readonly by: 'local' | 'peer' },
    cause?: unknown,
  ) {
    const why = cause instanceof Error ? cause.message : undefined;
    const words = describeAbort(abort);
    super(
      abort.by === 'peer'
        ? `${peer} aborted the association: ${words}`
        : `the association with ${peer} was aborted: ${why ?? words}`,
      { cause },
    );
    this.source = abort.source;
    this.reason = abort.reason;
    this.by = abort.by;
  }

  /** Whether the service provider aborted because of a protocol error, rather than an application. */
  get isByProvider(): boolean {
    return this.source === AbortSource.ServiceProvider;
  }
}

/** The transport connection could not be made; `cause` is the error of the system. Nothing was sent. */
export class NotConnectedError extends CodedError {
  static override readonly name: string = 'NotConnectedError';
  readonly code = 'NOT_CONNECTED';
}

/** The transport connection closed before the association had ended. */
export class ConnectionLostError extends CodedError {
  static override readonly name: string = 'ConnectionLostError';
  readonly code = 'CONNECTION_LOST';
  /** The state in which it closed. */
  readonly during: State;

  constructor(message: string, during: State, cause?: unknown) {
    super(message, { cause });
    this.during = during;
  }
}

/** A local timer expired. `waitingFor` is its name in `Timeouts`, or the option that set the limit. */
export class TimeoutError extends CodedError {
  static override readonly name: string = 'TimeoutError';
  /** `TIMEOUT_` and the name in capitals: `TIMEOUT_DATA`. It does not change between releases. */
  readonly code: string;
  /** The name of the timeout in `Timeouts` or `SessionTimeouts`, or of the option that set the limit. */
  readonly waitingFor: string;
  /** The limit that was exceeded. */
  readonly milliseconds: number;

  constructor(waitingFor: string, milliseconds: number, message: string) {
    super(`${message} within ${milliseconds} ms (timeout '${waitingFor}')`);
    this.code = `TIMEOUT_${waitingFor.replace(/[A-Z]/g, '_$&').toUpperCase()}`;
    this.waitingFor = waitingFor;
    this.milliseconds = milliseconds;
  }
}

/** A message was sent in part only, because its source failed or its signal aborted. The association was aborted. */
export class AbandonedMessageError extends CodedError {
  static override readonly name: string = 'AbandonedMessageError';
  readonly code = 'MESSAGE_ABANDONED';

  constructor(cause: unknown) {
    super(`sending a message failed after a part of it was sent: ${asError(cause).message}`, { cause });
  }
}

/** Turns a thrown value, or the reason of a signal, into an error. */
export function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
