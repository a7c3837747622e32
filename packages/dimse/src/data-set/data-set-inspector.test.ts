import { deflateRawSync } from 'node:zlib';
import { syntheticDataSet } from '@x/testing/data-sets';
import { chunksOf, everySplit } from '@x/testing/rechunk';
import { describe, expect, test } from 'vitest';
import { TransferSyntax } from '../registry/uids.generated.ts';
import { DataSetInspector } from './data-set-inspector.ts';
import { uidValue } from './data-set-scanner.ts';
import { DATA_SET_TRANSFER_SYNTAXES, decodeDataSet, encodeDataSet } from './dataset.ts';

const DEFLATED = TransferSyntax.DeflatedExplicitVRLittleEndian;
const dataSet = syntheticDataSet({ sopInstance: '1.2.3', pixelLength: 300_000 });
const deflated = deflateRawSync(dataSet);

async function inspect(...chunks: readonly Uint8Array[]): Promise<string | undefined> {
  const inspector = new DataSetInspector(DEFLATED, { wanted: [0x00080018] });
  for (const chunk of chunks) await inspector.push(chunk);
  await inspector.end();
  return uidValue(inspector.values.get(0x00080018));
}

describe('a deflated data set', () => {
  test('is inflated as it arrives', async () => {
    expect(await inspect(...Array.from(deflated, (byte) => Uint8Array.of(byte)))).toBe('1.2.3');
    expect(await inspect(deflated)).toBe('1.2.3');
  });

  test('may be followed by padding, in the same chunk or later ones', async () => {
    expect(await inspect(Buffer.concat([deflated, Uint8Array.of(0)]))).toBe('1.2.3');
    expect(await inspect(deflated, Uint8Array.of(0))).toBe('1.2.3');
    expect(await inspect(Buffer.concat([deflated, new Uint8Array(9)]), new Uint8Array(9), new Uint8Array(9))).toBe(
      '1.2.3',
    );
  });

  test.each([
    ['that is none', [new Uint8Array(300).fill(0xff)]],
    ['that is none, in several chunks', Array.from({ length: 10 }, () => new Uint8Array(300).fill(0xff))],
    ['that is cut short', [deflated.subarray(0, -10)]],
    ['of nothing', []],
    ['whose contents are cut short', [deflateRawSync(dataSet.subarray(0, -1))]],
    ['whose contents are no data set', [deflateRawSync(new Uint8Array(1000).fill(0x41))]],
  ])('is rejected: %s', async (_, chunks) => {
    await expect(inspect(...chunks)).rejects.toMatchObject({ name: 'DataSetError' });
  });
});

describe('an extract', () => {
  const kept = {
    PatientID: '42',
    StudyDescription: '',
    RequestAttributesSequence: [{ ScheduledProcedureStepID: 'a' }, { ScheduledProcedureStepID: 'b' }],
  };
  const rest = { Modality: 'CT', PatientComments: 'c'.repeat(500), ProcedureCodeSequence: [{ CodeValue: 'x' }] };
  const extracted = [0x00081030, 0x00100020, 0x00400275];

  async function extract(syntax: string, chunks: Iterable<Uint8Array>, maximumExtractLength?: number) {
    const inspector = new DataSetInspector(syntax, {
      extracted,
      ...(maximumExtractLength !== undefined && { maximumExtractLength }),
    });
    for (const chunk of chunks) await inspector.push(chunk);
    await inspector.end();
    return decodeDataSet(inspector.extract, syntax === DEFLATED ? TransferSyntax.ExplicitVRLittleEndian : syntax);
  }

  test.each(DATA_SET_TRANSFER_SYNTAXES)('is a data set of the requested elements only, in %s', async (syntax) => {
    const whole = encodeDataSet({ ...kept, ...rest }, syntax);
    const expected = decodeDataSet(encodeDataSet(kept, syntax), syntax);
    for (const split of everySplit(whole)) expect(await extract(syntax, split)).toEqual(expected);
    expect(await extract(syntax, chunksOf(whole, 1))).toEqual(expected);
  });

  test('contains whole sequences of undefined length but no elements of other sequences', async () => {
    const item = 'feff00e0ffffffff 1000200004000000 61626364 feff0de000000000';
    const sequence = (tag: string) => `${tag}ffffffff ${item} ${item} feffdde000000000`;
    const hex = `${sequence('08001011')} 1000200002000000 3432 ${sequence('40007502')} 4000760200000000`;
    const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    for (const split of everySplit(bytes)) {
      const inspector = new DataSetInspector(TransferSyntax.ImplicitVRLittleEndian, { extracted });
      for (const chunk of split) inspector.push(chunk);
      await inspector.end();
      const expected = `1000200002000000 3432 ${sequence('40007502')}`.replaceAll(' ', '');
      expect(Buffer.from(inspector.extract).toString('hex')).toBe(expected);
    }
  });

  test('omits elements that would exceed its maximum length', async () => {
    const syntax = TransferSyntax.ImplicitVRLittleEndian;
    const whole = encodeDataSet({ ...kept, ...rest, StudyDescription: 'd'.repeat(60) }, syntax);
    for (const split of everySplit(whole)) expect(await extract(syntax, split, 30)).toEqual({ PatientID: '42' });
  });
});

test('stops inflating at the limit', async () => {
  const bytes = deflateRawSync(
    encodeDataSet({ PatientComments: 'x'.repeat(8 * 1024 * 1024) }, TransferSyntax.ExplicitVRLittleEndian),
  );
  const inspect = async (maximumInflatedLength: number) => {
    const inspector = new DataSetInspector(TransferSyntax.DeflatedExplicitVRLittleEndian, { maximumInflatedLength });
    await inspector.push(bytes);
    await inspector.end();
  };
  await inspect(9 * 1024 * 1024);
  await expect(inspect(1024 * 1024)).rejects.toMatchObject({ code: 'DATA_SET_LIMIT', limit: 'maximumInflatedLength' });
});
