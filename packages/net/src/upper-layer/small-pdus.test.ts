// A peer that sends very many small PDUs does not keep others from their turn.

import { Duplex } from 'node:stream';
import { associateRequest, encodePdu } from '@x/pdu';
import { expect, test } from 'vitest';
import { accept, acceptAssociation } from '../association/accept.ts';

const CHUNK = 64 * 1024;
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('one chunk of small PDUs is read in a turn of the event loop, however many have arrived', async () => {
  const stream = new Duplex({ read: () => {}, write: (_, __, done) => done(), readableHighWaterMark: 100 * CHUNK });
  const contexts = { abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] };
  const accepting = acceptAssociation(stream, {
    decide: () => accept({ supports: () => ({ transferSyntaxes: 'any' }) }),
  });
  const request = associateRequest('SCP', 'SCU');
  const presentationContexts = [{ id: 1, ...contexts }];
  for (const bytes of encodePdu({ ...request, presentationContexts })) stream.push(bytes);
  const association = await accepting;
  let received = 0;
  const receiving = (async () => {
    for (; await association?.nextValue(); received++);
  })().catch(() => {});

  const fragment = Buffer.from('040000000006000000020101', 'hex');
  const chunk = Buffer.alloc(Math.floor(CHUNK / fragment.length) * fragment.length, fragment);
  const chunks = 50;
  let largest = 0;
  let inThisTurn = 0;
  association?.connection.on('bytes', () => {
    inThisTurn++;
    largest = Math.max(largest, inThisTurn);
  });
  for (let index = 0; index < chunks; index++) stream.push(chunk);
  const expected = (chunks * chunk.length) / fragment.length;
  for (let turns = 0; received < expected && turns < 1000; turns++) {
    inThisTurn = 0;
    await turn();
  }
  expect(received).toBe(expected);
  expect(largest).toBeLessThanOrEqual(2);
  association?.abort();
  await receiving;
});
