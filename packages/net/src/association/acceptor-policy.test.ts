import { duplexPair } from 'node:stream';
import { encodePdu, PduDecoder } from '@x/pdu';
import { expect, test } from 'vitest';
import { acceptAssociation } from './accept.ts';
import { decideBy } from './acceptor-policy.ts';
import { associatedPair } from './pair.ts';

const ANY = { supports: () => ({ transferSyntaxes: 'any' as const }) };

test.each([
  ['a called AE title that is not in the list', { calledAeTitles: ['OTHER'] }, 7],
  ['a calling AE title that is not in the list', { callingAeTitles: ['OTHER'] }, 3],
])('%s is rejected', async (_, rules, reason) => {
  const verified: unknown[] = [];
  const decide = decideBy({ ...ANY, ...rules, verifyIdentity: (identity) => verified.push(identity) > 0 });
  await expect(associatedPair({ decide })).rejects.toMatchObject({ result: 1, source: 1, reason });
  // The identity is not verified if an AE title is wrong.
  expect(verified).toEqual([]);
});

test('known AE titles are accepted', async () => {
  const decide = decideBy({ ...ANY, calledAeTitles: ['ACCEPTOR'], callingAeTitles: ['X', 'REQUESTOR'] });
  const [requestor] = await associatedPair({ decide });
  expect(requestor.isEstablished).toBe(true);
  await requestor.release();
});

test.each([
  ['an application context that is not DICOM', { applicationContextName: '1.2.3' }, [1, 1, 2]],
  ['a protocol version other than 1', { protocolVersion: 2 }, [1, 2, 2]],
])('%s is rejected without calling decide', async (_, part, [result, source, reason]) => {
  const [near, far] = duplexPair();
  const accepted = acceptAssociation(far, {
    decide: () => {
      throw new Error('nobody is asked');
    },
  });
  const request = {
    type: 'A-ASSOCIATE-RQ' as const,
    protocolVersion: 1,
    calledAeTitle: 'A',
    callingAeTitle: 'B',
    presentationContexts: [{ id: 1, abstractSyntax: '1.2', transferSyntaxes: ['1.2.3'] }],
    userInformation: {},
    ...part,
  };
  for (const bytes of encodePdu(request)) near.write(bytes);
  const decoder = new PduDecoder({ maxLength: 1000 });
  const [chunk] = await new Promise<Uint8Array[]>((resolve) => near.once('data', (data) => resolve([data])));
  expect([...decoder.push(chunk ?? new Uint8Array(0))]).toEqual([{ type: 'A-ASSOCIATE-RJ', result, source, reason }]);
  near.end();
  expect(await accepted).toBeUndefined();
});
