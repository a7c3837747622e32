// HTJ2K of encoders that share nothing with the decoder: the images of lossless frames come out bit for bit.

import { afterAll, expect, test } from 'vitest';
import { imageOf } from '../../test/codec-modules.ts';
import { IRREVERSIBLE, REVERSIBLE } from '../../test/htj2k-codestreams.ts';
import { TransferSyntax } from '../registry/uids.generated.ts';
import { createPixelDataCodec } from './pixel-data-codec.ts';
import type { PixelFormat } from './pixel-format.ts';

const codec = createPixelDataCodec({ threads: 1 });
afterAll(() => codec[Symbol.asyncDispose]());

const decode = (base64: string, format: PixelFormat, transferSyntax: string) =>
  codec.decode({ bytes: new Uint8Array(Buffer.from(base64, 'base64')), format }, transferSyntax);

function samplesOf(bytes: Uint8Array, { bitsAllocated, pixelRepresentation }: PixelFormat): number[] {
  const { buffer } = bytes.slice();
  if (bitsAllocated === 8) return [...(pixelRepresentation === 1 ? new Int8Array(buffer) : new Uint8Array(buffer))];
  return [...(pixelRepresentation === 1 ? new Int16Array(buffer) : new Uint16Array(buffer))];
}

test.each(REVERSIBLE)('a lossless frame of %s is decoded as it was: %s', async (_, __, format, base64) => {
  const image = samplesOf(imageOf(format), format);
  for (const transferSyntax of [TransferSyntax.HTJ2KLossless, TransferSyntax.HTJ2KLosslessRPCL])
    expect(samplesOf(await decode(base64, format, transferSyntax), format)).toEqual(image);
});

test.each(IRREVERSIBLE)('each sample of a lossy frame of %s is within 2 of the referee: %s', async (...row) => {
  const [, , format, base64, decoded] = row;
  const found = samplesOf(await decode(base64, format, TransferSyntax.HTJ2K), format);
  const expected = samplesOf(new Uint8Array(Buffer.from(decoded, 'base64')), format);
  expect(found).toHaveLength(expected.length);
  expect(Math.max(...found.map((sample, at) => Math.abs(sample - (expected[at] as number))))).toBeLessThanOrEqual(2);
});
