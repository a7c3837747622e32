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
  userInformationItems,
} from './index.ts';
import { concatenate } from './items.ts';
import { type Vector, vectors } from './vectors.ts';

const decode = (chunks: Iterable<Uint8Array>): Pdu[] => {
  const decoder = new PduDecoder({ maxLength: 65536 });
  return [...chunks].flatMap((chunk) => [...decoder.push(chunk)]);
};

/** Fragments put together: a chunk boundary may cut them anywhere. */
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
  test('decodes to its meaning', () => expect(decode([bytes])).toEqual([pdu]));

  test('encodes to its bytes', () => expect(concatenate(encodePdu(pdu))).toEqual(bytes));

  test('survives every split', () => {
    for (const split of everySplit(bytes)) expect(decode(split).map(whole)).toEqual([whole(pdu)]);
  });

  test('cut short in its body, is a PduError or nothing else', () => {
    for (let length = 0; length < bytes.length - 6; length++) {
      const body = bytes.slice(6, 6 + length);
      try {
        const cut = decodePdu(bytes[0] as number, body);
        // Between two items the shorter body is a PDU too.
        expect(concatenate(encodePdu(cut)).length).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toBeInstanceOf(PduError);
      }
    }
  });
});

test('a stream of all of them, byte by byte, gives all of them', () => {
  const stream = concatenate(vectors.map(({ bytes }) => bytes));
  const bytewise = Array.from(stream, (byte) => Uint8Array.of(byte));
  expect(decode(bytewise).map(whole)).toEqual(vectors.map(({ pdu }) => whole(pdu)));
});

describe('a peer that is not strict', () => {
  const body = vectors[0]?.bytes.slice(6) as Uint8Array;
  const request = (change: (bytes: Uint8Array) => void) => {
    const bytes = body.slice();
    change(bytes);
    return decodePdu(1, bytes) as AssociateRequest;
  };

  test('may pad its AE title with NUL, or leave it blank', () => {
    expect(request((bytes) => bytes.fill(0, 27, 36)).callingAeTitle).toBe('MODALIT');
    expect(request((bytes) => bytes.fill(0x20, 20, 36)).callingAeTitle).toBe('');
  });

  test('may pad a UID', () => {
    for (const padding of [0x00, 0x20])
      expect(request((bytes) => bytes.fill(padding, 91, 93)).applicationContextName).toBe('1.2.840.10008.3.1.1');
  });

  test('may use an even context id', () => {
    expect(request((bytes) => bytes.set([2], 97)).presentationContexts[0]?.id).toBe(2);
  });

  test('may not send a UID with other characters', () => {
    expect(() => request((bytes) => bytes.set([0x2f], 74))).toThrow(/'1\.\/.*is not a UID \(at byte 72/);
  });

  test('has control characters in its titles shown harmless', () => {
    expect(request((bytes) => bytes.set([0x0a, 0x1b], 20)).callingAeTitle).toBe('\\x0a\\x1bDALITY');
  });
});

test('values that do not fit their fields are refused when written', () => {
  const request = vectors[0]?.pdu as AssociateRequest;
  const wrong: Partial<AssociateRequest>[] = [
    { calledAeTitle: 'SEVENTEEN LETTERS' },
    { callingAeTitle: 'BACK\\SLASH' },
    { applicationContextName: '1..2' },
    { presentationContexts: [{ id: 256, abstractSyntax: '1.2', transferSyntaxes: [] }] },
    { presentationContexts: [{ id: 1, abstractSyntax: '1.02', transferSyntaxes: [] }] },
    { userInformation: { implementationVersionName: 'MORE THAN SIXTEEN' } },
    { userInformation: { unknownItems: [{ type: 0x5a, data: new Uint8Array(65536) }] } },
  ];
  for (const change of wrong) expect(() => encodePdu({ ...request, ...change })).toThrow(PduError);
});

test('user information is there as items too, in their order', () => {
  const { userInformation } = (vectors[2] as Vector).pdu as AssociateRequest;
  expect(userInformationItems(userInformation).map(({ type }) => type)).toEqual([
    0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x5a,
  ]);
});

test('an item that repeats where one may stand is kept as it came', () => {
  const { bytes } = vectors[0] as { bytes: Uint8Array };
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
])('%s beyond its field is refused, not cut off', (_, pdu) => {
  expect(() => encodePdu(pdu)).toThrow(PduError);
});
