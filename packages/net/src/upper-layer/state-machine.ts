// The Upper Layer state machine: PS3.8 Tables 9-1 to 9-10, row for row. No I/O, no timers.
//
// How a connection works, from the wire to the user and back:
//
//   transport ──bytes──▶ PduDecoder ──PDU──▶ UpperLayerConnection ──event──▶ UpperLayer.handle
//   transport ◀──bytes── ConnectionActions ◀──effects of the action───────── (TRANSITIONS, ACTIONS)
//   user ◀──PDU── Inbox ◀── indicate
//   user ◀──closed───────── end ◀─────────────────────────────────────────── (ENDS)
//
// 1. Everything that happens becomes one of the 19 events of Table 9-10: a PDU or invalid bytes received, a request or
//    response of the local user (`send`, `sendPData`, `abort`), the transport opened or closed, or ARTIM expired.
// 2. `UpperLayer.handle` finds the action in TRANSITIONS. If the cell is blank, it throws StateError and nothing
//    changes: only the local user can raise such an event. Otherwise it changes the state and announces the change.
// 3. The effects of the action run in order: they write PDUs, put indications into the inbox, start and stop ARTIM, and
//    close the transport. If an effect raises the next event, it is handled at once, and the remaining effects of the
//    first action are skipped, because the state they belong to has passed.
// 4. If the action ends the association, ENDS says how, and by which side. `UpperLayerConnection.closed` settles with
//    this and with the error that `end-errors.ts` makes for it. The transport may stay open for a while (Sta13).
//
// ARTIM runs in Sta2, until the peer requests an association, and in Sta13, until the peer closes the transport. Other
// timers are not part of the state machine: when one expires, its owner calls `abort`.
//
// The rule: everything that affects the state is in the tables here and goes through `handle`. The only exceptions are
// in `connection.ts`, for situations in which the standard leaves the cell blank:
// - `abort` in Sta1 and Sta2 ends the association and destroys the transport, because no A-ABORT can be sent.
// - A transport that closes in Sta1 ends the connection, and bytes received in Sta1 are ignored.
// - `sendRaw` bypasses the machine on purpose. `destroy` reaches it as 'transport closed'.

/** PS3.8 Tables 9-1 to 9-5. */
export const STATES = {
  Sta1: 'idle',
  Sta2: 'transport open, awaiting A-ASSOCIATE-RQ',
  Sta3: 'awaiting the local A-ASSOCIATE response',
  Sta4: 'awaiting the transport connection',
  Sta5: 'awaiting A-ASSOCIATE-AC or A-ASSOCIATE-RJ',
  Sta6: 'associated, ready for data transfer',
  Sta7: 'awaiting A-RELEASE-RP',
  Sta8: 'awaiting the local A-RELEASE response',
  Sta9: 'release collision, requestor: awaiting the local A-RELEASE response',
  Sta10: 'release collision, acceptor: awaiting A-RELEASE-RP',
  Sta11: 'release collision, requestor: awaiting A-RELEASE-RP',
  Sta12: 'release collision, acceptor: awaiting the local A-RELEASE response',
  Sta13: 'awaiting the close of the transport connection',
} as const;

/** Sta1 to Sta13: see `STATES` for their meanings. */
export type State = keyof typeof STATES;

/** The requestor asks for the association; the acceptor is asked. */
export type Role = 'requestor' | 'acceptor';

/** The parts of the actions of Tables 9-6 to 9-9. */
export type Effect =
  | 'connect'
  | 'send'
  | 'indicate'
  | 'close'
  | 'startArtim'
  | 'stopArtim'
  | 'sendUserAbort'
  | 'sendProviderAbort'
  | 'indicateProviderAbort';

type Next = State | { readonly requestor: State; readonly acceptor: State };
interface Action {
  /** The effects, in order. */
  readonly does: readonly Effect[];
  /** The state it leads to; AR-8 alone depends on the role. */
  readonly next: Next;
}

/** PS3.8 Tables 9-6 to 9-9: the effects of each action, and the state it leads to. */
export const ACTIONS = {
  'AE-1': { does: ['connect'], next: 'Sta4' },
  'AE-2': { does: ['send'], next: 'Sta5' },
  'AE-3': { does: ['indicate'], next: 'Sta6' },
  'AE-4': { does: ['indicate', 'close'], next: 'Sta1' },
  'AE-5': { does: ['startArtim'], next: 'Sta2' },
  // If the provider cannot accept the request, 'A-ASSOCIATE response (reject)' follows: the same bytes and the same
  // Sta13 as the standard's condition inside the action.
  'AE-6': { does: ['stopArtim', 'indicate'], next: 'Sta3' },
  'AE-7': { does: ['send'], next: 'Sta6' },
  'AE-8': { does: ['send', 'startArtim'], next: 'Sta13' },
  'DT-1': { does: ['send'], next: 'Sta6' },
  'DT-2': { does: ['indicate'], next: 'Sta6' },
  'AR-1': { does: ['send'], next: 'Sta7' },
  'AR-2': { does: ['indicate'], next: 'Sta8' },
  'AR-3': { does: ['indicate', 'close'], next: 'Sta1' },
  'AR-4': { does: ['send', 'startArtim'], next: 'Sta13' },
  'AR-5': { does: ['stopArtim'], next: 'Sta1' },
  'AR-6': { does: ['indicate'], next: 'Sta7' },
  'AR-7': { does: ['send'], next: 'Sta8' },
  'AR-8': { does: ['indicate'], next: { requestor: 'Sta9', acceptor: 'Sta10' } },
  'AR-9': { does: ['send'], next: 'Sta11' },
  'AR-10': { does: ['indicate'], next: 'Sta12' },
  'AA-1': { does: ['sendUserAbort', 'startArtim'], next: 'Sta13' },
  'AA-2': { does: ['stopArtim', 'close'], next: 'Sta1' },
  'AA-3': { does: ['indicate', 'close'], next: 'Sta1' },
  'AA-4': { does: ['indicateProviderAbort'], next: 'Sta1' },
  'AA-5': { does: ['stopArtim'], next: 'Sta1' },
  'AA-6': { does: [], next: 'Sta13' },
  'AA-7': { does: ['sendProviderAbort'], next: 'Sta13' },
  'AA-8': { does: ['sendProviderAbort', 'indicateProviderAbort', 'startArtim'], next: 'Sta13' },
} as const satisfies Record<string, Action>;

/** AE-1 to AE-8, DT-1 and DT-2, AR-1 to AR-10, AA-1 to AA-8. */
export type ActionName = keyof typeof ACTIONS;

/** How an association ends, and which side ends it. */
export interface End {
  readonly how: 'released' | 'rejected' | 'aborted' | 'lost';
  readonly by: 'local' | 'peer';
}

/**
 * The actions that end an association, and how. The others do not, or come after the end: in Sta13 the association has
 * ended, so AA-6, AA-7 and AR-5 end nothing, nor does AA-2 there.
 */
export const ENDS = {
  'AE-4': { how: 'rejected', by: 'peer' },
  'AE-8': { how: 'rejected', by: 'local' },
  'AR-3': { how: 'released', by: 'local' },
  'AR-4': { how: 'released', by: 'peer' },
  'AA-1': { how: 'aborted', by: 'local' },
  'AA-2': {
    'A-ABORT request': { how: 'aborted', by: 'local' },
    'A-ABORT': { how: 'aborted', by: 'peer' },
    'ARTIM expired': { how: 'lost', by: 'local' },
  },
  'AA-3': { how: 'aborted', by: 'peer' },
  'AA-4': { how: 'lost', by: 'peer' },
  // The peer closed before it asked for an association.
  'AA-5': { how: 'lost', by: 'peer' },
  'AA-8': { how: 'aborted', by: 'local' },
} as const satisfies Partial<Record<ActionName, End | Partial<Record<EventName, End>>>>;

type Cell = ActionName | undefined;
type Row = readonly [Cell, Cell, Cell, Cell, Cell, Cell, Cell, Cell, Cell, Cell, Cell, Cell, Cell];

const __ = undefined;

/** PS3.8 Table 9-10. Rows are Evt1 to Evt19, columns Sta1 to Sta13; a blank cell cannot happen. */
// biome-ignore format: the standard's table
export const TRANSITIONS = {
  //                                  Sta1    Sta2    Sta3    Sta4    Sta5    Sta6    Sta7    Sta8    Sta9    Sta10   Sta11   Sta12   Sta13
  'A-ASSOCIATE request':            ['AE-1' , __    , __    , __    , __    , __    , __    , __    , __    , __    , __    , __    , __    ],
  'transport connected':            [ __    , __    , __    ,'AE-2' , __    , __    , __    , __    , __    , __    , __    , __    , __    ],
  'A-ASSOCIATE-AC':                 [ __    ,'AA-1' ,'AA-8' , __    ,'AE-3' ,'AA-8' ,'AA-8' ,'AA-8' ,'AA-8' ,'AA-8' ,'AA-8' ,'AA-8' ,'AA-6' ],
  'A-ASSOCIATE-RJ':                 [ __    ,'AA-1' ,'AA-8' , __    ,'AE-4' ,'AA-8' ,'AA-8' ,'AA-8' ,'AA-8' ,'AA-8' ,'AA-8' ,'AA-8' ,'AA-6' ],
  'transport accepted':             ['AE-5' , __    , __    , __    , __    , __    , __    , __    , __    , __    , __    , __    , __    ],
  'A-ASSOCIATE-RQ':                 [ __    ,'AE-6' ,'AA-8' , __    ,'AA-8' ,'AA-8' ,'AA-8' ,'AA-8' ,'AA-8' ,'AA-8' ,'AA-8' ,'AA-8' ,'AA-7' ],
  'A-ASSOCIATE response (accept)':  [ __    , __    ,'AE-7' , __    , __    , __    , __    , __    , __    , __    , __    , __    , __    ],
  'A-ASSOCIATE response (reject)':  [ __    , __    ,'AE-8' , __    , __    , __    , __    , __    , __    , __    , __    , __    , __    ],
  'P-DATA request':                 [ __    , __    , __    , __    , __    ,'DT-1' , __    ,'AR-7' , __    , __    , __    , __    , __    ],
  'P-DATA-TF':                      [ __    ,'AA-1' ,'AA-8' , __    ,'AA-8' ,'DT-2' ,'AR-6' ,'AA-8' ,'AA-8' ,'AA-8' ,'AA-8' ,'AA-8' ,'AA-6' ],
  'A-RELEASE request':              [ __    , __    , __    , __    , __    ,'AR-1' , __    , __    , __    , __    , __    , __    , __    ],
  'A-RELEASE-RQ':                   [ __    ,'AA-1' ,'AA-8' , __    ,'AA-8' ,'AR-2' ,'AR-8' ,'AA-8' ,'AA-8' ,'AA-8' ,'AA-8' ,'AA-8' ,'AA-6' ],
  'A-RELEASE-RP':                   [ __    ,'AA-1' ,'AA-8' , __    ,'AA-8' ,'AA-8' ,'AR-3' ,'AA-8' ,'AA-8' ,'AR-10','AR-3' ,'AA-8' ,'AA-6' ],
  'A-RELEASE response':             [ __    , __    , __    , __    , __    , __    , __    ,'AR-4' ,'AR-9' , __    , __    ,'AR-4' , __    ],
  'A-ABORT request':                [ __    , __    ,'AA-1' ,'AA-2' ,'AA-1' ,'AA-1' ,'AA-1' ,'AA-1' ,'AA-1' ,'AA-1' ,'AA-1' ,'AA-1' , __    ],
  'A-ABORT':                        [ __    ,'AA-2' ,'AA-3' , __    ,'AA-3' ,'AA-3' ,'AA-3' ,'AA-3' ,'AA-3' ,'AA-3' ,'AA-3' ,'AA-3' ,'AA-2' ],
  'transport closed':               [ __    ,'AA-5' ,'AA-4' ,'AA-4' ,'AA-4' ,'AA-4' ,'AA-4' ,'AA-4' ,'AA-4' ,'AA-4' ,'AA-4' ,'AA-4' ,'AR-5' ],
  'ARTIM expired':                  [ __    ,'AA-2' , __    , __    , __    , __    , __    , __    , __    , __    , __    , __    ,'AA-2' ],
  'invalid PDU':                    [ __    ,'AA-1' ,'AA-8' , __    ,'AA-8' ,'AA-8' ,'AA-8' ,'AA-8' ,'AA-8' ,'AA-8' ,'AA-8' ,'AA-8' ,'AA-7' ],
} as const satisfies Record<string, Row>;

/** The nineteen events, by the names of the primitives, PDUs and timers that raise them. */
export type EventName = keyof typeof TRANSITIONS;

export interface Transition {
  readonly action: ActionName;
  readonly does: readonly Effect[];
  readonly next: State;
}

/** Looks up Table 9-10; `undefined` if the standard leaves the cell blank. */
export function transition(state: State, event: EventName, role: Role): Transition | undefined {
  const action = (TRANSITIONS[event] as Row)[STATE_NAMES.indexOf(state)];
  if (!action) return undefined;
  const { does, next }: Action = ACTIONS[action];
  return { action, does, next: typeof next === 'string' ? next : next[role] };
}

/** Looks up ENDS; `undefined` if the action does not end the association. */
export function endOf(action: ActionName, event: EventName): End | undefined {
  const end = (ENDS as Ends)[action];
  return end && ('how' in end ? end : end[event]);
}

type Ends = Partial<Record<ActionName, End | Partial<Record<EventName, End>>>>;

const STATE_NAMES = Object.keys(STATES) as State[];
