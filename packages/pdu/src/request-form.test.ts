import { expect, test } from 'vitest';
import type { AssociateRequest } from './associate.ts';
import { PduDecoder } from './decoder.ts';
import { PduError, type PduFault } from './errors.ts';
import { decodePdu, encodePdu } from './pdu.ts';

const VERIFICATION = '1.2.840.10008.1.1';
const IMPLICIT = '1.2.840.10008.1.2';
const CONTEXT = { id: 1, abstractSyntax: VERIFICATION, transferSyntaxes: [IMPLICIT] };
const INFORMATION = {
  maximumLength: 16384,
  implementationClassUid: '1.2.3',
  asynchronousOperationsWindow: { maximumInvoked: 1, maximumPerformed: 1 },
  roleSelections: [{ sopClassUid: VERIFICATION, scuRole: true, scpRole: false }],
  implementationVersionName: 'TEST',
  extendedNegotiations: [{ sopClassUid: VERIFICATION, applicationInformation: Uint8Array.of(1) }],
  userIdentity: {
    identityType: 1,
    positiveResponseRequested: false,
    primaryField: Buffer.from('user'),
    secondaryField: new Uint8Array(0),
  },
};
const REQUEST: AssociateRequest = {
  type: 'A-ASSOCIATE-RQ',
  protocolVersion: 1,
  calledAeTitle: 'SCP',
  callingAeTitle: 'SCU',
  presentationContexts: [CONTEXT],
  userInformation: INFORMATION,
};

const bytesOf = (change: Partial<AssociateRequest> = {}) => Buffer.concat(encodePdu({ ...REQUEST, ...change }));
const contexts = (...presentationContexts: AssociateRequest['presentationContexts']) =>
  bytesOf({ presentationContexts });
const information = (change: object) => bytesOf({ userInformation: { ...INFORMATION, ...change } });
const item = (type: number, text: string) => ({ type, data: Buffer.from(text, 'latin1') });

/** A request with bytes changed: those at a place, or after a text. */
function changed(at: number | string, to: string, bytes: Buffer = bytesOf()): Buffer {
  const place = typeof at === 'number' ? at : bytes.indexOf(Buffer.from(at, 'hex')) + at.length / 2;
  bytes.write(to, place, 'hex');
  return bytes;
}

function decode(bytes: Buffer, strict: boolean) {
  return [...new PduDecoder({ maxLength: 1000, strict }).push(bytes)];
}

const FAULTS: [fault: string, bytes: Buffer, reason?: PduFault][] = [
  ['an application context missing', bytesOf().fill(0x7f, 74, 75)],
  ['two application contexts', bytesOf({ unknownItems: [item(0x10, '1.2')] }), 'unexpected-parameter'],
  ['a padded application context', bytesOf().fill(0, 96, 99)],
  ['no presentation context', contexts()],
  ['an even context ID', contexts({ ...CONTEXT, id: 2 })],
  ['a context ID of 0', contexts({ ...CONTEXT, id: 0 })],
  ['a context ID twice', contexts(CONTEXT, CONTEXT)],
  ['a context without an abstract syntax', contexts({ ...CONTEXT, abstractSyntax: '' })],
  [
    'a context with an empty abstract syntax',
    contexts({ ...CONTEXT, abstractSyntax: '', unknownItems: [item(0x30, '')], itemOrder: [0x30] }),
  ],
  [
    'a context with two abstract syntaxes',
    contexts({ ...CONTEXT, unknownItems: [item(0x30, '1.2')] }),
    'unexpected-parameter',
  ],
  ['a context without a transfer syntax', contexts({ ...CONTEXT, transferSyntaxes: [] })],
  [
    'a transfer syntax before the abstract syntax',
    contexts({ ...CONTEXT, itemOrder: [0x40, 0x30] }),
    'unexpected-parameter',
  ],
  ['a UID of letters', contexts({ ...CONTEXT, transferSyntaxes: [], unknownItems: [item(0x40, 'A')] })],
  ['a UID with a leading zero', contexts({ ...CONTEXT, transferSyntaxes: [], unknownItems: [item(0x40, '1.02')] })],
  ['a context of A-ASSOCIATE-AC', bytesOf({ unknownItems: [item(0x21, '\x01\0\0\0')] }), 'unexpected-parameter'],
  ['items in another order', bytesOf({ itemOrder: [0x20, 0x10] }), 'unexpected-parameter'],
  ['two items of user information', bytesOf({ unknownItems: [item(0x50, '')] }), 'unexpected-parameter'],
  ['no maximum length', information({ maximumLength: undefined })],
  ['no implementation class UID', information({ implementationClassUid: undefined })],
  [
    'a maximum length of five bytes',
    information({ maximumLength: undefined, unknownItems: [item(0x51, '\0\0\x40\0\0')] }),
  ],
  ['a sub-item twice', information({ unknownItems: [item(0x53, '\0\x01\0\x01')] }), 'unexpected-parameter'],
  [
    'a response to a user identity',
    information({ userIdentityResponse: { serverResponse: new Uint8Array(0) } }),
    'unexpected-parameter',
  ],
  ['a role that is neither 0 nor 1', changed(`0011${Buffer.from(VERIFICATION).toString('hex')}`, '0200')],
  [
    'two roles for a SOP class',
    information({ roleSelections: [...INFORMATION.roleSelections, ...INFORMATION.roleSelections] }),
  ],
  ['a user identity that asks with 2', changed('5800000a01', '02')],
  ['a user identity cut short', information({ userIdentity: undefined, unknownItems: [item(0x58, '\x01\0\0\x01u')] })],
  ['an empty version name', information({ implementationVersionName: undefined, unknownItems: [item(0x55, '')] })],
  ['a blank AE title', changed(10, '20'.repeat(16))],
  ['an AE title padded with NULs', changed(26, `534355${'00'.repeat(13)}`)],
  ['an AE title with a backslash', changed(26, '5c')],
];

test.each(FAULTS)('a strict decoder refuses a request with %s, a tolerant one reads it', (...[, bytes, reason]) => {
  expect(decode(bytes, false)).toMatchObject([{ type: 'A-ASSOCIATE-RQ' }]);
  let error: unknown;
  try {
    decode(bytes, true);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(PduError);
  expect((error as PduError).fault).toBe(reason ?? 'invalid-parameter-value');
});

test.each([
  ['an ordinary request', bytesOf()],
  ['reserved bytes', changed(42, 'ff'.repeat(32), changed(75, 'ff'))],
  ['further protocol versions', bytesOf({ protocolVersion: 0x8003 })],
  ['a protocol version that is to be rejected', bytesOf({ protocolVersion: 2 })],
  ['an application context that is to be rejected', bytesOf({ applicationContextName: '1.2.3' })],
  ['spaces before an AE title', changed(10, '20205343'.padEnd(32, '2020'))],
  ['unknown items', bytesOf({ unknownItems: [item(0x7f, 'x')], itemOrder: [0x7f, 0x10] })],
  ['unknown sub-items', information({ unknownItems: [item(0x5f, 'x')] })],
  ['sub-items in another order', information({ itemOrder: [0x58, 0x55, 0x52, 0x51] })],
  ['spaces after the version name', information({ implementationVersionName: 'A B  ' })],
  ['an unlimited maximum length', information({ maximumLength: 0 })],
])('a strict decoder reads %s', (_, bytes) => {
  expect(decode(bytes, true)).toMatchObject([{ type: 'A-ASSOCIATE-RQ' }]);
});

test('AE titles and reserved bytes are written as they were received, unless a title has changed', () => {
  const bytes = changed(42, 'ab'.repeat(32), changed(10, '20205343502000'));
  const request = decodePdu(1, bytes.subarray(6)) as AssociateRequest;
  expect(request.calledAeTitle).toBe('SCP');
  expect(Buffer.concat(encodePdu(request)).equals(bytes)).toBe(true);
  const other = Buffer.concat(encodePdu({ ...request, calledAeTitle: 'OTHER' }));
  expect(other.toString('latin1', 10, 26)).toBe('OTHER'.padEnd(16));
  expect(other.subarray(26).equals(bytes.subarray(26))).toBe(true);
  expect(() => encodePdu({ ...request, fixedFields: new Uint8Array(63) })).toThrow(PduError);
});
