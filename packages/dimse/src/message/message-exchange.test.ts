// Single messages: every message of PS3.7 in both directions, unknown commands, and the order of events.

import { type Association, associatedPair } from '@x/net';
import { VirtualClock } from '@x/net/testing';
import { describe, expect, test } from 'vitest';
import { SopClass, TransferSyntax } from '../registry/uids.generated.ts';
import { storage } from '../services/storage.ts';
import { serve } from '../session/service-class.ts';
import { Session } from '../session/session.ts';
import type { SessionOptions } from '../session/session-options.ts';
import { verification } from '../session/verification.ts';
import { type CommandSet, encodeCommandSet } from './command-set.ts';
import { MessageExchange, type ReceivedMessage } from './message.ts';
import { messageName } from './operations.ts';

const SOP_CLASS = SopClass.CTImageStorage;
const SOP_INSTANCE = '1.2.3.4';
const contexts = [
  { abstractSyntax: SOP_CLASS, transferSyntaxes: [TransferSyntax.ExplicitVRLittleEndian] },
  { abstractSyntax: SopClass.Verification, transferSyntaxes: [TransferSyntax.ExplicitVRLittleEndian] },
];
const data = Buffer.alloc(70_000, 'data ');

const affected = { affectedSopClassUid: SOP_CLASS, affectedSopInstanceUid: SOP_INSTANCE };
const requested = { requestedSopClassUid: SOP_CLASS, requestedSopInstanceUid: SOP_INSTANCE };
const counts = {
  numberOfRemainingSuboperations: 3,
  numberOfCompletedSuboperations: 2,
  numberOfFailedSuboperations: 1,
  numberOfWarningSuboperations: 0,
};

// PS3.7 §9.3 and §10.3: each message with the elements its table has, with a data set if the table allows one.
// biome-ignore format: a table reads as a table
const MESSAGES: readonly (readonly [name: string, seed: string, command: Omit<CommandSet, 'hasDataSet'>, hasData: boolean])[] = [
  ['C-STORE-RQ',         'CStoreRequest',   { commandField: 0x0001, messageId: 1, priority: 2, moveOriginatorApplicationEntityTitle: 'MOVER', moveOriginatorMessageId: 9, ...affected }, true],
  ['C-STORE-RSP',        'CStoreResponse',  { commandField: 0x8001, messageIdBeingRespondedTo: 1, status: 0xb000, errorComment: 'coerced', ...affected }, false],
  ['C-FIND-RQ',          'CFindRequest',    { commandField: 0x0020, messageId: 2, priority: 0, affectedSopClassUid: SOP_CLASS }, true],
  ['C-FIND-RSP',         'CFindResponse',   { commandField: 0x8020, messageIdBeingRespondedTo: 2, status: 0xff01, affectedSopClassUid: SOP_CLASS }, true],
  ['C-GET-RQ',           'CGetRequest',     { commandField: 0x0010, messageId: 3, priority: 1, affectedSopClassUid: SOP_CLASS }, true],
  ['C-GET-RSP',          'CGetResponse',    { commandField: 0x8010, messageIdBeingRespondedTo: 3, status: 0xff00, affectedSopClassUid: SOP_CLASS, ...counts }, false],
  ['C-MOVE-RQ',          'CMoveRequest',    { commandField: 0x0021, messageId: 4, priority: 0, moveDestination: 'DESTINATION', affectedSopClassUid: SOP_CLASS }, true],
  ['C-MOVE-RSP',         'CMoveResponse',   { commandField: 0x8021, messageIdBeingRespondedTo: 4, status: 0xb000, affectedSopClassUid: SOP_CLASS, ...counts }, true],
  ['C-CANCEL-RQ',        'CCancelRequest',  { commandField: 0x0fff, messageIdBeingRespondedTo: 4 }, false],
  ['C-ECHO-RQ',          'CEchoRequest',    { commandField: 0x0030, messageId: 5, affectedSopClassUid: SOP_CLASS }, false],
  ['C-ECHO-RSP',         'CEchoResponse',   { commandField: 0x8030, messageIdBeingRespondedTo: 5, status: 0, affectedSopClassUid: SOP_CLASS }, false],
  ['N-EVENT-REPORT-RQ',  'NReportRequest',  { commandField: 0x0100, messageId: 6, eventTypeId: 1, ...affected }, true],
  ['N-EVENT-REPORT-RSP', 'NReportResponse', { commandField: 0x8100, messageIdBeingRespondedTo: 6, eventTypeId: 1, status: 0, ...affected }, true],
  ['N-GET-RQ',           'NGetRequest',     { commandField: 0x0110, messageId: 7, attributeIdentifierList: [0x00100010, 0x00100020], ...requested }, false],
  ['N-GET-RSP',          'NGetResponse',    { commandField: 0x8110, messageIdBeingRespondedTo: 7, status: 0, ...affected }, true],
  ['N-SET-RQ',           'NSetRequest',     { commandField: 0x0120, messageId: 8, ...requested }, true],
  ['N-SET-RSP',          'NSetResponse',    { commandField: 0x8120, messageIdBeingRespondedTo: 8, status: 0x0106, offendingElements: [0x00100010], errorId: 7, ...affected }, true],
  ['N-ACTION-RQ',        'NActionRequest',  { commandField: 0x0130, messageId: 9, actionTypeId: 1, ...requested }, true],
  ['N-ACTION-RSP',       'NActionResponse', { commandField: 0x8130, messageIdBeingRespondedTo: 9, actionTypeId: 1, status: 0, ...affected }, true],
  ['N-CREATE-RQ',        'NCreateRequest',  { commandField: 0x0140, messageId: 10, ...affected }, true],
  ['N-CREATE-RSP',       'NCreateResponse', { commandField: 0x8140, messageIdBeingRespondedTo: 10, status: 0, ...affected }, true],
  ['N-DELETE-RQ',        'NDeleteRequest',  { commandField: 0x0150, messageId: 11, ...requested }, false],
  ['N-DELETE-RSP',       'NDeleteResponse', { commandField: 0x8150, messageIdBeingRespondedTo: 11, status: 0x0112, ...affected }, false],
];

async function exchanges(): Promise<[MessageExchange, MessageExchange]> {
  const [requestor, acceptor] = await associatedPair({ request: { contexts } });
  return [new MessageExchange(requestor), new MessageExchange(acceptor)];
}

test('PS3.7 has 23 messages', () => {
  expect(new Set(MESSAGES.map(([, , { commandField }]) => commandField)).size).toBe(23);
});

const titled = MESSAGES.map(
  ([name, seed, ...rest]) => [`${name} (Send${seed}, OnReceive${seed})`, name, ...rest] as const,
);
describe.each(titled)('%s', (_title, name, command, hasData) => {
  test.each([
    ['requestor to acceptor', false],
    ['acceptor to requestor', true],
  ])('is sent from %s', async (_direction, isReversed) => {
    const pair = await exchanges();
    const [from, to] = isReversed ? (pair.reverse() as typeof pair) : pair;
    const told: string[] = [];
    to.on('message', (direction, message) => told.push(`${direction} ${messageName(message.command.commandField)}`));
    await from.send(1, command, hasData ? data : undefined);
    const message = await to.next();
    expect(message?.context.abstractSyntax).toBe(SOP_CLASS);
    expect(message?.command).toEqual({ ...command, hasDataSet: hasData });
    expect(told).toEqual([`received ${name}`]);
    const received = await message?.data?.collect(data.length);
    expect(hasData ? Buffer.compare(received as Uint8Array, data) : received).toBe(hasData ? 0 : undefined);
    await from.association.release();
  });
});

test('respond ties a response to its request, and cancel cancels a request', async () => {
  const [one, other] = await exchanges();
  await one.send(1, { commandField: 0x0110, messageId: 7, ...requested });
  const request = await other.next();
  if (!request) throw new Error('nothing came');
  await other.respond(request, { status: 0x0107, errorComment: 'some are missing' }, Buffer.from('ab'));
  const response = await one.next();
  expect(response?.command).toEqual({
    commandField: 0x8110,
    messageIdBeingRespondedTo: 7,
    status: 0x0107,
    errorComment: 'some are missing',
    hasDataSet: true,
    ...affected,
  });
  await response?.data?.discard();
  await one.cancel(1, 7);
  expect((await other.next())?.command).toEqual({
    commandField: 0x0fff,
    messageIdBeingRespondedTo: 7,
    hasDataSet: false,
  });
  await one.association.release();
});

test('announces a received message in order: raw bytes, PDUs, the command, data as they are read, the whole message', async () => {
  const [from, to] = await exchanges();
  const told: string[] = [];
  const { connection } = to.association;
  connection.on('bytes', () => told.push('bytes'));
  connection.on('pdu', (direction, pdu) => direction === 'received' && told.push(pdu.type));
  to.on('message', () => told.push('message'));
  to.on('data', (_message, { length, last }) => told.push(`data ${length}${last ? ' last' : ''}`));
  to.on('complete', ({ command }) => told.push(`complete ${messageName(command.commandField)}`));
  const [, , store] = MESSAGES[0] as (typeof MESSAGES)[0];
  const sent = from.send(1, store, data);
  const message = await to.next();
  expect(told.at(-1)).toBe('message');
  expect([...new Set(told)]).toEqual(['bytes', 'P-DATA-TF', 'message']);
  for await (const _chunk of message?.data ?? []);
  await sent;
  const own = told.filter((each) => each !== 'bytes' && each !== 'P-DATA-TF');
  expect(own[0]).toBe('message');
  expect(own.slice(1, -1).every((each) => each.startsWith('data '))).toBe(true);
  expect(own.slice(-2)).toEqual([`data ${data.length} last`, 'complete C-STORE-RQ']);
  await from.association.release();
});

describe('an unknown command', () => {
  const unknown = { commandField: 0x0abc, messageId: 5, affectedSopClassUid: SOP_CLASS };

  async function answered(onUnknownCommand: SessionOptions['onUnknownCommand'], messages = [unknown]) {
    const [requestor, acceptor] = await associatedPair({ request: { contexts } });
    const services = [serve(verification, { echo: () => 0 }), serve(storage, { store: () => 0 })];
    const session = new Session(acceptor, services, onUnknownCommand ? { onUnknownCommand } : {});
    const errors: unknown[] = [];
    session.on('handlerError', (error) => errors.push(error));
    const exchange = new MessageExchange(requestor);
    for (const message of messages) await exchange.send(1, message, data);
    const echo = { commandField: 0x30, messageId: 6, affectedSopClassUid: SopClass.Verification };
    // The peer may have ended the association by now.
    await exchange.send(3, echo).catch(() => requestor.closed);
    const statuses: unknown[] = [];
    for await (const { command } of until(exchange, requestor)) {
      statuses.push([command.commandField, command.status]);
      if (command.commandField === 0x8030) break;
    }
    if (requestor.state === 'Sta6') await requestor.release();
    await session.ended;
    return { statuses, errors, closed: await requestor.closed };
  }

  async function* until(exchange: MessageExchange, association: Association) {
    try {
      yield* exchange.messages();
    } catch (error) {
      if ((await association.closed).how !== 'aborted') throw error;
    }
  }
  const ECHO = [0x8030, 0];

  test('is answered with 0211H by default, or if the hook says so', async () => {
    for (const hook of [undefined, () => 'answer' as const])
      expect((await answered(hook)).statuses).toEqual([[0x8abc, 0x0211], ECHO]);
  });

  test('may be ignored', async () => {
    expect((await answered(() => 'ignore')).statuses).toEqual([ECHO]);
  });

  test('may end the association', async () => {
    const { statuses, closed } = await answered(() => 'abort');
    expect(statuses).toEqual([]);
    expect(closed).toMatchObject({ how: 'aborted', by: 'peer' });
  });

  test('may be answered by the hook, which can read its data', async () => {
    let length = 0;
    const { statuses } = await answered(async (message, exchange) => {
      length = (await message.data?.collect(data.length))?.length ?? 0;
      await exchange.respond(message, { status: 0x0123 });
      return 'ignore' as const;
    });
    expect(statuses).toEqual([[0x8abc, 0x0123], ECHO]);
    expect(length).toBe(data.length);
  });

  test('is answered if the hook throws, which is a handler error', async () => {
    const { statuses, errors } = await answered(() => {
      throw new Error('hook');
    });
    expect(statuses).toEqual([[0x8abc, 0x0211], ECHO]);
    expect(errors).toMatchObject([{ message: 'hook' }]);
  });

  test.each([
    ['of an unknown command', { commandField: 0x8abc, messageIdBeingRespondedTo: 5, status: 0 }],
    ['to a request that is not outstanding', { commandField: 0x8001, messageIdBeingRespondedTo: 77, status: 0 }],
    ['without Message ID Being Responded To', { commandField: 0x8030, status: 0 }],
  ])('that is a response %s reaches the hook, and is never answered', async (_, response) => {
    for (const action of ['answer', 'ignore'] as const) {
      const calls: unknown[] = [];
      const hook = async ({ command, data: announced }: ReceivedMessage) => {
        calls.push([command, (await announced?.collect(data.length))?.length]);
        return action;
      };
      const { statuses } = await answered(hook, [response as never]);
      expect(statuses).toEqual([ECHO]);
      expect(calls).toEqual([[{ ...response, hasDataSet: true }, data.length]]);
    }
    const { statuses, closed } = await answered(() => 'abort', [response as never]);
    expect([statuses, closed]).toEqual([[], expect.objectContaining({ how: 'aborted', by: 'peer' })]);
    // It is dropped without a hook.
    expect((await answered(undefined, [response as never])).statuses).toEqual([ECHO]);
  });

  test('does not call the hook for a command of the standard', async () => {
    const calls: unknown[] = [];
    const hook = (message: unknown) => {
      calls.push(message);
      return 'answer' as const;
    };
    const { statuses } = await answered(hook, [{ ...unknown, commandField: 0x0020 }]);
    expect(statuses).toEqual([[0x8020, 0x0211], ECHO]);
    expect(calls).toEqual([]);
  });
});

test('a C-STORE without the data set that it announces is aborted after the timeout `data`', async () => {
  using clock = new VirtualClock();
  const [near, far] = await exchanges();
  const command = encodeCommandSet({ commandField: 0x0001, messageId: 1, hasDataSet: true, ...affected });
  const value = { contextId: 1, kind: 'command', last: true, fragments: [command] } as const;
  await near.association.connection.send({ type: 'P-DATA-TF', values: [value] });
  const message = await far.next();
  const collected = message?.data?.collect(1000).catch((error: unknown) => error);
  await clock.advance(59_999);
  expect(far.association.isEstablished).toBe(true);
  await clock.advance(1);
  expect(await collected).toMatchObject({ name: 'AssociationAbortedError', cause: { code: 'TIMEOUT_DATA' } });
});
