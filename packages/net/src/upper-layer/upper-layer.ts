// The interpreter of the state machine: holds the state, looks up the table, calls the effects. No I/O.

import type { Pdu, PduError } from '@x/pdu';
import { StateError } from '../errors.ts';
import {
  type ActionName,
  type Effect,
  type EventName,
  type Role,
  STATES,
  type State,
  transition,
} from './state-machine.ts';

/** An event of PS3.8 Table 9-10 with what belongs to it. */
export interface UpperLayerEvent {
  readonly type: EventName;
  /** The PDU received. */
  readonly pdu?: Pdu;
  /** The bytes to send, for events that send. */
  readonly buffers?: readonly Uint8Array[];
  /** What was wrong with the bytes received, for 'invalid PDU'. */
  readonly error?: PduError;
}

/** What the actions do; each is called with the event that led to it. */
export type Effects = { readonly [E in Effect]: (event: UpperLayerEvent) => void };

/** A step of the state machine: a cell of PS3.8 Table 9-10. */
export interface StateChange {
  readonly from: State;
  readonly event: EventName;
  readonly action: ActionName;
  readonly to: State;
}

export class UpperLayer {
  readonly role: Role;
  readonly #effects: Effects;
  readonly #changed: (change: StateChange) => void;
  #state: State = 'Sta1';
  #stateBefore: State = 'Sta1';

  constructor(role: Role, effects: Effects, changed: (change: StateChange) => void = () => {}) {
    this.role = role;
    this.#effects = effects;
    this.#changed = changed;
  }

  get state(): State {
    return this.#state;
  }

  /** The state in which the last event came. */
  get stateBefore(): State {
    return this.#stateBefore;
  }

  /** @throws StateError when the state does not allow the event: always a mistake of the local caller. */
  handle(event: UpperLayerEvent): void {
    const from = this.#state;
    const found = transition(from, event.type, this.role);
    if (!found) throw new StateError(event.type, from, STATES[from]);
    // Before the effects: they may raise the next event.
    this.#state = found.next;
    this.#stateBefore = from;
    this.#changed({ from, event: event.type, action: found.action, to: found.next });
    for (const effect of found.does) this.#effects[effect](event);
  }
}
