import { basename } from 'node:path';
import { seededRandom } from '@x/testing/rechunk';
import { NO_INSTANCE, sharedFiles } from '@x/testing/shared-files';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { openDicomFile } from '../part10/open-dicom-file.ts';
import { TransferSyntax } from '../registry/uids.generated.ts';
import { DataSetError } from './data-set-error.ts';
import { DATA_SET_TRANSFER_SYNTAXES, decodeDataSet, encodeDataSet, type UntypedDataSet } from './dataset.ts';

const IMPLICIT = TransferSyntax.ImplicitVRLittleEndian;
const EXPLICIT = TransferSyntax.ExplicitVRLittleEndian;
const DEFLATED = TransferSyntax.DeflatedExplicitVRLittleEndian;

// A library must not write to the console, nor to its streams.
// Set before the imports, because a library may keep the console's methods of that time.
const printed = vi.hoisted(() => {
  const print = vi.fn();
  for (const method of ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const)
    vi.spyOn(console, method).mockImplementation(print);
  return print;
});
afterEach(() => {
  expect(printed.mock.calls).toEqual([]);
  printed.mockClear();
});

const IDENTIFIER: UntypedDataSet = {
  SpecificCharacterSet: 'ISO_IR 192',
  QueryRetrieveLevel: 'STUDY',
  PatientID: '42',
  StudyDate: '20200101-20201231',
  StudyTime: '100000-120000',
  ModalitiesInStudy: ['CT', 'MR'],
  StudyInstanceUID: '1.2.840.1.3',
  NumberOfStudyRelatedInstances: 12,
  Rows: 512,
};

describe.each(DATA_SET_TRANSFER_SYNTAXES)('in %s', (syntax) => {
  const there = (dataSet: UntypedDataSet): UntypedDataSet => decodeDataSet(encodeDataSet(dataSet, syntax), syntax);

  test('reads back an identifier', () => {
    expect(there(IDENTIFIER)).toEqual({ ...IDENTIFIER, SpecificCharacterSet: expect.anything() });
    expect(encodeDataSet(IDENTIFIER, syntax).length % 2).toBe(0);
  });

  test('reads back data sets of the same keys one after the other', () => {
    for (let index = 0; index < 3; index++) {
      const dataSet = { StudyID: `${index}`, PatientID: 'P', AccessionNumber: index === 1 ? '' : `A${index}` };
      expect(there(dataSet)).toEqual(dataSet);
      expect(there({ ...dataSet, StudyID: undefined })).toEqual({ ...dataSet, StudyID: undefined });
      expect(there({ ...dataSet, StudyID: { vr: 'LO', value: 'L' } })).toMatchObject({ PatientID: 'P' });
      expect(there({ PatientID: 'Q', StudyID: `${index}`, '00080050': 'B' })).toMatchObject({ AccessionNumber: 'B' });
    }
  });

  test('reads back an empty data set', () => {
    expect(there({})).toEqual({});
  });

  test('reads back sequences, nested and with empty items', () => {
    const dataSet = {
      ReferencedStudySequence: [
        {
          ReferencedSOPClassUID: '1.2.3',
          ReferencedSOPInstanceUID: '1.2.3.4',
          ReferencedSeriesSequence: [{ SeriesInstanceUID: '1.5' }, { SeriesInstanceUID: '1.6' }],
        },
        { ReferencedSOPInstanceUID: '1.2.3.5' },
      ],
      StudyID: 'after',
    };
    expect(there(dataSet)).toMatchObject(dataSet);
  });

  test.each([
    ['null', null],
    ['the empty string', ''],
    ['an empty array', []],
  ])('keeps a matching key that is %s as a key without a value', (_, empty) => {
    const found = there({ PatientID: empty, StudyDate: empty, PatientName: empty, StudyID: '1' });
    expect(Object.keys(found).sort()).toEqual(['PatientID', 'PatientName', 'StudyDate', 'StudyID']);
    expect(found.StudyID).toBe('1');
    for (const key of ['PatientID', 'StudyDate', 'PatientName'])
      expect([undefined, null, '']).toContain([found[key]].flat()[0] ?? null);
  });

  test('ignores keys that are undefined', () => {
    expect(there({ PatientID: undefined, StudyID: '1' })).toEqual({ StudyID: '1' });
  });

  test.each([
    ['Doe^Jane', { Alphabetic: 'Doe^Jane' }],
    ['Doe*', { Alphabetic: 'Doe*' }],
    ['Müller^Jörg', { Alphabetic: 'Müller^Jörg' }],
    [
      'Yamada^Tarou=山田^太郎=やまだ^たろう',
      { Alphabetic: 'Yamada^Tarou', Ideographic: '山田^太郎', Phonetic: 'やまだ^たろう' },
    ],
  ])('reads the person name %s as component groups, which can be written again', (name, groups) => {
    const { PatientName } = there({ SpecificCharacterSet: 'ISO_IR 192', PatientName: name });
    expect(PatientName).toEqual(groups);
    expect(there({ SpecificCharacterSet: 'ISO_IR 192', PatientName: groups }).PatientName).toEqual(groups);
  });

  test('reads several person names in an attribute of VM 1 as a misfit, and in others as an array', () => {
    const names = [{ Alphabetic: 'Doe^Jane' }, { Alphabetic: 'Roe^Richard' }];
    expect(there({ PatientName: 'Doe^Jane\\Roe^Richard', OtherPatientNames: 'Doe^Jane\\Roe^Richard' })).toEqual({
      '00100010': { vr: 'PN', value: names },
      OtherPatientNames: names,
    });
    expect(there({ PatientName: names })).toEqual({ '00100010': { vr: 'PN', value: names } });
  });

  test.each(['20200101', '20200101-', '-20201231', '20200101-20201231'])('reads back the date %s', (date) => {
    expect(there({ StudyDate: date })).toEqual({ StudyDate: date });
  });

  test('encodes what it has decoded', () => {
    const once = there({ ...IDENTIFIER, PatientName: 'Doe^Jane' });
    expect(there(once)).toEqual(once);
  });

  test('gives a data set or a DataSetError for truncated bytes', () => {
    const whole = encodeDataSet({ ...IDENTIFIER, ReferencedStudySequence: [{ StudyID: '1' }] }, syntax);
    let refused = 0;
    for (let length = 0; length < whole.length; length++) refused += refuses(whole.subarray(0, length), syntax);
    expect(refused).toBeGreaterThan(whole.length / 4);
  });

  test('gives a data set or a DataSetError for changed bytes', () => {
    const whole = encodeDataSet({ ...IDENTIFIER, ReferencedStudySequence: [{ StudyID: '1' }] }, syntax);
    const random = seededRandom(11);
    for (let run = 0; run < 1000; run++) {
      const changed = whole.slice();
      for (let times = 0; times <= run % 4; times++)
        changed[Math.floor(random() * changed.length)] = Math.floor(random() * 256);
      refuses(changed, syntax);
    }
  });

  test('gives a data set or a DataSetError for random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        refuses(bytes, syntax);
      }),
      { numRuns: 1000 },
    );
  });

  test('reads bytes from the middle of a larger buffer', () => {
    const bytes = encodeDataSet(IDENTIFIER, syntax);
    const larger = new Uint8Array(bytes.length + 20).fill(0xff);
    larger.set(bytes, 7);
    expect(decodeDataSet(larger.subarray(7, 7 + bytes.length), syntax)).toEqual(decodeDataSet(bytes, syntax));
  });
});

test('encodes differently in each transfer syntax', () => {
  const encoded = DATA_SET_TRANSFER_SYNTAXES.map((syntax) =>
    Buffer.from(encodeDataSet(IDENTIFIER, syntax)).toString('hex'),
  );
  expect(new Set(encoded).size).toBe(DATA_SET_TRANSFER_SYNTAXES.length);
});

test('decodes known bytes', () => {
  const implicit = Buffer.from('1000200004000000343220201000300000000000', 'hex');
  expect(decodeDataSet(implicit, IMPLICIT)).toMatchObject({ PatientID: '42' });
  expect(Buffer.from(encodeDataSet({ PatientID: '42' }, IMPLICIT)).toString('hex')).toBe('10002000020000003432');
  expect(Buffer.from(encodeDataSet({ PatientID: '42' }, EXPLICIT)).toString('hex')).toBe('100020004c4f02003432');
});

test('rejects an unknown transfer syntax in both directions', () => {
  const jpeg = TransferSyntax.JPEGBaseline8Bit;
  expect(() => encodeDataSet({}, jpeg)).toThrow(DataSetError);
  expect(() => decodeDataSet(new Uint8Array(0), jpeg)).toThrow(DataSetError);
});

test.each([
  ['no deflated stream', Buffer.from('nonsense')],
  ['a deflated stream that is cut', encodeDataSet(IDENTIFIER, DEFLATED).subarray(0, 20)],
])('rejects %s with a DataSetError that keeps the cause', (_, bytes) => {
  const error = errorOf(() => decodeDataSet(bytes, DEFLATED));
  expect(error).toBeInstanceOf(DataSetError);
  expect((error as Error).cause).toBeInstanceOf(Error);
});

const files = sharedFiles().filter((path) => !NO_INSTANCE.test(path));
test.skipIf(files.length === 0).each(files.map((path) => [basename(path), path]))('decodes %s', async (_, path) => {
  await using file = await openDicomFile(path);
  if (!DATA_SET_TRANSFER_SYNTAXES.includes(file.transferSyntax) || file.dataSet.length > 400_000) return;
  const bytes = new Uint8Array(file.dataSet.length);
  for (let at = 0; at < bytes.length; ) at += await file.dataSet.readv([bytes.subarray(at)], at);
  const dataSet = decodeDataSet(bytes, file.transferSyntax);
  expect(Object.keys(dataSet).length).toBeGreaterThan(0);
  if (dataSet.SOPInstanceUID !== undefined) expect(dataSet.SOPInstanceUID).toBe(file.sopInstance);
});

/** Whether the bytes are refused: 1 or 0. Anything but a DataSetError is a bug. */
function refuses(bytes: Uint8Array, syntax: string): number {
  const error = errorOf(() => decodeDataSet(bytes, syntax));
  if (error !== undefined && !(error instanceof DataSetError)) throw error;
  return error ? 1 : 0;
}

function errorOf(call: () => unknown): unknown {
  try {
    call();
    return undefined;
  } catch (error) {
    return error;
  }
}
