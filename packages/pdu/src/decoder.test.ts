import { chunksOf, seededRandom } from '@x/testing/rechunk';
import { describe, expect, test } from 'vitest';
import { encodePdu, fragment, type PDataTf, type Pdu, PduDecoder, PduError } from './index.ts';
import { writePDataHeader } from './p-data.ts';

const MIB = 1024 * 1024;

function pData(length: number): Uint8Array {
  const bytes = new Uint8Array(length + 12);
  writePDataHeader(bytes, 0, { contextId: 1, kind: 'data', last: true, length });
  for (let at = 12; at < bytes.length; at++) bytes[at] = at * 31;
  return bytes;
}

const fault = (bytes: readonly number[], options = { maxLength: 16384 }): PduError => {
  try {
    for (const _ of new PduDecoder(options).push(Uint8Array.from(bytes)));
  } catch (error) {
    return error as PduError;
  }
  throw new Error('nothing was thrown');
};

describe('fragments', () => {
  test('are views into the chunks in which they arrived', () => {
    const stream = pData(200_000);
    const decoder = new PduDecoder({ maxLength: MIB });
    const chunks = [...chunksOf(stream, 65536)];
    const [pdu] = chunks.flatMap((chunk) => [...decoder.push(chunk)]) as [PDataTf];
    const { fragments } = pdu.values[0] as PDataTf['values'][0];
    expect(fragments.slice(0, 3).map(({ buffer }) => buffer)).toEqual(chunks.slice(0, 3).map(({ buffer }) => buffer));
    expect(Buffer.concat(fragments).equals(stream.subarray(12))).toBe(true);
  });

  test('are one view if the PDU lies within a chunk, however small', () => {
    const stream = pData(10);
    const [pdu] = [...new PduDecoder({ maxLength: 100 }).push(stream)] as [PDataTf];
    expect(pdu.values[0]?.fragments).toHaveLength(1);
    expect(pdu.values[0]?.fragments[0]?.buffer).toBe(stream.buffer);
  });
});

describe('a PDU of 8 MiB', () => {
  const stream = pData(8 * MIB);
  const random = seededRandom(7);
  function* randomChunks() {
    for (let at = 0; at < stream.length; ) {
      const size = 1 + Math.floor(random() ** 4 * 300_000);
      yield stream.subarray(at, at + size);
      at += size;
    }
  }
  function* pieces(size: number) {
    for (let at = 0; at < stream.length; at += size) yield stream.subarray(at, at + size);
  }

  test.each([
    ['1 byte', () => pieces(1)],
    ['1 KiB', () => pieces(1024)],
    ['random', randomChunks],
  ])('in pieces of %s is decoded to few fragments', (_, chunks) => {
    const decoder = new PduDecoder({ maxLength: 8 * MIB + 6 });
    const pdus: Pdu[] = [];
    for (const chunk of chunks()) for (const pdu of decoder.push(chunk)) pdus.push(pdu);
    expect(pdus).toHaveLength(1);
    const { fragments } = (pdus[0] as PDataTf).values[0] as PDataTf['values'][0];
    // Small chunks are copied into blocks of 64 KiB; views have at least 2 KiB.
    expect(fragments.length).toBeLessThanOrEqual(stream.length / 2048);
    let at = 12;
    for (const part of fragments) {
      expect(Buffer.compare(part, stream.subarray(at, at + part.length))).toBe(0);
      at += part.length;
    }
    expect(at).toBe(stream.length);
  });
});

describe('rejects without waiting for the rest of the PDU:', () => {
  test('an unknown type, by its first byte', () => {
    expect(fault([0x47])).toMatchObject({ fault: 'unrecognized-pdu' });
    expect(fault([0x00]).message).toContain('00H is not the type of a PDU');
    expect(fault([0x08])).toMatchObject({ fault: 'unrecognized-pdu' });
  });

  test.each([
    ['P-DATA-TF of 2 GiB', [4, 0, 0x80, 0, 0, 0], 'declares 2147483648 bytes, the maximum is 16384'],
    ['P-DATA-TF of 4 GiB', [4, 0, 0xff, 0xff, 0xff, 0xff], 'declares 4294967295 bytes'],
    ['P-DATA-TF of one byte more than announced', [4, 0, 0, 0, 0x40, 0x01], 'declares 16385 bytes'],
    ['P-DATA-TF of nothing', [4, 0, 0, 0, 0, 0], 'it needs 6'],
    ['A-ASSOCIATE-RQ of 2 MiB', [1, 0, 0, 0x20, 0, 0], 'the maximum is 1048576'],
    ['A-ASSOCIATE-AC without its fields', [2, 0, 0, 0, 0, 10], 'it needs 68'],
    ['A-RELEASE-RQ of 5 bytes', [5, 0, 0, 0, 0, 5], 'it has 4'],
    ['A-ABORT of 0 bytes', [7, 0, 0, 0, 0, 0], 'it has 4'],
  ])('%s', (_, bytes, message) => {
    expect(fault(bytes)).toMatchObject({ name: 'PduError', fault: 'invalid-parameter-value' });
    expect(fault(bytes).message).toContain(message);
  });

  test.each([
    ['a value longer than its PDU', [4, 0, 0, 0, 0, 7, 0, 0, 0, 9, 1, 0, 0], '9 bytes, 3 are left'],
    ['a value without a control header', [4, 0, 0, 0, 0, 6, 0, 0, 0, 1, 1, 0], 'it needs 2'],
    ['half a value header', [4, 0, 0, 0, 0, 9, 0, 0, 0, 2, 1, 0, 0, 0, 0], '6 bytes, 3 are left'],
  ])('%s', (_, bytes, message) => {
    expect(fault(bytes).path).toEqual(['P-DATA-TF']);
    expect(fault(bytes).message).toContain(message);
  });
});

test('rejects a PDU with too many values, in one piece or in several', () => {
  const value = [0, 0, 0, 2, 1, 0];
  const stream = (count: number) =>
    Buffer.concat([Uint8Array.of(4, 0, 0, 0, 0, 0), Buffer.alloc(count * 6, Uint8Array.from(value))]);
  for (const [count, isRefused] of [
    [4096, false],
    [4097, true],
  ] as const) {
    const bytes = stream(count);
    bytes.writeUInt32BE(count * 6, 2);
    for (const chunks of [[bytes], [bytes.subarray(0, 10_000), bytes.subarray(10_000)]]) {
      const decoder = new PduDecoder({ maxLength: 1 << 20 });
      const decode = () => chunks.flatMap((chunk) => [...decoder.push(chunk)]);
      if (isRefused) expect(decode).toThrow('more than 4096 presentation data values');
      else expect((decode() as PDataTf[])[0]?.values.length).toBe(count);
    }
  }
});

test.each([
  [127, false],
  [128, true],
])('reads a presentation context with %i transfer syntaxes: too many is %s', (count, isRefused) => {
  const [bytes = new Uint8Array()] = encodePdu({
    type: 'A-ASSOCIATE-RQ',
    protocolVersion: 1,
    calledAeTitle: 'SCP',
    callingAeTitle: 'SCU',
    presentationContexts: [
      { id: 1, abstractSyntax: '1.2', transferSyntaxes: Array.from({ length: count }, (_, index) => `1.2.${index}`) },
    ],
    userInformation: {},
  });
  const decode = () => [...new PduDecoder({ maxLength: 1024 }).push(bytes)];
  if (isRefused) expect(decode).toThrow('more than 128 items');
  else expect(decode()).toHaveLength(1);
});

test('returns the PDUs before a malformed one', () => {
  const pdus: Pdu[] = [];
  const release = [5, 0, 0, 0, 0, 4, 0, 0, 0, 0];
  const decoder = new PduDecoder({ maxLength: 100 });
  expect(() => {
    for (const pdu of decoder.push(Uint8Array.from([...release, 0x48]))) pdus.push(pdu);
  }).toThrow(PduError);
  expect(pdus).toEqual([{ type: 'A-RELEASE-RQ' }]);
});

test('reports whether it holds part of a PDU', () => {
  const decoder = new PduDecoder({ maxLength: 100 });
  for (const _ of decoder.push(Uint8Array.of(5, 0, 0)));
  expect(decoder.isInsidePdu).toBe(true);
  for (const _ of decoder.push(Uint8Array.of(0, 0, 4, 0, 0, 0, 0)));
  expect(decoder.isInsidePdu).toBe(false);
});

describe('fragmenting', () => {
  test.each([8, 9, 10, 128, 16384, 0, 0xffffffff])('for a maximum of %i stays within it, evenly', (maximum) => {
    const bytes = Uint8Array.from({ length: 5001 }, (_, index) => index);
    const pdus = [...fragment(3, 'data', bytes, maximum)];
    const parts = pdus.map(({ values: [value] }) => value?.fragments[0] as Uint8Array);
    if (maximum !== 0) for (const part of parts) expect(part.length + 6).toBeLessThanOrEqual(maximum);
    for (const part of parts.slice(0, -1)) expect(part.length % 2).toBe(0);
    expect(Buffer.concat(parts).equals(bytes)).toBe(true);
    expect(pdus.map(({ values }) => values[0]?.last)).toEqual(pdus.map((_, index) => index === pdus.length - 1));
  });

  test('rejects a maximum length that leaves no room', () => {
    for (const maximum of [1, 6, 7])
      expect(() => [...fragment(1, 'data', new Uint8Array(9), maximum)]).toThrow(RangeError);
  });

  test('splits at 1 MiB if the maximum length is unlimited', () => {
    expect([...fragment(1, 'data', new Uint8Array(3 * MIB), 0)].length).toBeGreaterThan(2);
  });
});
