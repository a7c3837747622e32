// Functions of a program in plain JavaScript that return something else than they must: the error names the function, and the
// peer is rejected with 'temporary congestion'.

import { ReturnValueError } from '@x/pdu';
import { afterEach, expect, test, vi } from 'vitest';
import { AssociationRejectedError, ConnectionLostError, NotConnectedError } from '../errors.ts';
import { usernameIdentity } from '../negotiation/user-identity.ts';
import { withRetry } from '../pool/retry.ts';
import { accept, type Decide, reject } from './accept.ts';
import { decideBy } from './acceptor-policy.ts';
import { type ListenOptions, listen } from './listen.ts';
import { requestAssociation } from './request.ts';

const VERIFICATION = '1.2.840.10008.1.1';
const IMPLICIT = '1.2.840.10008.1.2';
const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
afterEach(() => warned.mockClear());

/** The error of a request, and the errors that the listener reports. */
async function outcomeOf(options: Partial<ListenOptions>): Promise<{ error: unknown; failures: unknown[] }> {
  const decide: Decide = () => accept({ supports: () => ({ transferSyntaxes: 'any' }) });
  const listener = await listen({ port: 0, host: '127.0.0.1' }, { decide, serve: async () => {}, ...options });
  const failures: unknown[] = [];
  listener.on('failed', (error) => failures.push(error));
  const error = await requestAssociation({
    host: '127.0.0.1',
    port: listener.port,
    callingAeTitle: 'A',
    calledAeTitle: 'B',
    contexts: [{ abstractSyntax: VERIFICATION, transferSyntaxes: [IMPLICIT] }],
    userIdentity: usernameIdentity('me'),
    extendedNegotiations: [{ sopClassUid: VERIFICATION, applicationInformation: new Uint8Array(1) }],
    commonExtendedNegotiations: [
      { version: 0, sopClassUid: VERIFICATION, serviceClassUid: '1.2', relatedGeneralSopClassUids: [] },
    ],
  }).then(
    (association) => association.abort(),
    (reason: unknown) => reason,
  );
  await vi.waitUntil(
    () => listener.counters.connections > 0 && (failures.length > 0 || listener.counters.failures === 0),
  );
  await listener.close();
  return { error, failures };
}

const any = { transferSyntaxes: 'any' } as const;
const decisions: readonly (readonly [name: string, value: unknown, decide: (value: never) => Decide])[] = [
  ...[undefined, null, true, {}, { accept: {} }, { accept: true }, { reject: {} }, []].map(
    (value) => ['decide', value, (returned: never) => () => returned] as const,
  ),
  ['decide', Promise.resolve('yes'), (returned) => () => returned],
  ...[
    [IMPLICIT],
    true,
    IMPLICIT,
    { transferSyntaxes: IMPLICIT },
    {},
    Promise.resolve(any),
    { ...any, roles: true },
  ].map((value) => ['supports', value, (returned: never) => () => accept({ supports: () => returned })] as const),
  [
    'supportsRelated',
    [IMPLICIT],
    (returned) => () => accept({ supports: () => undefined, supportsRelated: () => returned }),
  ],
  [
    'extendedNegotiation',
    [1, 1, 1],
    (returned) => () => accept({ supports: () => any, extendedNegotiation: () => returned }),
  ],
  ...[undefined, null, 'yes', 1, { name: 'me' }, { response: 'x' }, { reject: true }].map(
    (value) =>
      [
        'verifyIdentity',
        value,
        (returned: never) => decideBy({ supports: () => any, verifyIdentity: () => returned }),
      ] as const,
  ),
];

test.each(decisions)('%s that returns %j rejects the request, and is reported', async (callback, value, decide) => {
  const { error, failures } = await outcomeOf({ decide: decide(value as never) });
  expect(error).toBeInstanceOf(AssociationRejectedError);
  expect(error).toMatchObject({ result: 2, source: 3, reason: 1 });
  expect(failures).toEqual([expect.any(ReturnValueError)]);
  expect(failures).toMatchObject([{ code: 'RETURN_VALUE_INVALID', callback }]);
  expect((failures[0] as Error).message).toMatch(new RegExp(`^${callback} returned .+, not .+`));
});

test.each([undefined, 1, {}])('admit that returns %j closes the connection, and is reported', async (value) => {
  const { error, failures } = await outcomeOf({ admit: () => value as never });
  expect(error).toBeInstanceOf(ConnectionLostError);
  expect(failures).toMatchObject([{ code: 'RETURN_VALUE_INVALID', callback: 'admit' }]);
});

test('random that returns no number from 0 to 1 ends the retries', async () => {
  const attempt = vi.fn(() => Promise.reject(new NotConnectedError('')));
  const policy = { random: () => Number.NaN, wait: async () => {} };
  await expect(withRetry(attempt, policy)).rejects.toMatchObject({ code: 'RETURN_VALUE_INVALID', callback: 'random' });
  expect(attempt).toHaveBeenCalledOnce();
});

test.each([
  ['a value that decide may not return', () => undefined as never],
  ['options of reject that do not exist', () => reject({ reasn: 7 } as never)],
])('%s is a warning of the process if there is no listener', async (_, decide) => {
  const listener = await listen({ port: 0, host: '127.0.0.1' }, { decide, serve: async () => {} });
  const contexts = [{ abstractSyntax: VERIFICATION, transferSyntaxes: [IMPLICIT] }];
  const peer = { host: '127.0.0.1', port: listener.port, callingAeTitle: 'A', calledAeTitle: 'B', contexts };
  await expect(requestAssociation(peer)).rejects.toBeInstanceOf(AssociationRejectedError);
  await vi.waitUntil(() => warned.mock.calls.length > 0);
  await listener.close();
  expect(warned.mock.calls).toEqual([[expect.any(String), 'ListenerError']]);
});
