import type { AssociateAccept, AssociateRequest } from '@x/pdu';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { accept } from '../association/accept.ts';
import { associatedPair } from '../association/pair.ts';
import { answerWindow, negotiatedWindow } from './negotiated-options.ts';
import { answerContexts, explainRefused, negotiatedContexts, proposeContexts, type Roles } from './negotiation.ts';

const [A, B, C] = ['1.2.1', '1.2.2', '1.2.3'];
const [T1, T2, T3] = ['1.9.1', '1.9.2', '1.9.3'];

const request = (contexts: Parameters<typeof proposeContexts>[0]): AssociateRequest => {
  const { presentationContexts, roleSelections } = proposeContexts(contexts);
  return {
    type: 'A-ASSOCIATE-RQ',
    protocolVersion: 1,
    calledAeTitle: 'X',
    callingAeTitle: 'Y',
    presentationContexts,
    userInformation: { roleSelections },
  };
};

test('numbers contexts 1, 3, 5 …, and rejects more than 128', () => {
  const contexts = (count: number) =>
    Array.from({ length: count }, () => ({ abstractSyntax: A, transferSyntaxes: [T1] }));
  const { presentationContexts } = proposeContexts(contexts(128));
  expect(presentationContexts.map(({ id }) => id)).toEqual(Array.from({ length: 128 }, (_, index) => 2 * index + 1));
  expect(() => proposeContexts(contexts(129))).toThrow('129 presentation contexts');
  expect(() => proposeContexts([])).toThrow(RangeError);
});

test('finds a supported transfer syntax anywhere in the proposal', () => {
  for (const transferSyntaxes of [
    [T1, T2, T3],
    [T3, T1, T2],
    [T2, T3, T1],
  ]) {
    const { presentationContexts } = answerContexts(request([{ abstractSyntax: A, transferSyntaxes }]), {
      supports: () => ({ transferSyntaxes: [T1] }),
    });
    expect(presentationContexts).toEqual([{ id: 1, result: 0, transferSyntax: T1 }]);
  }
});

test('follows the preference of the acceptor or of the requestor', () => {
  const asked = request([{ abstractSyntax: A, transferSyntaxes: [T1, T2, T3] }]);
  const supports = () => ({ transferSyntaxes: [T3, T2] });
  expect(answerContexts(asked, { supports }).presentationContexts[0]?.transferSyntax).toBe(T3);
  expect(answerContexts(asked, { supports, prefer: 'requestor' }).presentationContexts[0]?.transferSyntax).toBe(T2);
  expect(
    answerContexts(asked, { supports: () => ({ transferSyntaxes: 'any' }) }).presentationContexts[0]?.transferSyntax,
  ).toBe(T1);
});

test('takes any transfer syntax behind those of a list that ends with any', () => {
  const chosen = (proposed: readonly string[], transferSyntaxes: readonly string[]) =>
    answerContexts(request([{ abstractSyntax: A, transferSyntaxes: proposed }]), {
      supports: () => ({ transferSyntaxes }),
    }).presentationContexts[0]?.transferSyntax;
  expect(chosen([T1, T2, T3], [T3, T2, 'any'])).toBe(T3);
  expect(chosen([T1, T2], [T3, 'any'])).toBe(T1);
  expect(chosen(['any', T1], ['any'])).toBe(T1);
});

test('prefers a registered transfer syntax to a private one if any is supported; else the order of the peer decides', () => {
  const [IMPLICIT, EXPLICIT] = ['1.2.840.10008.1.2', '1.2.840.10008.1.2.1'];
  const chosen = (...transferSyntaxes: string[]) =>
    answerContexts(request([{ abstractSyntax: A, transferSyntaxes }]), {
      supports: () => ({ transferSyntaxes: 'any' }),
    }).presentationContexts[0]?.transferSyntax;
  expect(chosen('1.2.840.113619.5.2', IMPLICIT, EXPLICIT)).toBe(IMPLICIT);
  expect(chosen(EXPLICIT, '1.2.840.113619.5.2', IMPLICIT)).toBe(EXPLICIT);
  expect(chosen('1.2.840.113619.5.2', T1)).toBe('1.2.840.113619.5.2');
});

test('answers each context on its own, with the right result', () => {
  const { presentationContexts } = answerContexts(
    request([
      { abstractSyntax: A, transferSyntaxes: [T1] },
      { abstractSyntax: A, transferSyntaxes: [T2] },
      { abstractSyntax: B, transferSyntaxes: [T1] },
    ]),
    { supports: (uid) => (uid === A ? { transferSyntaxes: [T1] } : undefined) },
  );
  expect(presentationContexts.map(({ result }) => result)).toEqual([0, 4, 3]);
});

test.each([
  ['nothing proposed, default', undefined, undefined, { scu: true, scp: false }],
  ['SCP asked for and granted', { scu: false, scp: true }, { scu: true, scp: true }, { scu: false, scp: true }],
  ['both asked for, SCU granted', { scu: true, scp: true }, { scu: true, scp: false }, { scu: true, scp: false }],
  ['both asked for and granted', { scu: true, scp: true }, { scu: true, scp: true }, { scu: true, scp: true }],
])('roles: %s', async (_, roles, allowed, expected) => {
  const [requestor, acceptor] = await associatedPair({
    request: {
      contexts: [
        { abstractSyntax: A, transferSyntaxes: [T1], ...(roles && { roles }) },
        { abstractSyntax: A, transferSyntaxes: [T2] },
      ],
    },
    decide: () => accept({ supports: () => ({ transferSyntaxes: 'any', ...(allowed && { roles: allowed }) }) }),
  });
  // A role selection applies to every context of the SOP class, and both sides get the same result.
  const granted = roles ? { ...expected, scu: expected.scu || allowed?.scu === true } : expected;
  for (const side of [requestor, acceptor])
    expect([...side.contexts.values()].map((context) => context.roles)).toEqual([granted, granted]);
  await requestor.release();
});

test('refuses a context if no role is left', () => {
  const asked = request([{ abstractSyntax: A, transferSyntaxes: [T1], roles: { scu: false, scp: true } }]);
  const { presentationContexts, roleSelections } = answerContexts(asked, {
    supports: () => ({ transferSyntaxes: 'any' }),
  });
  expect(presentationContexts[0]?.result).toBe(1);
  expect(roleSelections).toEqual([]);
});

test('explains refusals', async () => {
  const [requestor] = await associatedPair({
    request: {
      contexts: [
        { abstractSyntax: A, transferSyntaxes: [T1] },
        { abstractSyntax: C, transferSyntaxes: [T2, T3] },
      ],
    },
    decide: () => accept({ supports: (uid) => (uid === A ? { transferSyntaxes: 'any' } : undefined) }),
  });
  expect(explainRefused(requestor.refusedContexts, (uid) => (uid === T2 ? 'Second' : undefined))).toEqual([
    `context 3, ${C} in Second or ${T3}: abstract syntax not supported`,
  ]);
  await requestor.release();
});

test('keeps the two maximum lengths apart, and takes the smaller window', async () => {
  const [requestor, acceptor] = await associatedPair({
    request: { maximumLength: 20000, asynchronousOperations: { invoke: 8, perform: 0 } },
    acceptor: { maximumLength: 70000 },
    decide: () =>
      accept({ supports: () => ({ transferSyntaxes: 'any' }), asynchronousOperations: { invoke: 3, perform: 5 } }),
  });
  expect([requestor.maximumLength, requestor.peer.maximumLength]).toEqual([20000, 70000]);
  expect([acceptor.maximumLength, acceptor.peer.maximumLength]).toEqual([70000, 20000]);
  expect(requestor.asynchronousOperations).toEqual({ invoke: 5, perform: 3 });
  expect(acceptor.asynchronousOperations).toEqual({ invoke: 3, perform: 5 });
  await requestor.release();
});

const answer = (
  userInformation: AssociateAccept['userInformation'],
  presentationContexts: AssociateAccept['presentationContexts'] = [{ id: 1, result: 0, transferSyntax: T1 }],
): AssociateAccept => ({
  type: 'A-ASSOCIATE-AC',
  protocolVersion: 1,
  calledAeTitle: 'X',
  callingAeTitle: 'Y',
  presentationContexts,
  userInformation,
});

const USER = { scu: true, scp: false };
const PROVIDER = { scu: false, scp: true };
const BOTH = { scu: true, scp: true };

test.each([
  ['answered beyond the proposal', USER, BOTH, USER, USER],
  ['answered as proposed', PROVIDER, PROVIDER, PROVIDER, PROVIDER],
  ['proposed and not answered', PROVIDER, undefined, USER, PROVIDER],
  ['answered and never proposed', undefined, BOTH, USER, BOTH],
  ['neither', undefined, undefined, USER, USER],
  ['refused', BOTH, { scu: false, scp: false }, { scu: false, scp: false }, { scu: false, scp: false }],
])('roles that are %s: by the standard, and leniently', (_, proposed, answered, strict, lenient) => {
  const selection = (roles: Roles | undefined) =>
    roles && { roleSelections: [{ sopClassUid: A, scuRole: roles.scu, scpRole: roles.scp }] };
  const asked = {
    ...request([{ abstractSyntax: A, transferSyntaxes: [T1] }]),
    userInformation: { ...selection(proposed) },
  };
  const accepted = answer({ ...selection(answered) });
  const rolesOf = (lenientRoles: boolean) =>
    negotiatedContexts(asked, accepted, { lenientRoles }).accepted.get(1)?.roles;
  expect([rolesOf(false), rolesOf(true)]).toEqual([strict, lenient]);
});

test('ignores repeated answers and answers to contexts that were not proposed', () => {
  const asked = request([{ abstractSyntax: A, transferSyntaxes: [T1] }]);
  const selection = { sopClassUid: A, scuRole: true, scpRole: true };
  const contexts = [7, 1, 1].map((id) => ({ id, result: 0, transferSyntax: T1 }));
  const { accepted, refused } = negotiatedContexts(asked, answer({ roleSelections: [selection, selection] }, contexts));
  expect([...accepted.keys()]).toEqual([1]);
  expect(refused).toEqual([]);
});

test('answers even context ids', () => {
  const asked: AssociateRequest = {
    ...request([{ abstractSyntax: A, transferSyntaxes: [T1] }]),
    presentationContexts: [{ id: 2, abstractSyntax: A, transferSyntaxes: [T1] }],
  };
  const { presentationContexts } = answerContexts(asked, { supports: () => ({ transferSyntaxes: 'any' }) });
  expect(presentationContexts).toEqual([{ id: 2, result: 0, transferSyntax: T1 }]);
});

test.each([
  ['none proposed, one answered', undefined, [8, 8], [1, 1]],
  ['one proposed, none answered', [8, 8], undefined, [1, 1]],
  ['an answer beyond the proposal', [4, 2], [9, 0], [4, 2]],
  ['unlimited proposed', [0, 0], [5, 0], [5, 0]],
])('the window with %s', (_, proposed, answered, expected) => {
  const window = (numbers: readonly (number | undefined)[] | undefined) =>
    numbers && { asynchronousOperationsWindow: { maximumInvoked: numbers[0] ?? 0, maximumPerformed: numbers[1] ?? 0 } };
  const asked = {
    ...request([{ abstractSyntax: A, transferSyntaxes: [T1] }]),
    userInformation: { ...window(proposed) },
  };
  const unlimited = (numbers: readonly number[]) => numbers.map((each) => each || Number.POSITIVE_INFINITY);
  for (const [role, order] of [
    ['requestor', ['invoke', 'perform']],
    ['acceptor', ['perform', 'invoke']],
  ] as const) {
    const seen = negotiatedWindow(role, asked, answer({ ...window(answered) }));
    expect(order.map((name) => seen[name])).toEqual(unlimited(expected));
  }
});

test('answers a window only if it was proposed, and never exceeds it', async () => {
  const [plain] = await associatedPair({});
  expect(plain.request.userInformation).not.toHaveProperty('asynchronousOperationsWindow');
  expect(plain.accept.userInformation).not.toHaveProperty('asynchronousOperationsWindow');
  await plain.release();
  fc.assert(
    fc.property(fc.tuple(fc.nat(20), fc.nat(20), fc.nat(20), fc.nat(20)), ([i, p, granted, performed]) => {
      const answered = answerWindow(
        { maximumInvoked: i, maximumPerformed: p },
        { invoke: performed, perform: granted },
      );
      const within = (value: number, bound: number) => bound === 0 || (value !== 0 && value <= bound);
      expect(within(answered.maximumInvoked, i) && within(answered.maximumPerformed, p)).toBe(true);
      expect(within(answered.maximumInvoked, granted) && within(answered.maximumPerformed, performed)).toBe(true);
    }),
  );
});
