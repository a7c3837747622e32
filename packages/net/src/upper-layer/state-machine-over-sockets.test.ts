// PS3.8 Table 9-10 and ENDS over TCP: every cell that can be provoked, in each role, as seen on both ends.

import { createServer, type Socket } from 'node:net';
import { encodePdu, type Pdu } from '@x/pdu';
import { afterEach, describe, expect, test } from 'vitest';
import { callPort, listenWith, type ScriptedPeer } from '../testing/scripted-peer.ts';
import { openTransport } from '../transport/dial.ts';
import { UpperLayerConnection } from './connection.ts';
import type { Closed } from './connection-events.ts';
import { ENDS, type EventName, endOf, type Role, type State, TRANSITIONS, transition } from './state-machine.ts';
import type { StateChange } from './upper-layer.ts';

const header = { protocolVersion: 1, calledAeTitle: 'SCP', callingAeTitle: 'SCU' };
const userInformation = { maximumLength: 16384 };
const RQ: Pdu = {
  type: 'A-ASSOCIATE-RQ',
  ...header,
  presentationContexts: [{ id: 1, abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] }],
  userInformation,
};
const AC: Pdu = {
  type: 'A-ASSOCIATE-AC',
  ...header,
  presentationContexts: [{ id: 1, result: 0, transferSyntax: '1.2.840.10008.1.2' }],
  userInformation,
};
const RJ: Pdu = { type: 'A-ASSOCIATE-RJ', result: 1, source: 1, reason: 1 };
const DATA: Pdu = {
  type: 'P-DATA-TF',
  values: [{ contextId: 1, kind: 'data', last: true, fragments: [Buffer.from('data')] }],
};
const RELEASE_RQ: Pdu = { type: 'A-RELEASE-RQ' };
const RELEASE_RP: Pdu = { type: 'A-RELEASE-RP' };
const ABORT: Pdu = { type: 'A-ABORT', source: 0, reason: 0 };
const bytesOf = (pdu: Pdu) => Buffer.concat(encodePdu(pdu));

type Step = { readonly local: Pdu } | { readonly peer: Pdu };
// The way to each state: the PDUs that each side sends.
const ASSOCIATED: Readonly<Record<Role, readonly Step[]>> = {
  requestor: [{ local: RQ }, { peer: AC }],
  acceptor: [{ peer: RQ }, { local: AC }],
};
const WAYS: Readonly<Record<Role, Partial<Record<State, readonly Step[]>>>> = {
  requestor: {
    Sta5: [{ local: RQ }],
    ...associatedStates('requestor'),
    Sta9: [...ASSOCIATED.requestor, { local: RELEASE_RQ }, { peer: RELEASE_RQ }],
    Sta11: [...ASSOCIATED.requestor, { local: RELEASE_RQ }, { peer: RELEASE_RQ }, { local: RELEASE_RP }],
  },
  acceptor: {
    Sta2: [],
    Sta3: [{ peer: RQ }],
    ...associatedStates('acceptor'),
    Sta10: [...ASSOCIATED.acceptor, { local: RELEASE_RQ }, { peer: RELEASE_RQ }],
    Sta12: [...ASSOCIATED.acceptor, { local: RELEASE_RQ }, { peer: RELEASE_RQ }, { peer: RELEASE_RP }],
  },
};

function associatedStates(role: Role): Partial<Record<State, readonly Step[]>> {
  return {
    Sta6: ASSOCIATED[role],
    Sta7: [...ASSOCIATED[role], { local: RELEASE_RQ }],
    Sta8: [...ASSOCIATED[role], { peer: RELEASE_RQ }],
    Sta13: [...ASSOCIATED[role], { peer: RELEASE_RQ }, { local: RELEASE_RP }],
  };
}

const PROVOCATIONS: readonly (readonly [how: string, event: EventName, provoke: (peer: ScriptedPeer) => void])[] = [
  ...[RQ, AC, RJ, DATA, RELEASE_RQ, RELEASE_RP, ABORT].map(
    (pdu) => [pdu.type, pdu.type, (peer: ScriptedPeer) => peer.send(bytesOf(pdu))] as const,
  ),
  ['a PDU of an unknown type', 'invalid PDU', (peer) => peer.send(Buffer.from([0x77, 0, 0, 0, 0, 0]))],
  ['a P-DATA-TF that is too long', 'invalid PDU', (peer) => peer.send(Buffer.from([4, 0, 0x80, 0, 0, 0]))],
  ['closing', 'transport closed', (peer) => peer.end()],
  ['a reset', 'transport closed', (peer) => peer.reset()],
];

const cells = Object.entries(WAYS).flatMap(([role, ways]) =>
  Object.entries(ways).flatMap(([state, way]) =>
    PROVOCATIONS.map(([how, event, provoke]) => ({
      role: role as Role,
      state: state as State,
      way,
      how,
      event,
      provoke,
      expected: transition(state as State, event, role as Role),
    })),
  ),
);

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function connected(role: Role, artim = 0): Promise<readonly [UpperLayerConnection, ScriptedPeer]> {
  const options = { timeouts: { artim } };
  if (role === 'acceptor') {
    let accept: (socket: Socket) => void;
    const accepted = new Promise<Socket>((resolve) => {
      accept = resolve;
    });
    const server = createServer((socket) => accept(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const peer = await callPort((server.address() as { port: number }).port);
    const connection = new UpperLayerConnection(await accepted, role, options);
    closers.push(
      () => connection.destroy(),
      () => void peer.socket.destroy(),
      () => void server.close(),
    );
    return [connection, peer];
  }
  let accept: (peer: ScriptedPeer) => void;
  const accepted = new Promise<ScriptedPeer>((resolve) => {
    accept = resolve;
  });
  const server = await listenWith((peer) => accept(peer));
  const socket = await openTransport({ host: '127.0.0.1', port: server.port }, { connect: 0, handshake: 0 });
  const connection = new UpperLayerConnection(socket, role, options);
  closers.push(
    () => connection.destroy(),
    () => server.close(),
  );
  return [connection, await accepted];
}

function nextChange(connection: UpperLayerConnection): Promise<StateChange> {
  return new Promise((resolve) => connection.once('transition', resolve));
}

/** Goes the way to a state; then both ends have read all PDUs sent on it. */
async function walk(connection: UpperLayerConnection, peer: ScriptedPeer, way: readonly Step[]): Promise<void> {
  for (const step of way) {
    if ('local' in step) {
      await connection.send(step.local);
      expect((await peer.nextPdu())?.equals(bytesOf(step.local))).toBe(true);
    } else {
      const changed = nextChange(connection);
      peer.send(bytesOf(step.peer));
      await changed;
      expect((await connection.next()).value?.type).toBe(step.peer.type);
    }
  }
}

const INDICATES = ['AE-3', 'AE-4', 'AE-6', 'DT-2', 'AR-2', 'AR-3', 'AR-6', 'AR-8', 'AR-10'];
const ABORTS: Readonly<Record<string, number>> = { 'AA-1': 0, 'AA-7': 2, 'AA-8': 2 };
const CLOSES = ['AE-4', 'AR-3', 'AA-2', 'AA-3', 'AA-4', 'AA-5', 'AR-5'];

describe('over TCP, an action of the peer', () => {
  test('always has a cell in the standard’s table', () => {
    expect(cells.filter(({ expected }) => !expected)).toEqual([]);
  });

  test.each(cells)('$how to the $role in $state', async ({ role, state, way, event, provoke, expected }) => {
    const [connection, peer] = await connected(role);
    await walk(connection, peer, way);
    expect(connection.state).toBe(state);
    const changed = nextChange(connection);
    provoke(peer);
    const { from, action, to } = await changed;
    expect({ from, action, to }).toEqual({ from: state, action: expected?.action, to: expected?.next });
    // On the wire.
    const abortSource = ABORTS[action];
    if (abortSource !== undefined) {
      const pdu = await peer.nextPdu();
      expect([pdu?.[0], pdu?.[8]]).toEqual([7, abortSource]);
    } else if (CLOSES.includes(action)) {
      if (event !== 'transport closed') expect(await peer.nextPdu()).toBeUndefined();
    } else {
      // The connection is still open: the peer sees nothing but its end.
      connection.destroy();
      expect(await peer.nextPdu()).toBeUndefined();
    }
    // On the local side.
    if (INDICATES.includes(action) && (to !== 'Sta1' || action !== 'AE-4') && abortSource === undefined) {
      if (CLOSES.includes(action)) expect((await connection.next()).value?.type).toBe(event);
    } else if (action === 'AA-3') {
      expect(await connection.closed).toMatchObject({ how: 'aborted', by: 'peer' });
    } else if (action === 'AA-4') {
      expect(await connection.closed).toMatchObject({ how: 'lost', by: 'peer', error: { during: state } });
      await expect(connection.next()).rejects.toMatchObject({ name: 'ConnectionLostError' });
    } else if (action === 'AA-8' || action === 'AA-1') {
      expect(await connection.closed).toMatchObject({ how: 'aborted', by: 'local', error: { source: 2 } });
    } else if (state === 'Sta13') {
      expect(await connection.closed).toEqual({ how: 'released', by: 'peer' });
    }
    peer.end();
    await connection.disconnected;
    expect(connection.state).toBe('Sta1');
  });

  test.each<[role: Role, state: State]>([
    ['acceptor', 'Sta2'],
    ['acceptor', 'Sta13'],
    ['requestor', 'Sta13'],
  ])('silence to the %s in %s, until ARTIM expires', async (role, state) => {
    const [connection, peer] = await connected(role, 300);
    await walk(connection, peer, WAYS[role][state] ?? []);
    const changed = nextChange(connection);
    expect(await changed).toEqual({ from: state, event: 'ARTIM expired', action: 'AA-2', to: 'Sta1' });
    expect(await peer.nextPdu()).toBeUndefined();
    await connection.disconnected;
  });
});

// The events that the local user raises; ARTIM expires by itself.
const LOCAL: Readonly<Partial<Record<EventName, (connection: UpperLayerConnection) => unknown>>> = {
  'A-ASSOCIATE response (reject)': (connection) => connection.send(RJ),
  'A-RELEASE response': (connection) => connection.send(RELEASE_RP),
  'A-ABORT request': (connection) => connection.abort(),
  'ARTIM expired': () => {},
};

const endings = Object.entries(WAYS).flatMap(([role, ways]) =>
  (Object.keys(TRANSITIONS) as EventName[]).flatMap((event) =>
    Object.entries(ways).flatMap(([state, way]) => {
      const found = transition(state as State, event, role as Role);
      const end = found && endOf(found.action, event);
      return end ? [{ role: role as Role, state: state as State, way, event, action: found.action, end }] : [];
    }),
  ),
);

describe('how an association ends', () => {
  test('every action that ends an association is reached', () => {
    expect(new Set(endings.map(({ action }) => action))).toEqual(new Set(Object.keys(ENDS)));
  });

  test('every end changes the state', () => {
    const ends = endings.map(({ role, state, event }) => [state, transition(state, event, role)?.next]);
    expect(ends.filter(([from, to]) => from === to)).toEqual([]);
  });

  test('in Sta13 no action ends an association, except by events that come after its end', () => {
    const inSta13 = endings.filter(({ state }) => state === 'Sta13').map(({ action, event }) => `${action} ${event}`);
    expect(new Set(inSta13)).toEqual(new Set(['AA-2 A-ABORT', 'AA-2 ARTIM expired']));
  });

  test.each(endings)('$event to the $role in $state, by $action', async ({ role, state, way, event, action, end }) => {
    const [connection, peer] = await connected(role, event === 'ARTIM expired' ? 50 : 0);
    let closed: Closed | undefined;
    connection.on('closed', (how) => {
      expect(closed).toBeUndefined();
      closed = how;
    });
    await walk(connection, peer, way);
    expect(connection.state).toBe(state);
    // In Sta13 the association has ended: the first end stands.
    const expected = state === 'Sta13' ? { how: 'released', by: 'peer' } : end;
    expect(closed && { how: closed.how, by: closed.by }).toEqual(state === 'Sta13' ? expected : undefined);
    const changed = nextChange(connection);
    const provoke = PROVOCATIONS.find(([, provoked]) => provoked === event)?.[2];
    if (provoke) provoke(peer);
    else await LOCAL[event]?.(connection);
    expect((await changed).event).toBe(event);
    const { how, by, error } = await connection.closed;
    expect({ how, by }).toEqual(expected);
    expect(closed).toMatchObject(expected);
    const isFailure =
      how === 'aborted' || (how === 'rejected' && by === 'peer') || (how === 'lost' && action !== 'AA-5');
    expect(error instanceof Error).toBe(isFailure);
    peer.end();
    await connection.disconnected;
    expect(await connection.closed).toMatchObject(expected);
  });
});
