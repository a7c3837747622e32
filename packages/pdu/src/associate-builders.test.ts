import { expect, test } from 'vitest';
import {
  acceptContext,
  addContext,
  associateAccept,
  associateRequest,
  findContexts,
  refuseContext,
  removeContext,
  wireItems,
  withAbstractSyntax,
  withContextId,
  withExtendedNegotiation,
  withRole,
  withTransferSyntaxes,
  withUserInformation,
  withWireItems,
} from './associate-builders.ts';
import { PduDecoder } from './decoder.ts';
import { PduError } from './errors.ts';
import { decodePdu, encodePdu } from './pdu.ts';

const [A, B] = ['1.2.1', '1.2.2'];
const [T1, T2] = ['1.9.1', '1.9.2'];
const empty = associateRequest('SCP', 'SCU', []);
const one = addContext(empty, { abstractSyntax: A, transferSyntaxes: [T1] });
const two = addContext(one, { abstractSyntax: B, transferSyntaxes: [T1, T2] });

test('adds, finds and removes contexts without changing the original PDU', () => {
  expect(two.presentationContexts.map(({ id }) => id)).toEqual([1, 3]);
  const again = addContext(removeContext(two, 1), { abstractSyntax: B, transferSyntaxes: [T2] });
  expect(again.presentationContexts.map(({ id }) => id)).toEqual([3, 1]);
  expect(findContexts(again, B)).toHaveLength(2);
  expect(findContexts(again, A)).toEqual([]);
  expect(empty.presentationContexts).toEqual([]);
  expect(addContext(empty, { id: 7, abstractSyntax: A, transferSyntaxes: [] }).presentationContexts[0]?.id).toBe(7);
  expect(() => addContext(two, { id: 3, abstractSyntax: A, transferSyntaxes: [T1] })).toThrow(RangeError);
});

test('a request is complete and conformant by default', () => {
  const [bytes = new Uint8Array(0)] = encodePdu(associateRequest());
  expect(decodePdu(1, bytes.subarray(6))).toMatchObject({
    type: 'A-ASSOCIATE-RQ',
    protocolVersion: 1,
    calledAeTitle: 'ANY-SCP',
    callingAeTitle: 'ANY-SCU',
    applicationContextName: '1.2.840.10008.3.1.1.1',
    presentationContexts: [{ id: 1, abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] }],
    userInformation: {
      maximumLength: 262_144,
      implementationClassUid: expect.stringMatching(/^2\.25\.\d+$/),
      implementationVersionName: expect.stringMatching(/^\w{1,16}$/),
    },
  });
  // The form that a strict acceptor requires.
  expect([...new PduDecoder({ maxLength: 1024, strict: true }).push(bytes)]).toHaveLength(1);
  expect(associateAccept(associateRequest()).userInformation).toEqual(associateRequest().userInformation);
});

test.each<[unknown, string]>([
  [associateRequest({ calledAeTitle: 'A' } as never), 'an object of the type Object is not an AE title'],
  [associateRequest('A', 7 as never), '7 is not an AE title'],
  [addContext(associateRequest(), { abstractSyntx: '1.2', transferSyntaxes: [] } as never), 'undefined is not a UID'],
  [{ type: 'A-ABORTT' }, "'A-ABORTT' is not the type of a PDU"],
  [{}, 'undefined is not the type of a PDU'],
])('values of another kind in plain JavaScript are a PduError: %o', (pdu, message) => {
  expect(() => encodePdu(pdu as never)).toThrow(PduError);
  expect(() => encodePdu(pdu as never)).toThrow(message);
});

test('gives a context another id or another abstract syntax', () => {
  expect(withContextId(two, 3, 9).presentationContexts.map(({ id }) => id)).toEqual([1, 9]);
  expect(withContextId(associateAccept(two), 3, 9).presentationContexts.map(({ id }) => id)).toEqual([1, 9]);
  for (const [id, newId] of [
    [3, 1],
    [3, 4],
    [3, 257],
    [3, -1],
    [5, 7],
  ] as const)
    expect(() => withContextId(two, id, newId)).toThrow(RangeError);
  expect(withAbstractSyntax(two, 3, A).presentationContexts[1]).toMatchObject({ id: 3, abstractSyntax: A });
  expect(() => withAbstractSyntax(two, 5, A)).toThrow(RangeError);
  expect(two.presentationContexts.map(({ id, abstractSyntax }) => [id, abstractSyntax])).toEqual([
    [1, A],
    [3, B],
  ]);
});

test('rejects a 129th context', () => {
  let full = empty;
  for (let count = 0; count < 128; count++) full = addContext(full, { abstractSyntax: A, transferSyntaxes: [T1] });
  expect(full.presentationContexts.at(-1)?.id).toBe(255);
  expect(() => addContext(full, { abstractSyntax: A, transferSyntaxes: [T1] })).toThrow('at most 128');
});

test('replaces transfer syntaxes in the given order', () => {
  expect(withTransferSyntaxes(two, 3, [T2, T1]).presentationContexts[1]?.transferSyntaxes).toEqual([T2, T1]);
  expect(() => withTransferSyntaxes(two, 9, [])).toThrow(RangeError);
});

test('answers every context of the request', () => {
  const accept = refuseContext(acceptContext(associateAccept(two), 1, T1), 3, 4);
  expect(accept.presentationContexts).toEqual([
    { id: 1, result: 0, transferSyntax: T1 },
    { id: 3, result: 4 },
  ]);
  expect([accept.calledAeTitle, accept.callingAeTitle]).toEqual(['SCP', 'SCU']);
  expect(() => acceptContext(accept, 5, T1)).toThrow(RangeError);
});

test('sets and replaces roles and extended negotiation by SOP class', () => {
  const once = withExtendedNegotiation(
    withRole(one, { sopClassUid: A, scuRole: true, scpRole: true }),
    A,
    Uint8Array.of(1),
  );
  const twice = withExtendedNegotiation(
    withRole(once, { sopClassUid: A, scuRole: false, scpRole: true }),
    A,
    Uint8Array.of(2),
  );
  const { userInformation } = withUserInformation(twice, { maximumLength: 5 });
  expect(userInformation).toEqual({
    ...empty.userInformation,
    maximumLength: 5,
    roleSelections: [{ sopClassUid: A, scuRole: false, scpRole: true }],
    extendedNegotiations: [{ sopClassUid: A, applicationInformation: Uint8Array.of(2) }],
  });
});

test('reads and writes raw sub-items in the order of the wire', () => {
  const items = [
    { type: 0x5a, data: Uint8Array.of(1, 2) },
    { type: 0x51, data: Uint8Array.of(0, 0, 1, 0) },
    { type: 0x54, data: Uint8Array.of(0, 1, 0x31, 1, 0) },
    { type: 0x54, data: Uint8Array.of(0, 1, 0x32, 0, 1) },
  ];
  const request = withWireItems(one, items);
  expect(request.userInformation).toMatchObject({
    maximumLength: 256,
    roleSelections: [{ sopClassUid: '1' }, { sopClassUid: '2' }],
  });
  expect(wireItems(request)).toEqual(items);
  const [bytes = new Uint8Array(0)] = encodePdu(request);
  const decoded = decodePdu(1, bytes.subarray(6));
  expect(decoded.type === 'A-ASSOCIATE-RQ' && wireItems(decoded)).toEqual(items);
  expect(wireItems(withWireItems(request, items.slice(1)))).toEqual(items.slice(1));
  expect(() => withWireItems(one, [{ type: 0x51, data: Uint8Array.of(1) }])).toThrow('needs 4 bytes');
});
