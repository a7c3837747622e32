// The interpreter of the state machine: holds the state, looks up the tables, calls the effects. No I/O.

import type { Pdu, PduError } from '@x/pdu';
import { StateError } from '../errors.ts';
import {
  type ActionName,
  type Effect,
  type End,
  type EventName,
  endOf,
  type Role,
  STATES,
  type State,
  transition,
} from './state-machine.ts';

/** An event of PS3.8 Table 9-10 with the data that belong to it. */
export interface UpperLayerEvent {
  readonly type: EventName;
  /** The PDU received. */
  readonly pdu?: Pdu;
  /** The bytes to send, for events that send. */
  readonly buffers?: readonly Uint8Array[];
  /** The defect of the bytes received, for 'invalid PDU'. */
  readonly error?: PduError;
  /** The A-ABORT to send, for 'A-ABORT request'. */
  readonly abort?: LocalAbort;
}

/** An abort by the local user: source and reason of the PDU, and the cause that errors name. */
export interface LocalAbort {
  readonly source: number;
  readonly reason: number;
  readonly cause?: Error | undefined;
}

/** A step of the state machine: a cell of PS3.8 Table 9-10. */
export interface StateChange {
  /** The state before. */
  readonly from: State;
  /** The event, a row of Table 9-10. */
  readonly event: EventName;
  /** The action that the cell names. */
  readonly action: ActionName;
  /** The state after. */
  readonly to: State;
}

/** Performs the effects of the actions. Each is called with the event and the transition that it led to. */
export type Effects = {
  /** `raise` handles the next event. */
  readonly [E in Effect]: (event: UpperLayerEvent, change: StateChange, raise: Raise) => void;
} & {
  /** The transition has ended the association. Called after its effects. */
  readonly end: (end: End, event: UpperLayerEvent, change: StateChange) => void;
};

/** The event of the local request that sends a PDU. */
export const REQUESTS = {
  'A-ASSOCIATE-AC': 'A-ASSOCIATE response (accept)',
  'A-ASSOCIATE-RJ': 'A-ASSOCIATE response (reject)',
  'P-DATA-TF': 'P-DATA request',
  'A-RELEASE-RQ': 'A-RELEASE request',
  'A-RELEASE-RP': 'A-RELEASE response',
} as const satisfies Partial<Record<Pdu['type'], EventName>>;

export type Raise = (event: UpperLayerEvent) => void;

export class UpperLayer {
  readonly role: Role;
  readonly #effects: Effects;
  readonly #changed: (change: StateChange) => void;
  readonly #raise: Raise = (event) => this.handle(event);
  #state: State = 'Sta1';

  /** `changed` is called after each change of state, before the effects. */
  constructor(role: Role, effects: Effects, changed: (change: StateChange) => void = () => {}) {
    this.role = role;
    this.#effects = effects;
    this.#changed = changed;
  }

  get state(): State {
    return this.#state;
  }

  /** @throws StateError if the state does not allow the event: always a mistake of the local caller. */
  handle(event: UpperLayerEvent): void {
    const from = this.#state;
    const found = transition(from, event.type, this.role);
    if (!found) throw new StateError(event.type, from, STATES[from]);
    const { action, does, next } = found;
    // Before the effects: they may raise the next event.
    this.#state = next;
    const change: StateChange = { from, event: event.type, action, to: next };
    this.#changed(change);
    for (const effect of does) {
      // An effect before this one raised an event that led on.
      if (this.#state !== next) break;
      this.#effects[effect](event, change, this.#raise);
    }
    // An end always changes the state. Without the lookup, a P-DATA-TF takes half the time.
    const end = next === from ? undefined : endOf(action, event.type);
    if (end) this.#effects.end(end, event, change);
  }
}
