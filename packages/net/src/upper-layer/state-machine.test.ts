import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { StateError } from '../errors.ts';
import { ACTIONS, type EventName, type Role, STATES, type State, TRANSITIONS, transition } from './state-machine.ts';
import { type Effects, UpperLayer } from './upper-layer.ts';

// A second transcription of PS3.8 Table 9-10, by number instead of name: one row for each event, '-' for a blank cell.
const TABLE_9_10 = `
  AE-1 - - - - - - - - - - - -
  - - - AE-2 - - - - - - - - -
  - AA-1 AA-8 - AE-3 AA-8 AA-8 AA-8 AA-8 AA-8 AA-8 AA-8 AA-6
  - AA-1 AA-8 - AE-4 AA-8 AA-8 AA-8 AA-8 AA-8 AA-8 AA-8 AA-6
  AE-5 - - - - - - - - - - - -
  - AE-6 AA-8 - AA-8 AA-8 AA-8 AA-8 AA-8 AA-8 AA-8 AA-8 AA-7
  - - AE-7 - - - - - - - - - -
  - - AE-8 - - - - - - - - - -
  - - - - - DT-1 - AR-7 - - - - -
  - AA-1 AA-8 - AA-8 DT-2 AR-6 AA-8 AA-8 AA-8 AA-8 AA-8 AA-6
  - - - - - AR-1 - - - - - - -
  - AA-1 AA-8 - AA-8 AR-2 AR-8 AA-8 AA-8 AA-8 AA-8 AA-8 AA-6
  - AA-1 AA-8 - AA-8 AA-8 AR-3 AA-8 AA-8 AR-10 AR-3 AA-8 AA-6
  - - - - - - - AR-4 AR-9 - - AR-4 -
  - - AA-1 AA-2 AA-1 AA-1 AA-1 AA-1 AA-1 AA-1 AA-1 AA-1 -
  - AA-2 AA-3 - AA-3 AA-3 AA-3 AA-3 AA-3 AA-3 AA-3 AA-3 AA-2
  - AA-5 AA-4 AA-4 AA-4 AA-4 AA-4 AA-4 AA-4 AA-4 AA-4 AA-4 AR-5
  - AA-2 - - - - - - - - - - AA-2
  - AA-1 AA-8 - AA-8 AA-8 AA-8 AA-8 AA-8 AA-8 AA-8 AA-8 AA-7`
  .trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/));

// Tables 9-6 to 9-9: the effects and the next state, which depends on the role for AR-8.
const OUTCOMES: Readonly<Record<string, readonly [does: string, next: string]>> = {
  'AE-1': ['connect', 'Sta4'],
  'AE-2': ['send', 'Sta5'],
  'AE-3': ['indicate', 'Sta6'],
  'AE-4': ['indicate close', 'Sta1'],
  'AE-5': ['startArtim', 'Sta2'],
  'AE-6': ['stopArtim indicate', 'Sta3'],
  'AE-7': ['send', 'Sta6'],
  'AE-8': ['send startArtim', 'Sta13'],
  'DT-1': ['send', 'Sta6'],
  'DT-2': ['indicate', 'Sta6'],
  'AR-1': ['send', 'Sta7'],
  'AR-2': ['indicate', 'Sta8'],
  'AR-3': ['indicate close', 'Sta1'],
  'AR-4': ['send startArtim', 'Sta13'],
  'AR-5': ['stopArtim', 'Sta1'],
  'AR-6': ['indicate', 'Sta7'],
  'AR-7': ['send', 'Sta8'],
  'AR-8': ['indicate', 'Sta9 Sta10'],
  'AR-9': ['send', 'Sta11'],
  'AR-10': ['indicate', 'Sta12'],
  'AA-1': ['sendUserAbort startArtim', 'Sta13'],
  'AA-2': ['stopArtim close', 'Sta1'],
  'AA-3': ['indicate close', 'Sta1'],
  'AA-4': ['indicateProviderAbort', 'Sta1'],
  'AA-5': ['stopArtim', 'Sta1'],
  'AA-6': ['', 'Sta13'],
  'AA-7': ['sendProviderAbort', 'Sta13'],
  'AA-8': ['sendProviderAbort indicateProviderAbort startArtim', 'Sta13'],
};

const states = Object.keys(STATES) as State[];
const events = Object.keys(TRANSITIONS) as EventName[];
const cells = events.flatMap((event, row) =>
  states.map((state, column) => ({ event, state, cell: TABLE_9_10[row]?.[column] })),
);

test('there are 19 events and 13 states', () => expect([events.length, states.length]).toEqual([19, 13]));

describe.each(['requestor', 'acceptor'] as const)('as %s', (role: Role) => {
  test.each(cells)('$event in $state is $cell', ({ event, state, cell }) => {
    const found = transition(state, event, role);
    if (cell === '-') {
      expect(found).toBeUndefined();
      return;
    }
    const [does, next] = OUTCOMES[cell as string] as [string, string];
    const [asRequestor, asAcceptor = asRequestor] = next.split(' ');
    expect(found).toEqual({
      action: cell,
      does: does === '' ? [] : does.split(' '),
      next: role === 'requestor' ? asRequestor : asAcceptor,
    });
  });
});

test('exactly the actions of the tables are used', () => {
  const used = new Set(cells.map(({ cell }) => cell).filter((cell) => cell !== '-'));
  expect(new Set(Object.keys(ACTIONS))).toEqual(used);
});

const reference = '../shared/reference/ps3.8-table-9-10.csv';
test.runIf(existsSync(reference))('the transcription is that of the reference', () => {
  const rows = readFileSync(reference, 'utf8').trim().split('\n').slice(1);
  expect(
    rows.map((row) =>
      row
        .split(',')
        .slice(1)
        .map((cell) => cell.trim() || '-'),
    ),
  ).toEqual(TABLE_9_10);
});

describe('the interpreter', () => {
  const recording = (done: string[], raise?: (effect: string) => void): Effects =>
    new Proxy({} as Effects, {
      get: (_, effect: string) => () => {
        done.push(effect);
        raise?.(effect);
      },
    });

  test('runs the effects in order, after the state has changed', () => {
    const done: string[] = [];
    const layer: UpperLayer = new UpperLayer(
      'acceptor',
      recording(done, (effect) => done.push(layer.state + effect[0])),
    );
    layer.handle({ type: 'transport accepted' });
    layer.handle({ type: 'A-ASSOCIATE-RQ' });
    expect(done).toEqual(['startArtim', 'Sta2s', 'stopArtim', 'Sta3s', 'indicate', 'Sta3i']);
  });

  test('an effect may raise the next event', () => {
    const changes: string[] = [];
    const layer: UpperLayer = new UpperLayer(
      'requestor',
      recording([], (effect) => effect === 'connect' && layer.handle({ type: 'transport connected' })),
      ({ from, event, action, to }) => changes.push(`${from} ${event} ${action} ${to}`),
    );
    layer.handle({ type: 'A-ASSOCIATE request' });
    expect(changes).toEqual(['Sta1 A-ASSOCIATE request AE-1 Sta4', 'Sta4 transport connected AE-2 Sta5']);
  });

  test('an effect that raises the next event is the last one of its action, and the association still ends', () => {
    const done: string[] = [];
    const layer: UpperLayer = new UpperLayer(
      'acceptor',
      recording(
        done,
        (effect) => layer.state === 'Sta13' && effect === 'send' && layer.handle({ type: 'transport closed' }),
      ),
    );
    for (const type of [
      'transport accepted',
      'A-ASSOCIATE-RQ',
      'A-ASSOCIATE response (accept)',
      'A-RELEASE-RQ',
    ] as const)
      layer.handle({ type });
    done.splice(0);
    layer.handle({ type: 'A-RELEASE response' });
    // Without startArtim of AR-4: the timer would expire in Sta1.
    expect(done).toEqual(['send', 'stopArtim', 'end']);
    expect(layer.state).toBe('Sta1');
  });

  test('a blank cell throws an error and does not change the state', () => {
    const layer = new UpperLayer('requestor', recording([]));
    expect(() => layer.handle({ type: 'P-DATA request' })).toThrow(StateError);
    expect(() => layer.handle({ type: 'P-DATA request' })).toThrow('P-DATA request is not possible in Sta1 (idle)');
    expect(layer.state).toBe('Sta1');
  });
});
