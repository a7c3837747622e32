import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CommandSet, CommandSetError, decodeCommandSet, encodeCommandSet } from './command-set.ts';
import * as operations from './operations.ts';
import { C_CANCEL_RQ, messageName, RESPONSE } from './operations.ts';

const hex = (text: string) =>
  Uint8Array.from(text.replace(/\s/g, '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

// Recorded from DCMTK's echoscu: the command set behind the PDU's headers.
const C_ECHO_RQ = hex(`0000000004000000 38000000 0000020012000000 312e322e3834302e31303030382e312e3100
  0000000102000000 3000 0000100102000000 0100 0000000802000000 0101`);

describe('C-ECHO-RQ of echoscu', () => {
  const command = { affectedSopClassUid: '1.2.840.10008.1.1', commandField: 0x30, messageId: 1, hasDataSet: false };
  test('decodes to its meaning', () => expect(decodeCommandSet(C_ECHO_RQ)).toEqual(command));
  test('encodes to its bytes', () => expect(encodeCommandSet(command)).toEqual(C_ECHO_RQ));
  test('gives a CommandSetError or a shorter command if it is truncated', () => {
    for (let length = 0; length < C_ECHO_RQ.length; length++) {
      try {
        expect(decodeCommandSet(C_ECHO_RQ.slice(0, length)).commandField).toBe(0x30);
      } catch (error) {
        expect(error).toBeInstanceOf(CommandSetError);
      }
    }
  });
});

test('tolerates a wrong or missing group length', () => {
  const wrong = C_ECHO_RQ.slice();
  wrong[8] = 0xff;
  expect(decodeCommandSet(wrong)).toEqual(decodeCommandSet(C_ECHO_RQ));
  expect(decodeCommandSet(C_ECHO_RQ.slice(12))).toEqual(decodeCommandSet(C_ECHO_RQ));
});

test('reports the place of an error', () => {
  expect(() => decodeCommandSet(hex('0000000120000000 3000'))).toThrow('(0000,0100) declares 32 bytes, 2 are left');
  expect(() => decodeCommandSet(hex('0000000103000000 300000'))).toThrow('(0000,0100) has 3 bytes');
  const status = '0000 0009 02000000 1001';
  expect(() => decodeCommandSet(hex(`0000 0001 02000000 0180 ${status} 0000 0009 02000000 0000`))).toThrow(
    '(0000,0900) is there twice',
  );
  expect(() => decodeCommandSet(new Uint8Array(0))).toThrow('(0000,0100) Command Field is missing');
});

test.each([
  ['whose first value cannot be written', '0000 0001 04000000 ffffffff', '(0000,0100)'],
  ['whose first value is empty', '0000 0200 00000000 0000 0200 02000000 3100', '(0000,0002)'],
])('refuses an element %s, and which occurs twice', (_, elements, tag) => {
  const commandField = '0000 0001 02000000 3000';
  expect(() => decodeCommandSet(hex(`${elements} ${commandField}`))).toThrow(`${tag} is there twice`);
});

test('tolerates elements that are out of order, unknown or empty', () => {
  const elements = [
    '0000 0009 02000000 1001',
    '0000 0001 02000000 0180',
    '0900 1000 03000000 616263',
    '0000 0209 00000000',
  ];
  expect(decodeCommandSet(hex(elements.join('')))).toEqual({
    commandField: 0x8001,
    status: 0x0110,
    errorComment: '',
    hasDataSet: false,
    unknownElements: [{ tag: 0x00090010, value: hex('616263') }],
  });
});

describe('reads numbers in another even length than 2', () => {
  const response = (tag: string, value: string) =>
    decodeCommandSet(
      hex(`0000 0001 02000000 2180 0000 ${tag} ${(value.length / 2).toString(16).padStart(2, '0')}000000 ${value}`),
    );

  test.each([
    ['2010', 'numberOfRemainingSuboperations'],
    ['2110', 'numberOfCompletedSuboperations'],
    ['2210', 'numberOfFailedSuboperations'],
    ['2310', 'numberOfWarningSuboperations'],
    ['2001', 'messageIdBeingRespondedTo'],
    ['0009', 'status'],
  ] as const)('in (0000,%s)', (tag, name) => {
    for (const value of ['07010000', '070100000000', '0701000000000000'])
      expect(response(tag, value)).toMatchObject({ [name]: 0x0107 });
  });

  test('and keeps those that do not fit as bytes', () => {
    expect(response('2110', '07010100')).toEqual({
      commandField: 0x8021,
      hasDataSet: false,
      unknownElements: [{ tag: 0x00001021, value: hex('07010100') }],
    });
  });

  test.each([
    ['01010000', false],
    ['00000000', true],
    ['01010100', true],
  ])('in Command Data Set Type: %s is %s', (value, hasDataSet) => {
    expect(response('0008', value).hasDataSet).toBe(hasDataSet);
  });
});

test.each(['', '0000', '2000'])('reads a UID of zero length, or of padding alone (%s), as absent', (value) => {
  const uids = ['0200', '0300', '0010', '0110'].map((tag) => `0000 ${tag} 0${value.length / 2}000000 ${value}`);
  expect(decodeCommandSet(hex(`0000 0001 02000000 4001 ${uids.join('')}`))).toEqual({
    commandField: 0x0140,
    hasDataSet: false,
  });
});

test.each([
  ['0101', false],
  ['0000', true],
  ['0100', true],
  ['0201', true],
])('reads a Command Data Set Type of %s as hasDataSet %s', (type, expected) => {
  const bytes = hex(`0000 0001 02000000 0100 0000 0008 02000000 ${type}`);
  expect(decodeCommandSet(bytes).hasDataSet).toBe(expected);
});

test('truncates text and replaces characters that the command group cannot have', () => {
  const encoded = encodeCommandSet({ commandField: 1, hasDataSet: false, errorComment: `ü\n${'x'.repeat(100)}` });
  expect(decodeCommandSet(encoded).errorComment).toBe(`??${'x'.repeat(62)}`);
});

test('reads at most 256 characters of a comment', () => {
  const long = 'x'.repeat(5000);
  const elements = `0000 0001 02000000 0180 0000 0209 88130000 ${Buffer.from(long).toString('hex')}`;
  expect(decodeCommandSet(hex(elements)).errorComment).toBe('x'.repeat(256));
});

describe('a value that does not fit its element', () => {
  const refused: [string, object][] = [
    ['a status of 17 bits', { status: 0x10000 }],
    ['a status that is no number', { status: Number.NaN }],
    ['a status between two numbers', { status: 272.5 }],
    ['a status that is text', { status: '0110' }],
    ['a status below zero', { status: -1 }],
    ['a message ID past 65,535', { messageId: 65536 }],
    ['a tag of 33 bits', { offendingElements: [0x100000000] }],
    ['a move destination of 17 characters', { moveDestination: 'A'.repeat(17) }],
    ['a move destination outside the default repertoire', { moveDestination: 'MÜNCHEN' }],
    ['a move destination of two values', { moveDestination: 'A\\B' }],
    ['a UID that is a number', { affectedSopInstanceUid: 1 }],
  ];

  test.each(refused)('is rejected, not truncated: %s', (_, elements) => {
    expect(() => encodeCommandSet({ commandField: 1, hasDataSet: false, ...elements })).toThrow(RangeError);
  });

  test('is reported with its element', () => {
    expect(() => encodeCommandSet({ commandField: 1, hasDataSet: false, status: 0x10000 })).toThrow(
      '(0000,0900) cannot be 65536',
    );
  });
});

const uint16 = fc.integer({ min: 0, max: 65535 });
const uid = fc.array(fc.nat(9999), { minLength: 1, maxLength: 12 }).map((numbers) => numbers.join('.'));
const text = fc
  .string({ unit: fc.constantFrom(...'ABCabc 019-_'), minLength: 1, maxLength: 16 })
  .map((value) => value.trim())
  .filter((value) => value !== '');
const tags = fc.array(fc.integer({ min: 0, max: 0xffffffff }), { minLength: 1, maxLength: 6 });
const command = fc.record(
  {
    affectedSopClassUid: uid,
    requestedSopClassUid: uid,
    commandField: uint16,
    messageId: uint16,
    messageIdBeingRespondedTo: uint16,
    moveDestination: text,
    priority: uint16,
    hasDataSet: fc.boolean(),
    status: uint16,
    offendingElements: tags,
    errorComment: text,
    errorId: uint16,
    affectedSopInstanceUid: uid,
    requestedSopInstanceUid: uid,
    eventTypeId: uint16,
    attributeIdentifierList: tags,
    actionTypeId: uint16,
    numberOfRemainingSuboperations: uint16,
    numberOfCompletedSuboperations: uint16,
    numberOfFailedSuboperations: uint16,
    numberOfWarningSuboperations: uint16,
    moveOriginatorApplicationEntityTitle: text,
    moveOriginatorMessageId: uint16,
    unknownElements: fc.constant([
      { tag: 0x00005010, value: Uint8Array.of(1, 2) },
      { tag: 0x00090010, value: new Uint8Array(0) },
    ]),
  },
  { requiredKeys: ['commandField', 'hasDataSet'] },
) as fc.Arbitrary<CommandSet>;

test('decodes what it has encoded, with ascending tags', () => {
  fc.assert(
    fc.property(command, (original) => {
      const bytes = encodeCommandSet(original);
      expect(decodeCommandSet(bytes)).toEqual(original);
      const view = new DataView(bytes.buffer);
      expect(view.getUint32(8, true)).toBe(bytes.length - 12);
      let last = -1;
      for (let at = 0; at < bytes.length; at += 8 + view.getUint32(at + 4, true)) {
        const tag = view.getUint16(at, true) * 0x10000 + view.getUint16(at + 2, true);
        expect(tag).toBeGreaterThan(last);
        expect(view.getUint32(at + 4, true) % 2).toBe(0);
        last = tag;
      }
    }),
    { numRuns: 1000 },
  );
});

test('gives a command set or a CommandSetError for random bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
      try {
        decodeCommandSet(bytes);
      } catch (error) {
        if (!(error instanceof CommandSetError)) throw error;
      }
    }),
    { numRuns: 3000 },
  );
});

test('names the 23 messages', () => {
  const all = Object.values(operations).filter((value) => typeof value === 'object');
  const names = all.flatMap(({ commandField }) => [messageName(commandField), messageName(commandField | RESPONSE)]);
  expect(new Set([...names, messageName(C_CANCEL_RQ)]).size).toBe(23);
  expect(names).toContain('N-EVENT-REPORT-RSP');
  expect(messageName(0x7777)).toBe('command 7777H');
});

test('reads a C-ECHO-RQ without Command Data Set Type as one without a data set', () => {
  expect(decodeCommandSet(C_ECHO_RQ.slice(0, -10))).toEqual(decodeCommandSet(C_ECHO_RQ));
});

test('keeps a Move Destination that is not an AE title as bytes', () => {
  const bytes = hex('0000 0001 02000000 2100 0000 0006 02000000 5c20 0000 0008 02000000 0101');
  const decoded = decodeCommandSet(bytes);
  expect(decoded.moveDestination).toBeUndefined();
  expect(decoded.unknownElements).toEqual([{ tag: 0x00000600, value: hex('5c20') }]);
  expect(encodeCommandSet(decoded).slice(12)).toEqual(bytes);
});

test('encodes whatever it has decoded', () => {
  const known = [2, 3, 0x100, 0x110, 0x120, 0x600, 0x700, 0x800, 0x900, 0x901, 0x902, 0x1000, 0x1005, 0x1030, 0x5010];
  const value = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc.constantFrom('\\', 'A\\B', 'x'.repeat(70), 'ü').map(Buffer.from),
  );
  const element = fc.tuple(fc.constantFrom(...known), value).map(([tag, bytes]) => {
    const head = Buffer.alloc(8);
    head.writeUInt16LE(tag, 2);
    head.writeUInt32LE(bytes.length, 4);
    return Buffer.concat([head, bytes]);
  });
  const short = (tag: number) =>
    fc.uint8Array({ minLength: 2, maxLength: 2 }).map((bytes) => {
      const head = Buffer.from([0, 0, tag & 0xff, tag >>> 8, 2, 0, 0, 0]);
      return Buffer.concat([head, bytes]);
    });
  let decoded = 0;
  fc.assert(
    fc.property(
      short(0x100),
      fc.uniqueArray(element, { selector: (bytes) => bytes.readUInt16LE(2), maxLength: 8 }),
      (field, elements) => {
        let command: CommandSet;
        try {
          command = decodeCommandSet(Buffer.concat([field, ...elements]));
        } catch (error) {
          expect(error).toBeInstanceOf(CommandSetError);
          return;
        }
        decoded++;
        expect(() => encodeCommandSet(command)).not.toThrow();
      },
    ),
    { seed: 14, numRuns: 1000 },
  );
  expect(decoded).toBeGreaterThan(100);
});
