import { deflateRawSync } from 'node:zlib';
import { syntheticDataSet } from '@x/testing/data-sets';
import { describe, expect, test } from 'vitest';
import { DataSetInspector } from './data-set-inspector.ts';
import { uidValue } from './data-set-scanner.ts';

const DEFLATED = '1.2.840.10008.1.2.1.99';
const dataSet = syntheticDataSet({ sopInstance: '1.2.3', pixelLength: 300_000 });
const deflated = deflateRawSync(dataSet);

async function inspect(...chunks: readonly Uint8Array[]): Promise<string | undefined> {
  const inspector = new DataSetInspector(DEFLATED, { wanted: [0x00080018] });
  for (const chunk of chunks) await inspector.push(chunk);
  await inspector.end();
  return uidValue(inspector.values.get(0x00080018));
}

describe('a deflated data set', () => {
  test('is inflated as it comes', async () => {
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
  ])('%s is told', async (_, chunks) => {
    await expect(inspect(...chunks)).rejects.toMatchObject({ name: 'DataSetError' });
  });
});
