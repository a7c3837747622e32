import { createHook } from 'node:async_hooks';
import { shareHiddenClass } from '@x/testing/hidden-class';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type AssociationRequest, accept } from './accept.ts';
import { type Listener, type ListenOptions, listen } from './listen.ts';
import { type RequestOptions, requestAssociation } from './request.ts';

const VERIFICATION = '1.2.840.10008.1.1';
const IMPLICIT = '1.2.840.10008.1.2';

let listener: Listener | undefined;
afterEach(async () => {
  await listener?.close();
  listener = undefined;
});

async function start(options: Partial<ListenOptions> = {}): Promise<Listener> {
  listener = await listen(
    { port: 0, host: '127.0.0.1' },
    {
      decide: () => accept({ supports: () => ({ transferSyntaxes: 'any' }) }),
      serve: async (association) => {
        for await (const _ of association.receive());
      },
      ...options,
    },
  );
  return listener;
}

function associate(options: Partial<RequestOptions> = {}) {
  return requestAssociation({
    host: '127.0.0.1',
    port: listener?.port ?? 0,
    callingAeTitle: 'SCU',
    calledAeTitle: 'SCP',
    contexts: [{ abstractSyntax: VERIFICATION, transferSyntaxes: [IMPLICIT] }],
    ...options,
  } as RequestOptions);
}

describe('a handler that never settles', () => {
  test('does not keep the listener from closing', async () => {
    const open = await start({ serve: () => new Promise(() => {}) });
    const association = await associate();
    expect(await open.close()).toMatchObject({ finished: 0, aborted: 1 });
    expect(await association.closed).toMatchObject({ how: 'aborted', by: 'peer' });
  });

  test('does not count against the limit after its association has ended', async () => {
    const open = await start({ serve: () => new Promise(() => {}), maximumAssociations: 1 });
    for (let round = 0; round < 3; round++) {
      const gone = new Promise((resolve) => open.once('connection', ({ disconnected }) => resolve(disconnected)));
      const association = await associate();
      expect(open.associations.size).toBe(1);
      association.abort();
      await gone;
      expect([open.associations.size, open.connections]).toEqual([0, 0]);
    }
  });
});

test('a listener that throws causes a warning and has no other effect', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const open = await start({
    serve: async () => {
      throw new Error('the handler has failed');
    },
  });
  const failed = new Promise((resolve) => open.on('failed', resolve));
  for (const event of ['connection', 'association', 'failed'] as const)
    open.on(event, () => {
      throw new Error(`watching ${event}`);
    });
  const association = await associate({
    onConnection: (connection) => {
      for (const event of ['bytes', 'pdu', 'transition', 'closed'] as const)
        connection.on(event, () => {
          throw new Error(`watching ${event}`);
        });
    },
  });
  expect(await association.closed).toMatchObject({ how: 'aborted', by: 'peer' });
  expect(await failed).toMatchObject({ message: 'the handler has failed' });
  expect(await open.close()).toMatchObject({ finished: 0, aborted: 0 });
  const events = ['connection', 'association', 'failed', 'bytes', 'pdu', 'transition', 'closed'];
  for (const event of events)
    expect(warned).toHaveBeenCalledWith(expect.stringContaining(`watching ${event}`), 'ListenerError');
  warned.mockRestore();
});

test.each(['pdu', 'closed', 'transition'] as const)(
  'A-ABORT is sent even if a listener of %s throws',
  async (event) => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const ended = new Promise((resolve) => {
      void start({
        serve: async (association) => {
          void association.closed.then(resolve);
          for await (const _ of association.receive());
        },
      });
    });
    await vi.waitUntil(() => listener);
    const association = await associate();
    association.connection.on(event, () => {
      throw new Error('watching');
    });
    association.abort();
    expect(await ended).toMatchObject({ how: 'aborted', by: 'peer' });
    await association.connection.disconnected;
    expect(warned).toHaveBeenCalled();
    warned.mockRestore();
  },
);

test('the handler of an association knows its listener and may keep its own data', async () => {
  const data = new WeakMap<object, string>();
  const served = new Promise<unknown[]>((resolve) => {
    void start({
      serve: async (association, open) => {
        data.set(association, 'mine');
        resolve([open, association.listener, open.associations.get(association.id), data.get(association)]);
      },
    });
  });
  await vi.waitUntil(() => listener);
  const association = await associate();
  const [open, accepting, found, own] = await served;
  expect(open).toBe(listener);
  expect(accepting).toBe(listener);
  expect(association.listener).toBeUndefined();
  expect(found).toMatchObject({ callingAeTitle: 'SCU' });
  expect(own).toBe('mine');
  await association.closed;
});

test('requests share a hidden class, so that V8 frees a connection soon after its end', async () => {
  const asked: AssociationRequest[] = [];
  await start({
    decide: (request) => {
      asked.push(request);
      return accept({ supports: () => ({ transferSyntaxes: 'any' }) });
    },
  });
  for (let round = 0; round < 3; round++) await (await associate()).release();
  expect(shareHiddenClass(asked)).toBe(true);
  expect(asked[0]?.signal.aborted).toBe(true);
});

test('the release of an association that has ended starts no timer', async () => {
  await start();
  const association = await associate();
  association.abort();
  await association.connection.disconnected;
  let timers = 0;
  const hook = createHook({
    init: (_, type) => {
      if (type === 'Timeout') timers++;
    },
  }).enable();
  try {
    await expect(association.release()).rejects.toMatchObject({ name: 'AssociationAbortedError' });
  } finally {
    hook.disable();
  }
  expect(timers).toBe(0);
});
