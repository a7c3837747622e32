import type { UserIdentity } from '@x/pdu';
import { expect, test } from 'vitest';
import { accept } from '../association/accept.ts';
import { type AcceptorRules, decideBy } from '../association/acceptor-policy.ts';
import { associatedPair } from '../association/pair.ts';
import {
  jsonWebTokenIdentity,
  kerberosIdentity,
  passcodeIdentity,
  readUserIdentity,
  samlIdentity,
  usernameIdentity,
} from './user-identity.ts';

const ANY = { supports: () => ({ transferSyntaxes: 'any' as const }) };
const TRICKY = Uint8Array.of(0, 0x20, 0xff, 0x41, 0, 0x20, 0x20);

const associate = (userIdentity: UserIdentity, rules: Partial<AcceptorRules> = {}) =>
  associatedPair({ request: { userIdentity }, decide: decideBy({ ...ANY, ...rules }) });

/** Replaces Buffers by equal Uint8Arrays, which `toEqual` distinguishes. */
const withPlainBytes = (value: object) =>
  Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, field instanceof Uint8Array ? Uint8Array.from(field) : field]),
  );

test.each([
  ['user name', usernameIdentity(TRICKY), { kind: 'username', username: TRICKY }],
  ['passcode', passcodeIdentity(TRICKY, TRICKY), { kind: 'username-and-passcode', username: TRICKY, passcode: TRICKY }],
  ['Kerberos', kerberosIdentity(TRICKY), { kind: 'kerberos-ticket', ticket: TRICKY }],
  ['SAML', samlIdentity(TRICKY), { kind: 'saml-assertion', assertion: TRICKY }],
  ['JSON Web Token', jsonWebTokenIdentity(TRICKY), { kind: 'json-web-token', token: TRICKY }],
])('an identity by %s survives with NUL and trailing spaces', async (_, identity, expected) => {
  let seen: UserIdentity | undefined;
  const [requestor] = await associate(identity, {
    verifyIdentity: async (given) => {
      seen = given;
      return true;
    },
  });
  expect(seen && withPlainBytes(readUserIdentity(seen))).toEqual(expected);
  // Not asked for, so not sent.
  expect(requestor.accept.userInformation.userIdentityResponse).toBeUndefined();
  expect(requestor.userIdentity?.outcome).toBe('not-asked');
  await requestor.release();
});

test('encodes text in UTF-8, and keeps unknown kinds', () => {
  expect(usernameIdentity('Jürg').primaryField).toEqual(Uint8Array.of(0x4a, 0xc3, 0xbc, 0x72, 0x67));
  expect(readUserIdentity({ ...usernameIdentity('x'), identityType: 9 })).toEqual({ kind: 'unknown', identityType: 9 });
});

test('passes the response to the requestor', async () => {
  const [requestor, acceptor] = await associate(kerberosIdentity(TRICKY, { requestResponse: true }), {
    verifyIdentity: () => ({ response: TRICKY }),
  });
  for (const side of [requestor, acceptor])
    expect(withPlainBytes(side.userIdentity ?? {})).toMatchObject({ outcome: 'confirmed', response: TRICKY });
  await requestor.release();
});

test('confirms a user name with an empty response', async () => {
  const [requestor] = await associate(usernameIdentity('x', { requestResponse: true }), {
    verifyIdentity: () => true,
  });
  expect(requestor.userIdentity?.outcome).toBe('confirmed');
  expect(requestor.userIdentity?.response).toHaveLength(0);
  await requestor.release();
});

test('reports a missing response', async () => {
  const [requestor] = await associatedPair({
    request: { userIdentity: usernameIdentity('x', { requestResponse: true }) },
    decide: () => accept(ANY),
  });
  expect(requestor.userIdentity?.outcome).toBe('unanswered');
  await requestor.release();
});

test.each([
  ['permanently and by the provider (PS3.7 §D.3.3.7.3)', false as const, { result: 1, source: 2, reason: 1 }],
  ['as told, without a reason', { reject: { result: 2 } }, { result: 2, source: 2, reason: 1 }],
  ['as told', { reject: { result: 2, source: 1, reason: 1 } }, { result: 2, source: 1, reason: 1 }],
])('an identity that is not taken is rejected, %s', async (_, verdict, expected) => {
  const associating = associate(usernameIdentity('nobody'), { verifyIdentity: async () => verdict });
  await expect(associating).rejects.toMatchObject({ name: 'AssociationRejectedError', ...expected });
});

test('rejects as transient if the verification throws', async () => {
  const associating = associate(usernameIdentity('x'), {
    verifyIdentity: () => Promise.reject(new Error('the directory is down')),
  });
  await expect(associating).rejects.toMatchObject({ result: 2, source: 3, reason: 1 });
});
