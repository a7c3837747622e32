import { afterEach, describe, expect, test } from 'vitest';
import { accept } from './accept.ts';
import type { Association } from './association.ts';
import { type Listener, listen } from './listen.ts';
import { requestAssociation } from './request.ts';

let listener: Listener | undefined;
afterEach(async () => {
  await listener?.close();
  listener = undefined;
});

/** Both ends of an association whose acceptor has this idle timeout, in milliseconds. */
async function associate(idle: number, serve?: (association: Association) => void) {
  const accepted = new Promise<Association>((resolve) => {
    void listen(
      { port: 0, host: '127.0.0.1' },
      {
        timeouts: { idle },
        decide: () => accept({ supports: () => ({ transferSyntaxes: 'any' }) }),
        serve: async (association) => {
          serve?.(association);
          resolve(association);
          for await (const _ of association.receive());
        },
      },
    ).then(async (open) => {
      listener = open;
      opened();
    });
  });
  let opened = () => {};
  await new Promise<void>((resolve) => {
    opened = resolve;
  });
  const requestor = await requestAssociation({
    host: '127.0.0.1',
    port: listener?.port ?? 0,
    callingAeTitle: 'SCU',
    calledAeTitle: 'SCP',
    contexts: [{ abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] }],
  });
  return { requestor, acceptor: await accepted };
}

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('an association with an idle timeout', () => {
  test('is released by the acceptor when it is idle', async () => {
    const { requestor, acceptor } = await associate(50);
    expect(await requestor.closed).toMatchObject({ how: 'released', by: 'peer' });
    expect(await acceptor.closed).toMatchObject({ how: 'released', by: 'local' });
  });

  test('is not released while messages are sent', async () => {
    const { requestor } = await associate(300);
    for (let round = 0; round < 8; round++) {
      await requestor.send(1, { command: Buffer.alloc(2) });
      await wait(60);
    }
    expect(requestor.state).toBe('Sta6');
    expect(await requestor.closed).toMatchObject({ how: 'released', by: 'peer' });
  });

  test('is not released while its user is busy', async () => {
    let isBusy = true;
    const { requestor } = await associate(30, (association) => {
      association.claim({ isBusy: () => isBusy });
    });
    await wait(200);
    expect(requestor.state).toBe('Sta6');
    isBusy = false;
    expect(await requestor.closed).toMatchObject({ how: 'released', by: 'peer' });
  });

  test.each([0, Number.POSITIVE_INFINITY])('is never released if the timeout is %d', async (idle) => {
    const { requestor } = await associate(idle);
    await wait(50);
    expect(requestor.state).toBe('Sta6');
    await requestor.release();
  });
});

test('counts bytes and messages', async () => {
  const { requestor, acceptor } = await associate(0);
  const before = requestor.connection.traffic.bytesSent;
  expect(acceptor.connection.traffic.bytesReceived).toBe(before);
  const sending = requestor.send(1, { command: Buffer.alloc(10), data: Buffer.alloc(1000) });
  expect(requestor.sendQueue.messages).toBe(1);
  await sending;
  expect(requestor.sendQueue.messages).toBe(0);
  expect(requestor.connection.traffic.bytesSent - before).toBe(12 + 10 + 12 + 1000);
  await requestor.release();
  expect(acceptor.connection.traffic.bytesReceived).toBe(requestor.connection.traffic.bytesSent);
  expect(acceptor.connection.traffic.bytesSent).toBe(requestor.connection.traffic.bytesReceived);
});
