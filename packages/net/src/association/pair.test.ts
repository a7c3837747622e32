import { expect, test } from 'vitest';
import { associatedPair } from './pair.ts';

test('two ends associate, exchange a message and release', async () => {
  const [requestor, acceptor] = await associatedPair();
  const received = (async () => {
    const values = [];
    for await (const value of acceptor.receive()) values.push(value);
    return values;
  })();
  await requestor.send(1, { command: new Uint8Array(100), data: new Uint8Array(300) });
  await requestor.release();
  const values = await received;
  expect(values.map(({ kind, last }) => [kind, last])).toEqual([
    ['command', true],
    ['data', true],
  ]);
  expect(await acceptor.closed).toEqual({ how: 'released', by: 'peer' });
});

test('a release collision releases both sides', async () => {
  const [requestor, acceptor] = await associatedPair();
  await Promise.all([requestor.release(), acceptor.release()]);
  expect((await requestor.closed).how).toBe('released');
  expect((await acceptor.closed).how).toBe('released');
});

test('an abort reaches the peer', async () => {
  const [requestor, acceptor] = await associatedPair();
  requestor.abort(new Error('enough'));
  expect(await acceptor.closed).toMatchObject({ how: 'aborted', by: 'peer', error: { source: 0 } });
  await expect(acceptor.nextValue()).rejects.toThrow('aborted by the service user');
  expect(await requestor.closed).toMatchObject({
    how: 'aborted',
    by: 'local',
    error: { cause: { message: 'enough' } },
  });
});
