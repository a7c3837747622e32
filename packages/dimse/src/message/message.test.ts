import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Association, associatedPair } from '@x/net';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { SopClass, TransferSyntax } from '../registry/uids.generated.ts';
import { storage } from '../services/storage.ts';
import { serve } from '../session/service-class.ts';
import { Session } from '../session/session.ts';
import { verification } from '../session/verification.ts';
import { encodeCommandSet } from './command-set.ts';
import { MessageExchange } from './message.ts';

const CT = SopClass.CTImageStorage;
const contexts = [SopClass.Verification, CT].map((abstractSyntax) => ({
  abstractSyntax,
  transferSyntaxes: [TransferSyntax.ExplicitVRLittleEndian],
}));
const storeRequest = (messageId = 1) =>
  ({ commandField: 1, messageId, affectedSopClassUid: CT, affectedSopInstanceUid: '1.2.3', hasDataSet: true }) as const;

/** Sends fragments as they are given. */
const raw = (
  association: Association,
  values: readonly { kind: 'command' | 'data'; last: boolean; bytes: Uint8Array; contextId?: number }[],
) =>
  association.connection.send({
    type: 'P-DATA-TF',
    values: values.map(({ kind, last, bytes, contextId = 3 }) => ({ contextId, kind, last, fragments: [bytes] })),
  });

describe('messages', () => {
  test('are assembled from any legal fragments', async () => {
    const command = encodeCommandSet(storeRequest());
    const data = Buffer.from('the data set of an instance');
    const cuts = (length: number) =>
      fc.uniqueArray(fc.integer({ min: 0, max: length }), { maxLength: 5 }).map((all) => all.sort((a, b) => a - b));
    const pieces = (bytes: Uint8Array, at: readonly number[]) =>
      [0, ...at].map((start, index) => bytes.subarray(start, at[index] ?? bytes.length));
    await fc.assert(
      fc.asyncProperty(
        cuts(command.length),
        cuts(data.length),
        fc.boolean(),
        async (commandCuts, dataCuts, isOnePdu) => {
          const [requestor, acceptor] = await associatedPair({ request: { contexts } });
          const values = [
            ...pieces(command, commandCuts).map((bytes, index, all) => ({
              kind: 'command' as const,
              last: index === all.length - 1,
              bytes,
            })),
            ...pieces(data, dataCuts).map((bytes, index, all) => ({
              kind: 'data' as const,
              last: index === all.length - 1,
              bytes,
            })),
          ];
          // Command and data may share a PDU, or have one each.
          if (isOnePdu) await raw(requestor, values);
          else for (const value of values) await raw(requestor, [value]);
          const message = await new MessageExchange(acceptor).next();
          expect(message?.command).toEqual(storeRequest());
          expect(Buffer.from((await message?.data?.collect(1000)) ?? []).toString()).toBe(data.toString());
          await requestor.release();
        },
      ),
      { numRuns: 60 },
    );
  });

  test('of unknown kinds can be received and sent', async () => {
    const [requestor, acceptor] = await associatedPair({ request: { contexts } });
    const [one, other] = [new MessageExchange(requestor), new MessageExchange(acceptor)];
    await one.send(1, { commandField: 0x7777, messageId: 5 }, Buffer.from('ab'));
    const message = await other.next();
    expect(message?.command).toMatchObject({ commandField: 0x7777, messageId: 5, hasDataSet: true });
    expect(Buffer.from((await message?.data?.collect(10)) ?? []).toString()).toBe('ab');
    await other.send(1, { commandField: 0xf777, messageIdBeingRespondedTo: 5, status: 0 });
    expect((await one.next())?.command.status).toBe(0);
    const last = other.next();
    await requestor.release();
    expect(await last).toBeUndefined();
  });

  test('do not add listeners to the association, however many arrive', async () => {
    const [requestor, acceptor] = await associatedPair({ request: { contexts } });
    const waits = vi.spyOn(acceptor.closed, 'then');
    const [one, other] = [new MessageExchange(requestor), new MessageExchange(acceptor)];
    const { length: before } = waits.mock.calls;
    for (let messageId = 1; messageId <= 20; messageId++) {
      await one.send(3, storeRequest(messageId), Buffer.alloc(10));
      const message = await other.next();
      setImmediate(() => message?.data?.discard());
    }
    expect(waits.mock.calls.length - before).toBe(0);
    requestor.abort();
  });

  test.each<[string, Parameters<typeof raw>[1]]>([
    ['data without a command', [{ kind: 'data', last: true, bytes: Buffer.from('x') }]],
    [
      'a command in the middle of a command on another context',
      [
        { kind: 'command', last: false, bytes: Buffer.from('x') },
        { kind: 'command', last: true, bytes: Buffer.from('x'), contextId: 1 },
      ],
    ],
    [
      'a command in the middle of data',
      [
        { kind: 'command', last: true, bytes: encodeCommandSet(storeRequest()) },
        { kind: 'command', last: true, bytes: encodeCommandSet(storeRequest()) },
      ],
    ],
    ['a command that is none', [{ kind: 'command', last: true, bytes: Buffer.from('nonsense') }]],
    ['a command of more than 64 KiB', [{ kind: 'command', last: false, bytes: Buffer.alloc(65537) }]],
  ])('abort the association if malformed: %s', async (_, values) => {
    const [requestor, acceptor] = await associatedPair({ request: { contexts } });
    const session = new Session(acceptor, [
      serve(storage, {
        store: async ({ data }) => {
          for await (const _chunk of data);
          return 0;
        },
      }),
    ]);
    await raw(requestor, values);
    expect(await requestor.closed).toMatchObject({ how: 'aborted', by: 'peer', error: { source: 2, reason: 5 } });
    await session.ended;
  });
});

describe('a provider', () => {
  const respond = async (
    commands: readonly object[],
    services = [serve(verification, { echo: () => 0 }), serve(storage, { store: () => 0 })],
    data?: Uint8Array,
  ) => {
    const [requestor, acceptor] = await associatedPair({ request: { contexts } });
    const session = new Session(acceptor, services);
    const exchange = new MessageExchange(requestor);
    const statuses: unknown[] = [];
    for (const [index, { contextId = 1, ...command }] of (commands as { contextId?: number }[]).entries()) {
      await exchange.send(contextId, { messageId: index + 1, ...command } as never, data);
      const { command: response } = (await exchange.next()) ?? { command: undefined };
      statuses.push([response?.commandField, response?.messageIdBeingRespondedTo, response?.status]);
    }
    await requestor.release();
    await session.ended;
    return statuses;
  };
  const echo = { commandField: 0x30, affectedSopClassUid: SopClass.Verification };

  test('answers an unknown command with 0211H, with or without data, and continues', async () => {
    expect(await respond([{ commandField: 0x7777, affectedSopClassUid: SopClass.Verification }, echo])).toEqual([
      [0xf777, 1, 0x0211],
      [0x8030, 2, 0],
    ]);
    expect(await respond([{ commandField: 0x7777 }], undefined, Buffer.alloc(50_000))).toEqual([[0xf777, 1, 0x0211]]);
  });

  test('answers a SOP class other than that of the context with 0122H', async () => {
    expect(await respond([{ ...echo, affectedSopClassUid: '1.2.3' }, echo])).toEqual([
      [0x8030, 1, 0x0122],
      [0x8030, 2, 0],
    ]);
  });

  test('answers an operation of another service on its context with 0211H', async () => {
    expect(
      await respond([
        { commandField: 0x01, affectedSopClassUid: SopClass.Verification, affectedSopInstanceUid: '1.2' },
      ]),
    ).toEqual([[0x8001, 1, 0x0211]]);
  });

  test('answers a C-STORE without data with 0212H', async () => {
    expect(await respond([{ ...storeRequest(), contextId: 3 }])).toEqual([[0x8001, 1, 0x0212]]);
  });

  test('ignores a C-CANCEL for a request that is not in progress', async () => {
    const [requestor, acceptor] = await associatedPair({ request: { contexts } });
    const session = new Session(acceptor, [serve(verification, { echo: () => 0 })]);
    const exchange = new MessageExchange(requestor);
    await exchange.send(1, { commandField: 0x0fff, messageIdBeingRespondedTo: 99 });
    await exchange.send(1, { ...echo, messageId: 7 });
    expect((await exchange.next())?.command.status).toBe(0);
    await requestor.release();
    await session.ended;
  });

  test('aborts if the peer invokes more operations at once than negotiated', async () => {
    const [requestor, acceptor] = await associatedPair({ request: { contexts } });
    const session = new Session(acceptor, [serve(verification, { echo: () => new Promise(() => {}) })]);
    const exchange = new MessageExchange(requestor);
    await exchange.send(1, { ...echo, messageId: 1 });
    await exchange.send(1, { ...echo, messageId: 2 });
    expect(await requestor.closed).toMatchObject({ how: 'aborted', by: 'peer' });
    await session.ended;
  });

  test('reads and drops data that the handler does not read, and sends the status of the handler', async () => {
    expect(
      await respond(
        [{ ...storeRequest(), contextId: 3 }],
        [serve(storage, { store: () => 0xb000 })],
        Buffer.alloc(2_000_000),
      ),
    ).toEqual([[0x8001, 1, 0xb000]]);
  });

  test('ends with its association even if a handler neither reads its data nor returns', async () => {
    const [requestor, acceptor] = await associatedPair({ request: { contexts } });
    let signal: AbortSignal | undefined;
    const session = new Session(acceptor, [
      serve(storage, {
        store: (_request, context) => {
          signal = context.signal;
          return new Promise(() => {});
        },
      }),
    ]);
    await new MessageExchange(requestor).send(3, storeRequest(), Buffer.alloc(1000));
    while (!signal) await nextTurn();
    requestor.abort();
    await session.ended;
    expect(signal.aborted).toBe(true);
  });

  test('tells a running handler that the association has ended', async () => {
    let reason: unknown;
    let isCalled = false;
    const [requestor, acceptor] = await associatedPair({ request: { contexts } });
    const session = new Session(acceptor, [
      serve(verification, {
        echo: (_request, { signal }) =>
          new Promise((resolve) => {
            isCalled = true;
            signal.addEventListener('abort', () => {
              reason = signal.reason;
              resolve(0);
            });
          }),
      }),
    ]);
    await new MessageExchange(requestor).send(1, { ...echo, messageId: 1 });
    while (!isCalled) await nextTurn();
    requestor.abort();
    await session.ended;
    await nextTurn();
    expect(reason).toMatchObject({ name: 'AssociationAbortedError', by: 'peer' });
  });
});
