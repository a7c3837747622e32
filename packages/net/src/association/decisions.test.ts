// Decisions on requests: those that are made at once have the same effect as those that are made later.

import { setImmediate as turn } from 'node:timers/promises';
import { encodePdu } from '@x/pdu';
import { expect, test } from 'vitest';
import { type AssociationRequest, accept, type Decide, type Decision, reject } from './accept.ts';
import { associatedPair } from './pair.ts';

const DECISIONS: readonly [string, () => Decision][] = [
  ['accepts', () => accept({ supports: () => ({ transferSyntaxes: 'any' }) })],
  ['refuses all contexts', () => accept({ supports: () => undefined })],
  ['rejects', () => reject({ reason: 7 })],
  [
    'throws',
    () => {
      throw new Error('the directory cannot be reached');
    },
  ],
];

/** The bytes that the requestor receives, or the codes of the rejection. */
async function effectOf(decide: Decide): Promise<unknown> {
  try {
    const [requestor] = await associatedPair({ decide });
    const bytes = Buffer.concat(encodePdu(requestor.accept)).toString('hex');
    await requestor.release();
    return bytes;
  } catch (error) {
    const { code, result, source, reason } = error as Record<string, unknown>;
    return { code, result, source, reason };
  }
}

test.each(DECISIONS)('a decision that %s has the same effect at once and later', async (_, decision) => {
  const atOnce = await effectOf(decision);
  const later = await effectOf(async () => {
    await turn();
    return decision();
  });
  expect(later).toEqual(atOnce);
  expect(await effectOf(async () => decision())).toEqual(atOnce);
});

test('the signal of a request aborts at the end of the connection, whenever it is read', async () => {
  const requests: AssociationRequest[] = [];
  const decide: Decide = (request) => {
    requests.push(request);
    return accept({ supports: () => ({ transferSyntaxes: 'any' }) });
  };
  const [requestor, acceptor] = await associatedPair({ decide });
  const [request] = requests as [AssociationRequest];
  expect(request.signal.aborted).toBe(false);
  requestor.abort();
  await acceptor.closed;
  await turn();
  expect(request.signal.aborted).toBe(true);
  const [other, otherAcceptor] = await associatedPair({ decide });
  await other.release();
  await otherAcceptor.closed;
  expect(requests[1]?.signal.aborted).toBe(true);
});
