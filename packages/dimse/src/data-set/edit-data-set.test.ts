// Editing: the result decodes as if the decoded data set had been changed, and the rest is copied bit for bit.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodedParts, parts } from '../../test/data-set-parts.ts';
import { TransferSyntax } from '../registry/uids.generated.ts';
import type { DataSetEdit } from './data-set-edits.ts';
import { DataSetError } from './data-set-error.ts';
import { DATA_SET_TRANSFER_SYNTAXES, decodeDataSet, encodeDataSet } from './dataset.ts';
import { type EditOptions, editDataSet } from './edit-data-set.ts';
import { encodingOf } from './encodings.ts';

const IMPLICIT = TransferSyntax.ImplicitVRLittleEndian;
const EXPLICIT = TransferSyntax.ExplicitVRLittleEndian;
const BIG_ENDIAN = TransferSyntax.ExplicitVRBigEndian;
const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

function* chunked(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const size = sizes[index % sizes.length] as number;
    yield bytes.slice(at, at + size);
    at += size;
  }
}

async function edited(
  bytes: Uint8Array,
  syntax: string,
  edits: readonly DataSetEdit[],
  options: EditOptions = {},
  sizes = [7, 1],
) {
  const blocks: Uint8Array[] = [];
  for await (const block of editDataSet(chunked(bytes, sizes), syntax, edits, options)) blocks.push(block);
  return Buffer.concat(blocks);
}

const dataSet = {
  SpecificCharacterSet: 'ISO_IR 100',
  Modality: 'CT',
  PatientName: 'Müller^Jörg',
  PatientID: '42',
  RequestAttributesSequence: [
    { ScheduledProcedureStepID: 'a', ScheduledProtocolCodeSequence: [{ CodeValue: 'x' }, { CodeValue: 'y' }] },
    { ScheduledProcedureStepID: 'b' },
  ],
  PixelRepresentation: 1,
  PixelData: new Uint8Array(100_000),
};

describe.each(DATA_SET_TRANSFER_SYNTAXES)('in %s', (syntax) => {
  const bytes = encodeDataSet(dataSet, syntax);
  const decoded = decodeDataSet(bytes, syntax);
  const after = async (...edits: readonly DataSetEdit[]) =>
    decodeDataSet(await edited(bytes, syntax, edits, {}, [1000]), syntax);

  test('an attribute is replaced, in the character set of the data set', async () => {
    expect(await after({ at: 'PatientName', value: 'Jäger' })).toEqual({
      ...decoded,
      PatientName: { Alphabetic: 'Jäger' },
    });
  });

  test('an attribute is removed, by keyword or tag', async () => {
    const { PatientID: _, Modality: __, ...rest } = decoded;
    expect(await after({ at: 'PatientID' }, { at: '00080060' })).toEqual(rest);
  });

  test('attributes are added in the order of their tags, signed numbers too', async () => {
    const edited = await after(
      { at: 'SOPInstanceUID', value: '1.2' },
      { at: 'SmallestImagePixelValue', value: -2 },
      { at: 'FFFAFFFA', value: { vr: 'SQ', value: [] } },
    );
    expect(edited).toMatchObject({ ...decoded, SOPInstanceUID: '1.2', SmallestImagePixelValue: -2 });
    expect(encodeDataSet(edited, EXPLICIT)).toEqual(
      encodeDataSet(decodeDataSet(encodeDataSet(edited, EXPLICIT), EXPLICIT), EXPLICIT),
    );
  });

  test('attributes of items are changed', async () => {
    const edited = await after(
      { at: 'RequestAttributesSequence[*].ScheduledProcedureStepDescription', value: 'new' },
      { at: 'RequestAttributesSequence[1].ScheduledProcedureStepID' },
      { at: 'RequestAttributesSequence[0].ScheduledProtocolCodeSequence[1].CodeValue', value: 'z' },
      { at: 'RequestAttributesSequence[7].ScheduledProcedureStepID', value: 'nowhere' },
      { at: 'ReferencedStudySequence[0].ReferencedSOPInstanceUID', value: 'nowhere' },
    );
    expect(edited).toEqual({
      ...decoded,
      RequestAttributesSequence: [
        {
          ScheduledProcedureStepID: 'a',
          ScheduledProcedureStepDescription: 'new',
          ScheduledProtocolCodeSequence: [{ CodeValue: 'x' }, { CodeValue: 'z' }],
        },
        { ScheduledProcedureStepDescription: 'new' },
      ],
    });
  });

  test('a function removes attributes at any depth', async () => {
    const codeValue = 0x00080100;
    const seen: number[] = [];
    const remove = ({ tag, depth }: { tag: number; depth: number }) => {
      if (tag === codeValue) seen.push(depth);
      return tag === codeValue;
    };
    const result = decodeDataSet(await edited(bytes, syntax, [], { remove }, [1000]), syntax);
    expect(seen).toEqual([2, 2]);
    expect(result).toMatchObject({ RequestAttributesSequence: [{ ScheduledProtocolCodeSequence: [{}, {}] }, {}] });
  });
});

test('a new character set is that of the new values', async () => {
  const bytes = encodeDataSet({ PatientID: '42' }, EXPLICIT);
  const edits = [{ at: 'PatientName', value: '山田' }];
  await expect(edited(bytes, EXPLICIT, edits)).rejects.toBeInstanceOf(DataSetError);
  const result = await edited(bytes, EXPLICIT, [...edits, { at: 'SpecificCharacterSet', value: 'ISO_IR 192' }]);
  expect(decodeDataSet(result, EXPLICIT)).toMatchObject({
    SpecificCharacterSet: ['ISO_IR 192'],
    PatientName: { Alphabetic: '山田' },
  });
});

test('compressed pixel data and elements that cannot be read are copied bit for bit', async () => {
  const head = '08001800 5549 0400 312e3200';
  const rest =
    '09000110 2020 0200 3432 e07f1000 4f42 0000 ffffffff feff00e0 00000000 feff00e0 04000000 01020300 feffdde0 00000000';
  const result = await edited(hex(head + rest), TransferSyntax.JPEGBaseline8Bit, [
    { at: 'SOPInstanceUID', value: '1.3' },
  ]);
  expect(result.toString('hex')).toBe(`08001800 5549 0400 312e3300 ${rest}`.replaceAll(' ', ''));
});

test('items of UN are changed in Implicit VR', async () => {
  const bytes = hex(
    '00081110 554e 0000 ffffffff feff00e0 0a000000 20001000 02000000 3120 feffdde0 00000000 00100020 4c4f 0002 3432',
  );
  const result = await edited(bytes, BIG_ENDIAN, [{ at: 'ReferencedStudySequence[0].StudyID', value: '22' }]);
  expect(decodeDataSet(result, BIG_ENDIAN)).toEqual({ ReferencedStudySequence: [{ StudyID: '22' }], PatientID: '42' });
});

test.each([
  ['PatientNam'],
  ['RequestAttributesSequence[0]'],
  ['RequestAttributesSequence.PatientID'],
  ['RequestAttributesSequence[x].PatientID'],
  ['00020010'],
  ['00100000'],
  ['FFFEE000'],
  [''],
])('the path %j is rejected before anything is read', (at) => {
  expect(() => editDataSet([], EXPLICIT, [{ at, value: '' }])).toThrow(DataSetError);
});

test('a path that is given twice is rejected', () => {
  expect(() => editDataSet([], EXPLICIT, [{ at: 'PatientID', value: '1' }, { at: '00100020' }])).toThrow(
    'is changed twice',
  );
});

test('an edit of random data sets changes nothing else', async () => {
  let count = 0;
  const syntaxes = fc.constantFrom(IMPLICIT, EXPLICIT, BIG_ENDIAN);
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(parts, syntaxes, sizes, async (elements, syntax, some) => {
      const { isExplicit, littleEndian } = encodingOf(syntax);
      const bytes = encodedParts(elements, isExplicit, littleEndian);
      let decoded: Record<string, unknown>;
      try {
        decoded = decodeDataSet(bytes, syntax) as Record<string, unknown>;
      } catch {
        return;
      }
      // UN that is a sequence of the dictionary is entered, and must then be one, also if the element is repeated.
      if (/"tag":528656,"vr":"(?!SQ)/.test(JSON.stringify(elements))) return;
      count++;
      const result = decodeDataSet(
        await edited(
          bytes,
          syntax,
          [{ at: 'PatientID', value: 'new' }, { at: 'Rows' }],
          { remove: ({ tag }) => tag === 0x00091001 },
          some,
        ),
        syntax,
      );
      expect(result).toEqual({ ...pruned(decoded), PatientID: 'new' });
    }),
    { numRuns: 2000 },
  );
  expect(count).toBeGreaterThan(200);
});

/** Without Rows and Patient ID outside of sequences, and without (0009,1001) anywhere. */
function pruned(value: unknown, depth = 0): Record<string, unknown> {
  const removed = depth === 0 ? ['Rows', '00280010', 'PatientID', '00100020', '00091001'] : ['00091001'];
  return Object.fromEntries(
    Object.entries(value as object)
      .filter(([key]) => !removed.includes(key))
      .map(([key, one]) => [key, within(one, depth)]),
  );
}

function within(value: unknown, depth: number): unknown {
  if (Array.isArray(value)) return value.map((one) => (isItem(one) ? pruned(one, depth + 1) : one));
  if (isItem(value) && 'vr' in value && 'value' in value) return { ...value, value: within(value.value, depth) };
  return value;
}

function isItem(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array) && !Array.isArray(value);
}
