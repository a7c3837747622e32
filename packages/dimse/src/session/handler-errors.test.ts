// Errors of handlers: each is reported once, to those who listen, and otherwise as a warning of the process.

import { accept, associatedPair, listen, requestAssociation } from '@x/net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DataSetError } from '../data-set/data-set-error.ts';
import { createDataSetCodec, DimseError, Status, storageCommitment } from '../index.ts';
import { createScp, type Scp } from './scp.ts';
import { openSession } from './scu.ts';
import { serve } from './service-class.ts';
import { Session } from './session.ts';
import { verification } from './verification.ts';

const BUG = new TypeError('my bug');
const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
beforeEach(() => warned.mockClear());
const open: Scp[] = [];
afterEach(async () => {
  for (const scp of open.splice(0)) await scp.close();
});

/** Sends C-ECHO to an SCP with a handler; gives the status of the answer. */
async function echoTo(echo: () => number, prepare: (scp: Scp) => void = () => {}): Promise<number> {
  const scp = createScp({ aeTitle: 'SCP', services: [serve(verification, { echo })] });
  open.push(scp);
  prepare(scp);
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  const peer = { host: '127.0.0.1', port, callingAeTitle: 'SCU', calledAeTitle: 'SCP' };
  const session = await openSession({ ...peer, services: [verification] });
  const status = await session
    .use(verification)
    .echo()
    .then(
      (response) => response.status,
      (error: DimseError) => error.status,
    );
  await session.release();
  return status;
}

function failing(): number {
  throw BUG;
}

const warning = (text: string) => [expect.stringContaining(text), 'HandlerError'];

describe('an error of a handler', () => {
  test('is a warning of the process if there is no listener', async () => {
    expect(await echoTo(failing)).toBe(Status.ProcessingFailure);
    expect(warned.mock.calls).toEqual([warning('the handler of C-ECHO-RQ threw: TypeError: my bug')]);
  });

  test('is an event of the SCP, with the request and the session', async () => {
    const heard = vi.fn();
    await echoTo(failing, (scp) => scp.on('handlerError', heard));
    const request = expect.objectContaining({ command: expect.objectContaining({ messageId: 1 }) });
    expect(heard.mock.calls).toEqual([[BUG, request, expect.any(Session)]]);
    expect(warned).not.toHaveBeenCalled();
  });

  test('is an event of the session', async () => {
    const heard = vi.fn();
    await echoTo(failing, (scp) => scp.on('session', (session) => session.on('handlerError', heard)));
    expect(heard.mock.calls).toEqual([[BUG, expect.anything()]]);
    expect(warned).not.toHaveBeenCalled();
  });

  test('is a warning of the process if a session without an SCP has no listener', async () => {
    const [requestor, acceptor] = await associatedPair();
    new Session(acceptor, [serve(verification, { echo: failing })]);
    const session = new Session(requestor);
    await expect(session.use(verification).echo()).rejects.toThrow(DimseError);
    expect(warned.mock.calls).toEqual([warning('my bug')]);
    await session.release();
  });

  test('is not reported if it is the status of the answer', async () => {
    const status = await echoTo(() => {
      throw new DimseError(Status.NotAuthorized);
    });
    expect(status).toBe(Status.NotAuthorized);
    expect(warned).not.toHaveBeenCalled();
  });

  test('names a status that it may not return, in words and in hexadecimal', async () => {
    await echoTo(() => Status.Pending);
    expect(warned.mock.calls).toEqual([
      warning('C-ECHO handler returned pending (FF00H), which is not a final status'),
    ]);
  });
});

test('a data set that cannot be decoded is reported once for each association, and is not a warning of the process', async () => {
  const heard = vi.fn();
  const scp = createScp({ aeTitle: 'SCP', services: [serve(storageCommitment, { action: () => Status.Success })] });
  open.push(scp);
  scp.on('undecodable', heard);
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  const peer = { host: '127.0.0.1', port, callingAeTitle: 'SCU', calledAeTitle: 'SCP' };
  const broken = () => Buffer.from('0800181000000041', 'hex');
  const codec = { ...createDataSetCodec(), encode: broken, encodeInTurns: broken };
  const commit = { sopInstance: '1.2', actionType: 1, information: {} };
  for (let association = 1; association <= 2; association++) {
    const session = await openSession({ ...peer, services: [storageCommitment], codec });
    for (let request = 0; request < 5; request++)
      await expect(session.use(storageCommitment).action(commit)).rejects.toMatchObject({
        status: Status.ProcessingFailure,
      });
    await session.release();
    expect(heard).toHaveBeenCalledTimes(association);
  }
  expect(heard).toHaveBeenCalledWith(expect.any(DataSetError), expect.anything(), expect.any(Session));
  expect(warned).not.toHaveBeenCalled();
});

describe('an error of a function that decides on associations', () => {
  const supports = () => ({ transferSyntaxes: 'any' as const });
  const contexts = [{ abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] }];
  const wait = () => vi.waitUntil(() => warned.mock.calls.length > 0);

  test.each([
    ['decide', { decide: failing as never, serve: async () => {} }],
    ['serve', { decide: () => accept({ supports }), serve: async () => void failing() }],
  ])('is a warning of the process if there is no listener: %s', async (_, options) => {
    const listener = await listen({ port: 0, host: '127.0.0.1' }, options);
    const { port } = listener;
    const peer = { host: '127.0.0.1', port, callingAeTitle: 'SCU', calledAeTitle: 'SCP', contexts };
    await requestAssociation(peer).catch(() => {});
    await wait();
    await listener.close();
    expect(warned.mock.calls).toEqual([[expect.stringContaining('my bug'), 'ListenerError']]);
  });

  test('is a warning of the process if there is no listener: accept of an SCP', async () => {
    const scp = createScp({ aeTitle: 'SCP', services: [], accept: failing as never });
    open.push(scp);
    const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
    const peer = { host: '127.0.0.1', port, callingAeTitle: 'SCU', calledAeTitle: 'SCP', contexts };
    await requestAssociation(peer).catch(() => {});
    await wait();
    expect(warned.mock.calls).toEqual([[expect.stringContaining('my bug'), 'ListenerError']]);
  });

  test('is not a warning if the peer caused the failure', async () => {
    const listener = await listen(
      { port: 0, host: '127.0.0.1' },
      {
        decide: () => accept({ supports }),
        serve: async (association) => {
          for await (const _ of association.receive());
        },
      },
    );
    const { port } = listener;
    const peer = { host: '127.0.0.1', port, callingAeTitle: 'SCU', calledAeTitle: 'SCP', contexts };
    (await requestAssociation(peer)).abort();
    await vi.waitUntil(() => listener.counters.failures > 0);
    await listener.close();
    expect(warned).not.toHaveBeenCalled();
  });
});
