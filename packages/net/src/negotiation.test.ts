import type { AssociateRequest } from '@x/pdu';
import { expect, test } from 'vitest';
import { accept } from './accept.ts';
import { answerContexts, explainRefused, proposeContexts } from './negotiation.ts';
import { associatedPair } from './pair.ts';

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

test('contexts are numbered 1, 3, 5 …; 128 fit, more do not', () => {
  const contexts = (count: number) =>
    Array.from({ length: count }, () => ({ abstractSyntax: A, transferSyntaxes: [T1] }));
  const { presentationContexts } = proposeContexts(contexts(128));
  expect(presentationContexts.map(({ id }) => id)).toEqual(Array.from({ length: 128 }, (_, index) => 2 * index + 1));
  expect(() => proposeContexts(contexts(129))).toThrow('129 presentation contexts');
  expect(() => proposeContexts([])).toThrow(RangeError);
});

test('a supported transfer syntax is found wherever it stands in the proposal', () => {
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

test('the order of the acceptor counts, or of the requestor', () => {
  const asked = request([{ abstractSyntax: A, transferSyntaxes: [T1, T2, T3] }]);
  const supports = () => ({ transferSyntaxes: [T3, T2] });
  expect(answerContexts(asked, { supports }).presentationContexts[0]?.transferSyntax).toBe(T3);
  expect(answerContexts(asked, { supports, prefer: 'requestor' }).presentationContexts[0]?.transferSyntax).toBe(T2);
  expect(
    answerContexts(asked, { supports: () => ({ transferSyntaxes: 'any' }) }).presentationContexts[0]?.transferSyntax,
  ).toBe(T1);
});

test('each refusal has its result; several contexts of one abstract syntax are answered one by one', () => {
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
  // A role selection speaks for every context of the SOP class, and both sides see the same.
  const granted = roles ? { ...expected, scu: expected.scu || allowed?.scu === true } : expected;
  for (const side of [requestor, acceptor])
    expect([...side.contexts.values()].map((context) => context.roles)).toEqual([granted, granted]);
  await requestor.release();
});

test('a role nobody can play is a refusal', () => {
  const asked = request([{ abstractSyntax: A, transferSyntaxes: [T1], roles: { scu: false, scp: true } }]);
  const { presentationContexts, roleSelections } = answerContexts(asked, {
    supports: () => ({ transferSyntaxes: 'any' }),
  });
  expect(presentationContexts[0]?.result).toBe(1);
  expect(roleSelections).toEqual([]);
});

test('refusals can be explained', async () => {
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

test('the two maximum lengths are kept apart; windows are the smaller of both', async () => {
  const [requestor, acceptor] = await associatedPair({
    request: { maximumLength: 20000, asynchronousOperations: { invoked: 8, performed: 0 } },
    acceptor: { maximumLength: 70000 },
    decide: () =>
      accept({ supports: () => ({ transferSyntaxes: 'any' }), asynchronousOperations: { invoked: 5, performed: 3 } }),
  });
  expect([requestor.maximumLength, requestor.peer.maximumLength]).toEqual([20000, 70000]);
  expect([acceptor.maximumLength, acceptor.peer.maximumLength]).toEqual([70000, 20000]);
  for (const side of [requestor, acceptor]) expect(side.asynchronousOperations).toEqual({ invoked: 5, performed: 3 });
  await requestor.release();
});
