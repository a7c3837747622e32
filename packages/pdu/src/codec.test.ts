import { vectors } from '@x/testing/pdu-vectors';
import { everySplit } from '@x/testing/rechunk';
import { describe, expect, test } from 'vitest';
import {
  type AssociateRequest,
  decodePdu,
  encodePdu,
  type Pdu,
  PduDecoder,
  PduError,
  type UserInformation,
} from './index.ts';
import { concatenate } from './items.ts';
import { userInformationItems } from './user-information-codec.ts';

const decode = (chunks: Iterable<Uint8Array>): Pdu[] => {
  const decoder = new PduDecoder({ maxLength: 65536 });
  return [...chunks].flatMap((chunk) => [...decoder.push(chunk)]);
};

/** Joins fragments, because chunk boundaries may cut them anywhere. */
const whole = (pdu: Pdu): Pdu =>
  pdu.type !== 'P-DATA-TF'
    ? pdu
    : {
        ...pdu,
        values: pdu.values.map((value) => ({
          ...value,
          fragments: [concatenate([new Uint8Array(0), ...value.fragments])],
        })),
      };

describe.each(vectors)('$name', ({ bytes, pdu }) => {
  test('decodes to its value', () => expect(decode([bytes])).toEqual([pdu]));

  test('encodes to its bytes', () => expect(concatenate(encodePdu(pdu))).toEqual(bytes));

  test('decodes alike however it is split', () => {
    for (const split of everySplit(bytes)) expect(decode(split).map(whole)).toEqual([whole(pdu)]);
  });

  test('throws only PduError if its body is cut short', () => {
    for (let length = 0; length < bytes.length - 6; length++) {
      const body = bytes.slice(6, 6 + length);
      try {
        const cut = decodePdu(bytes[0] as number, body);
        // A body that is cut between two items is a valid PDU too.
        expect(concatenate(encodePdu(cut)).length).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toBeInstanceOf(PduError);
      }
    }
  });
});

test('decodes all vectors from one stream, byte by byte', () => {
  const stream = concatenate(vectors.map(({ bytes }) => bytes));
  const bytewise = Array.from(stream, (byte) => Uint8Array.of(byte));
  expect(decode(bytewise).map(whole)).toEqual(vectors.map(({ pdu }) => whole(pdu)));
});

describe('a lenient reader', () => {
  const body = vectors[0].bytes.slice(6);
  const request = (change: (bytes: Uint8Array) => void) => {
    const bytes = body.slice();
    change(bytes);
    return decodePdu(1, bytes) as AssociateRequest;
  };

  test('accepts AE titles that are padded with NUL, or blank', () => {
    expect(request((bytes) => bytes.fill(0, 27, 36)).callingAeTitle).toBe('MODALIT');
    expect(request((bytes) => bytes.fill(0x20, 20, 36)).callingAeTitle).toBe('');
  });

  test('accepts padded UIDs', () => {
    for (const padding of [0x00, 0x20])
      expect(request((bytes) => bytes.fill(padding, 91, 93)).applicationContextName).toBe('1.2.840.10008.3.1.1');
  });

  test('accepts even context ids', () => {
    expect(request((bytes) => bytes.set([2], 97)).presentationContexts[0]?.id).toBe(2);
  });

  test('rejects UIDs with other characters', () => {
    expect(() => request((bytes) => bytes.set([0x2f], 74))).toThrow(/'1\.\/.*is not a UID \(at byte 72/);
  });

  test('escapes control characters in AE titles', () => {
    expect(request((bytes) => bytes.set([0x0a, 0x1b], 20)).callingAeTitle).toBe('\\x0a\\x1bDALITY');
  });
});

describe('malformed UIDs', () => {
  const LONG = '1.'.repeat(40);
  const item = (type: number, text: string) => ({ type, data: Buffer.from(text) });
  const context = (id: number, ...unknownItems: { type: number; data: Uint8Array }[]) => ({
    id,
    abstractSyntax: '',
    transferSyntaxes: [],
    unknownItems,
  });
  const request = (presentationContexts: AssociateRequest['presentationContexts'], information: UserInformation = {}) =>
    concatenate(encodePdu({ ...vectors[0].pdu, presentationContexts, userInformation: information }));

  test.each(['1.2/3', '1,2', 'Verification', LONG, '\xff'])(
    'in a context are kept apart from its others: %j',
    (uid) => {
      const bytes = request([
        context(1, item(0x30, uid), item(0x40, '1.2.840.10008.1.2')),
        context(3, item(0x30, '1.2.3'), item(0x40, '1.2.4'), item(0x40, uid)),
        context(5, item(0x30, '1.2.3'), item(0x40, uid)),
      ]);
      const [pdu] = decode([bytes]) as [AssociateRequest];
      expect(pdu.presentationContexts).toMatchObject([
        { id: 1, abstractSyntax: '', transferSyntaxes: ['1.2.840.10008.1.2'], unknownItems: [{ type: 0x30 }] },
        { id: 3, abstractSyntax: '1.2.3', transferSyntaxes: ['1.2.4'], unknownItems: [{ type: 0x40 }] },
        { id: 5, abstractSyntax: '1.2.3', transferSyntaxes: [], unknownItems: [{ type: 0x40 }] },
      ]);
      expect(concatenate(encodePdu(pdu))).toEqual(bytes);
    },
  );

  test('in the answer to a context are kept apart', () => {
    const answer: Pdu = {
      ...vectors[0].pdu,
      type: 'A-ASSOCIATE-AC',
      presentationContexts: [
        { id: 1, result: 0, unknownItems: [item(0x40, 'x')] },
        { id: 3, result: 0, transferSyntax: '1.2.3' },
      ],
    };
    expect(decode([concatenate(encodePdu(answer))])).toMatchObject([{ presentationContexts: [{ id: 1 }, { id: 3 }] }]);
  });

  test.each([
    ['roles', 0x54, [0, 3, 0x41, 0x2e, 0x32, 1, 1]],
    ['extended negotiation', 0x56, [0, 3, 0x41, 0x2e, 0x32, 1]],
    ['common extended negotiation', 0x57, [0, 1, 0x31, 0, 1, 0x41, 0, 0]],
  ])('in %s cost that sub-item', (_, type, data) => {
    const malformed = { type, data: Uint8Array.from(data) };
    const roleSelections = [{ sopClassUid: '1.2', scuRole: true, scpRole: true }];
    const bytes = request([], { maximumLength: 16384, roleSelections, unknownItems: [malformed] });
    const [pdu] = decode([bytes]) as [AssociateRequest];
    expect(pdu.userInformation).toMatchObject({ maximumLength: 16384, roleSelections, unknownItems: [{ type }] });
    expect(concatenate(encodePdu(pdu))).toEqual(bytes);
  });
});

describe('callers in JavaScript get a short PduError', () => {
  const bytes = new Uint8Array(100_000);
  const decodeAnything = decodePdu as (...given: unknown[]) => Pdu;

  test.each<[string, readonly unknown[]]>([
    ['for bytes without the type', [bytes]],
    ['for bytes as the type', [bytes, bytes]],
    ['for an array of numbers as the type', [[...bytes.subarray(0, 5000)], bytes]],
    ['for text as the type', ['A'.repeat(9999), bytes]],
    ['for a type without bytes', [4]],
    ['for a type with text', [1, 'A'.repeat(9999)]],
    ['for nothing', []],
  ])('%s', (_, given) => {
    expect(() => decodeAnything(...given)).toThrow(PduError);
    expect(() => decodeAnything(...given)).toThrow(/^.{1,200}$/);
  });
});

test('rejects values that do not fit their fields when it encodes', () => {
  const request = vectors[0].pdu;
  const wrong: Partial<AssociateRequest>[] = [
    { calledAeTitle: 'SEVENTEEN LETTERS' },
    { callingAeTitle: 'BACK\\SLASH' },
    { applicationContextName: '1..2' },
    { presentationContexts: [{ id: 256, abstractSyntax: '1.2', transferSyntaxes: [] }] },
    { presentationContexts: [{ id: 1, abstractSyntax: '1.02', transferSyntaxes: [] }] },
    { userInformation: { implementationVersionName: 'MORE THAN SIXTEEN' } },
    { userInformation: { unknownItems: [{ type: 0x5a, data: new Uint8Array(65536) }] } },
    {
      userInformation: {
        userIdentity: {
          identityType: 4,
          positiveResponseRequested: false,
          primaryField: new Uint8Array(65536),
          secondaryField: new Uint8Array(0),
        },
      },
    },
  ];
  for (const change of wrong) expect(() => encodePdu({ ...request, ...change })).toThrow(PduError);
});

test('lists user information as items in ascending order', () => {
  const { userInformation } = vectors[2].pdu;
  expect(userInformationItems(userInformation).map(({ type }) => type)).toEqual([
    0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x5a,
  ]);
});

test('keeps a repeated item that may appear only once', () => {
  const { bytes } = vectors[0];
  const twice = concatenate([bytes, Uint8Array.of(0x10, 0, 0, 3, 0x31, 0x2e, 0x32)]);
  new DataView(twice.buffer).setUint32(2, twice.length - 6);
  const [pdu] = decode([twice]) as [AssociateRequest];
  expect(pdu.unknownItems).toEqual([{ type: 0x10, data: Uint8Array.of(0x31, 0x2e, 0x32) }]);
  expect(concatenate(encodePdu(pdu))).toEqual(twice);
});

const withInformation = (userInformation: UserInformation): AssociateRequest => ({
  type: 'A-ASSOCIATE-RQ',
  protocolVersion: 1,
  calledAeTitle: 'A',
  callingAeTitle: 'B',
  presentationContexts: [],
  userInformation,
});

test.each<[string, Pdu]>([
  [
    'a window that would become unlimited',
    withInformation({ asynchronousOperationsWindow: { maximumInvoked: 65536, maximumPerformed: 1 } }),
  ],
  ['a maximum length that would become unlimited', withInformation({ maximumLength: 2 ** 32 })],
  ['a negative maximum length', withInformation({ maximumLength: -1 })],
  ['a fraction', withInformation({ maximumLength: 1.5 })],
  [
    'an identity type',
    withInformation({
      userIdentity: {
        identityType: 257,
        positiveResponseRequested: false,
        primaryField: new Uint8Array(0),
        secondaryField: new Uint8Array(0),
      },
    }),
  ],
  ['a protocol version', { ...withInformation({}), protocolVersion: 65537 }],
  ['a reject reason', { type: 'A-ASSOCIATE-RJ', result: 1, source: 1, reason: 256 }],
])('rejects %s that does not fit its field', (_, pdu) => {
  expect(() => encodePdu(pdu)).toThrow(PduError);
});

describe('names the malformed sub-item of User Information in a PduError:', () => {
  const uid = [0x31, 0x2e, 0x32];
  test.each<[what: string, type: number, data: readonly number[], name: string]>([
    ['a maximum length of 3 bytes', 0x51, [0, 0, 1], 'maximumLength'],
    ['an implementation class UID of other characters', 0x52, [0x41], 'implementationClassUid'],
    ['a window of 3 bytes', 0x53, [0, 1, 0], 'asynchronousOperationsWindow'],
    ['roles without the second byte', 0x54, [0, 3, ...uid, 1], 'roleSelections'],
    ['roles whose UID is longer than the item', 0x54, [0, 9, ...uid, 1, 1], 'roleSelections'],
    ['extended negotiation whose UID is longer than the item', 0x56, [0xff, 0xff, ...uid], 'extendedNegotiations'],
    ['common extended negotiation cut short', 0x57, [0, 3, ...uid, 0, 3], 'commonExtendedNegotiations'],
    ['common extended negotiation with half a UID', 0x57, [0, 3, ...uid, 0, 3, ...uid, 0, 3, 0, 3, 0x31], 'common'],
    ['a user name longer than the item', 0x58, [1, 0, 0, 5, 0x41, 0, 0], 'userIdentity'],
    ['a passcode longer than the item', 0x58, [2, 0, 0, 1, 0x41, 0, 2, 0x42], 'userIdentity'],
    ['a Kerberos ticket with half a length field', 0x58, [3, 1, 0], 'userIdentity'],
    ['an assertion that is missing', 0x58, [4, 0, 0xff, 0xff], 'userIdentity'],
    ['a token without a length', 0x58, [5], 'userIdentity'],
    ['an empty identity', 0x58, [], 'userIdentity'],
    ['a response longer than the item', 0x59, [0, 2, 1], 'userIdentityResponse'],
  ])('%s', (_, type, data, name) => {
    const item = { type, data: Uint8Array.from(data) };
    const bytes = concatenate(encodePdu(withInformation({ unknownItems: [item] })));
    expect(() => decode([bytes])).toThrow(PduError);
    expect(() => decode([bytes])).toThrow(name);
  });

  test('accepts a user name without a second field', () => {
    const item = { type: 0x58, data: Uint8Array.of(1, 0, 0, 1, 0x41) };
    const [pdu] = decode([concatenate(encodePdu(withInformation({ unknownItems: [item] })))]) as [AssociateRequest];
    expect(pdu.userInformation.userIdentity).toMatchObject({ identityType: 1, secondaryField: new Uint8Array(0) });
  });
});
