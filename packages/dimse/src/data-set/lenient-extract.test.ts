import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TransferSyntax } from '../registry/uids.generated.ts';
import type { DataSetError } from './data-set-error.ts';
import { DATA_SET_TRANSFER_SYNTAXES, decodeExtract, encodeDataSet } from './dataset.ts';

const EXPLICIT = TransferSyntax.ExplicitVRLittleEndian;
const IMPLICIT = TransferSyntax.ImplicitVRLittleEndian;

const hex = (...parts: readonly string[]) => Buffer.from(parts.join('').replaceAll(' ', ''), 'hex');

/** The attributes and the faults of an extract that cannot be read strictly. */
function read(bytes: Uint8Array, transferSyntax: string) {
  const faults: string[] = [];
  expect(() => decodeExtract(bytes, transferSyntax)).toThrow();
  const attributes = decodeExtract(bytes, transferSyntax, ({ message }) => faults.push(message));
  return { attributes, faults };
}

const PATIENT_ID = '1000 2000 4c4f 0200 3432';
const SHORT_ROWS = '2800 1000 5553 0100 02';

test.each<[string, string, Uint8Array, object, string]>([
  [
    'a number of a wrong length',
    EXPLICIT,
    hex(SHORT_ROWS, PATIENT_ID),
    { PatientID: '42' },
    '(0028,0010) has 1 bytes, US takes 2 each (at byte 0)',
  ],
  [
    'a name in Latin-1 with an unknown character set',
    EXPLICIT,
    hex('0800 0500 4353 0400 4e4f5045', '1000 1000 504e 0600 4d fc 6c 6c 65 72', PATIENT_ID),
    { SpecificCharacterSet: ['NOPE'], PatientName: { Alphabetic: 'Müller' }, PatientID: '42' },
    '(0008,0005) names an unknown character set',
  ],
  [
    'text under the tag of a sequence',
    IMPLICIT,
    hex('0800 3210 08000000 4354204865616420', '1000 2000 02000000 3432'),
    { PatientID: '42' },
    '(0008,1032) was not read: (5443,4820) stands where an item is due',
  ],
  [
    'text under the tag of a sequence in an item of undefined length',
    IMPLICIT,
    hex(
      '4000 0001 ffffffff feff00e0 ffffffff 4000 0800 08000000 4354204865616420 0800 6000 02000000 4354',
      'feff0de0 00000000 feffdde0 00000000',
      '1000 2000 02000000 3432',
    ),
    { ScheduledProcedureStepSequence: [{ Modality: 'CT' }], PatientID: '42' },
    '(0040,0008) was not read: (5443,4820) stands where an item is due',
  ],
  [
    'text without a length, which ends like a sequence',
    EXPLICIT,
    hex('0800 1901 5554 0000 ffffffff feff00e0 02000000 4142 feffdde0 00000000', PATIENT_ID),
    { PatientID: '42' },
    '(0008,0119) of value representation UT has no length (at byte 0)',
  ],
])('leaves out %s, and reads the rest', (_, transferSyntax, bytes, attributes, fault) => {
  const found = read(bytes, transferSyntax);
  expect(found.attributes).toEqual(attributes);
  expect(found.faults).toHaveLength(1);
  expect(found.faults[0]).toContain(fault);
});

test('tells a bounded number of faults and leaves out the rest', () => {
  const bytes = hex(SHORT_ROWS.repeat(1000), PATIENT_ID);
  const { attributes, faults } = read(bytes, EXPLICIT);
  expect(faults).toHaveLength(64);
  expect(attributes).toEqual({});
});

test('reads what is left of each transfer syntax after any change of its bytes', () => {
  const dataSet = {
    SpecificCharacterSet: 'ISO_IR 100',
    PatientName: 'Müller^Jörg',
    PatientID: '42',
    Rows: 2,
    RequestAttributesSequence: [{ ScheduledProcedureStepID: 'a', ScheduledProtocolCodeSequence: [{ CodeValue: 'x' }] }],
  };
  const change = fc.record({ at: fc.nat(), to: fc.integer({ min: 0, max: 255 }) });
  fc.assert(
    fc.property(fc.constantFrom(...DATA_SET_TRANSFER_SYNTAXES), fc.array(change, { maxLength: 4 }), (name, changes) => {
      const syntax = name === TransferSyntax.DeflatedExplicitVRLittleEndian ? EXPLICIT : name;
      const bytes = encodeDataSet(dataSet, syntax);
      for (const { at, to } of changes) bytes[at % bytes.length] = to;
      const errors: DataSetError[] = [];
      try {
        decodeExtract(bytes, syntax, (error) => errors.push(error));
      } catch (error) {
        // Not an extract: a scanner does not read it to its end either.
        expect((error as Error).name).toBe('DataSetError');
      }
    }),
    { numRuns: 2000 },
  );
});
