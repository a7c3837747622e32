import { expect, test } from 'vitest';
import { accept } from '../association/accept.ts';
import { associatedPair } from '../association/pair.ts';
import { cappedLength, type PeerProfile, quirksOf } from './peer-profiles.ts';

const peer = { aeTitle: 'CT', implementationClassUid: '1.2.840.113619.6.55', implementationVersionName: 'GE_1' };

test.each([
  [{ aeTitle: 'CT' }, true],
  [{ aeTitle: 'C' }, false],
  [{ implementationClassUid: '1.2.840.113619' }, true],
  [{ implementationClassUid: '1.2.840.113620' }, false],
  [{ implementationVersionName: 'GE_' }, true],
  [{ aeTitle: 'CT', implementationVersionName: 'XX' }, false],
  [{}, true],
])('a profile for %j matches: %s', (match, expected) => {
  expect(quirksOf([{ match, lenientRoles: true }], peer)).toEqual(expected ? { lenientRoles: true } : {});
});

test('does not match unknown values, and prefers later profiles', () => {
  expect(quirksOf([{ match: { implementationClassUid: '1' }, lenientRoles: true }], { aeTitle: 'CT' })).toEqual({});
  const profiles: PeerProfile[] = [16384, 4096].map((maximumLength) => ({ match: {}, maximumLength }));
  expect(quirksOf(profiles, peer)).toEqual({ maximumLength: 4096 });
  expect([cappedLength(0, 9), cappedLength(5, 9), cappedLength(9, 5), cappedLength(9)]).toEqual([9, 5, 5, 9]);
});

const SOP_CLASS = '1.2.840.10008.1.1';
const request = {
  asynchronousOperations: 4,
  extendedNegotiations: [{ sopClassUid: SOP_CLASS, applicationInformation: Uint8Array.of(1) }],
};
const decide = () =>
  accept({
    supports: () => ({ transferSyntaxes: 'any' }),
    asynchronousOperations: 4,
    extendedNegotiation: ({ applicationInformation }) => applicationInformation,
  });
const quirks = { omitAsynchronousOperations: true, omitExtendedNegotiation: true, maximumLength: 16384 };

test('applies the profile of the called AE title as requestor', async () => {
  const peerProfiles = [{ match: { aeTitle: 'ACCEPTOR' }, ...quirks }];
  const [requestor] = await associatedPair({ request: { ...request, peerProfiles }, decide });
  const { userInformation } = requestor.request;
  expect(userInformation).toMatchObject({ maximumLength: 16384 });
  expect(userInformation).not.toHaveProperty('asynchronousOperationsWindow');
  expect(userInformation).not.toHaveProperty('extendedNegotiations');
  expect(requestor.asynchronousOperations).toEqual({ invoke: 1, perform: 1 });
  await requestor.release();
});

test('applies the profile of the calling AE title or implementation as acceptor', async () => {
  for (const match of [{ aeTitle: 'REQUESTOR' }, { implementationClassUid: '2.25.' }]) {
    const acceptor = { peerProfiles: [{ match, ...quirks }] };
    const [requestor] = await associatedPair({ request, acceptor, decide });
    const { userInformation } = requestor.accept;
    expect(userInformation).toMatchObject({ maximumLength: 16384 });
    expect(userInformation).not.toHaveProperty('asynchronousOperationsWindow');
    expect(userInformation).not.toHaveProperty('extendedNegotiations');
    expect(requestor.asynchronousOperations).toEqual({ invoke: 1, perform: 1 });
    await requestor.release();
  }
});

test('negotiates everything without a profile', async () => {
  const [requestor] = await associatedPair({ request, decide });
  expect(requestor.asynchronousOperations).toEqual({ invoke: 4, perform: 4 });
  expect([...(requestor.extendedNegotiations.get(SOP_CLASS)?.accepted ?? [])]).toEqual([1]);
  await requestor.release();
});
