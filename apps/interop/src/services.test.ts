// The services that several archives share, as the tests get them.

import { connect } from 'node:net';
import { testPostgres, testStore } from '@x/testing/services';
import { expect, test } from 'vitest';

const [postgres, store] = await Promise.all([testPostgres(), testStore()]);

test.runIf(postgres)('gives every test the same PostgreSQL server, which accepts connections', async () => {
  expect(await testPostgres()).toBe(postgres);
  const { hostname, port } = new URL(String(postgres));
  const socket = connect(Number(port), hostname);
  // SSLRequest (PostgreSQL protocol, message formats): the server answers N if it does not speak TLS.
  socket.write(Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]));
  const [answer] = await new Promise<Buffer>((resolve, reject) => socket.once('data', resolve).once('error', reject));
  socket.destroy();
  expect(String.fromCharCode(Number(answer))).toBe('N');
});

test.runIf(store)('gives every test the same bucket, whose store refuses wrong keys', async () => {
  expect(await testStore()).toBe(store);
  const { host, searchParams } = new URL(String(store));
  const headers = { authorization: 'AWS other:signature', 'x-amz-date': new Date().toUTCString() };
  const response = await fetch(`${searchParams.get('endpoint')}/${host}`, { headers });
  expect(response.status).toBe(403);
  expect(process.env.AWS_SECRET_ACCESS_KEY).toMatch(/^[0-9a-f]{24}$/);
});
