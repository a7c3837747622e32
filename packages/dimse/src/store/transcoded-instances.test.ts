// Instances in transfer syntaxes that the peer refuses: sent in another one if a transcoder is given.

import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { encodeFrame, gray8, imageOf } from '../../test/codec-modules.ts';
import { decodeDataSet, encodeDataSet } from '../data-set/dataset.ts';
import { createDecompressor } from '../pixel-data/decompressor.ts';
import { SopClass, TransferSyntax } from '../registry/uids.generated.ts';
import { storage } from '../services/storage.ts';
import { createScp } from '../session/scp.ts';
import { serve } from '../session/service-class.ts';
import type { InstanceData } from './instance-source.ts';
import { storeInstances } from './store-instances.ts';
import type { StoreOutcome } from './store-outcome.ts';
import { storeReportLine } from './store-report.ts';

const { ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEGLSLossless } = TransferSyntax;
const transcoder = createDecompressor({ threads: 1 });
afterAll(() => transcoder[Symbol.asyncDispose]());
const closed: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closed.splice(0)) await close();
});

interface Received {
  readonly sopInstance: string;
  readonly transferSyntax: string;
  readonly bytes: Buffer;
}

/** A provider that takes these transfer syntaxes only. */
async function provider(...transferSyntaxes: string[]) {
  const received: Received[] = [];
  let associations = 0;
  const scp = createScp({
    aeTitle: 'ARCHIVE',
    services: [
      serve(
        storage,
        {
          async store({ sopInstance, transferSyntax, data }) {
            const parts: Uint8Array[] = [];
            for await (const part of data) parts.push(part.slice());
            received.push({ sopInstance, transferSyntax, bytes: Buffer.concat(parts) });
            return 0;
          },
        },
        { transferSyntaxes },
      ),
    ],
  });
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  closed.push(() => scp.close());
  const options = {
    host: '127.0.0.1',
    port,
    callingAeTitle: 'MODALITY',
    calledAeTitle: 'ARCHIVE',
    onSession: () => {
      associations++;
    },
  };
  return { received, options, associations: () => associations };
}

const image = imageOf(gray8);

async function compressed(sopInstance: string, change = (frame: Uint8Array) => frame): Promise<InstanceData> {
  const frame = change(await encodeFrame('jpeg-ls', image, gray8));
  const attributes = {
    SOPClassUID: SopClass.SecondaryCaptureImageStorage,
    SOPInstanceUID: sopInstance,
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    Rows: gray8.rows,
    Columns: gray8.columns,
    BitsAllocated: 8,
    BitsStored: 8,
    HighBit: 7,
    PixelRepresentation: 0,
  };
  const header = Buffer.from('e07f10004f420000fffffffffeff00e000000000feff00e000000000', 'hex');
  const padded = Buffer.concat([frame, Buffer.alloc(frame.length % 2)]);
  header.writeUInt32LE(padded.length, header.length - 4);
  const data = Buffer.concat([
    encodeDataSet(attributes, ExplicitVRLittleEndian),
    header,
    padded,
    Buffer.from('feffdde000000000', 'hex'),
  ]);
  return { sopClass: SopClass.SecondaryCaptureImageStorage, sopInstance, transferSyntax: JPEGLSLossless, data };
}

async function sent(instances: InstanceData[], options: Parameters<typeof storeInstances>[1]): Promise<StoreOutcome[]> {
  const outcomes: StoreOutcome[] = [];
  for await (const outcome of storeInstances(instances, options)) outcomes.push(outcome);
  return outcomes;
}

describe('an instance that is compressed', () => {
  test.each([
    ['Explicit VR Little Endian', ExplicitVRLittleEndian],
    ['Implicit VR Little Endian', ImplicitVRLittleEndian],
  ])('is decompressed for a peer that takes %s only, and the outcome says so', async (_, transferSyntax) => {
    const peer = await provider(transferSyntax);
    const [outcome] = await sent([await compressed('1.2.3')], { ...peer.options, transcoder });
    expect(outcome).toMatchObject({
      result: 'sent',
      sentTransferSyntax: transferSyntax,
      transferSyntax: JPEGLSLossless,
    });
    expect(storeReportLine(outcome as StoreOutcome)).toMatchObject({ sentTransferSyntax: transferSyntax });
    const [{ bytes, ...rest }] = peer.received as [Received];
    expect(rest).toEqual({ sopInstance: '1.2.3', transferSyntax });
    const { PixelData } = decodeDataSet(bytes, transferSyntax);
    expect(
      Buffer.from(PixelData as Uint8Array)
        .subarray(0, image.length)
        .equals(image),
    ).toBe(true);
  });

  test('is sent as it is if the peer takes it', async () => {
    const peer = await provider(ExplicitVRLittleEndian, JPEGLSLossless);
    const instance = await compressed('1.2.3');
    const [outcome] = await sent([instance], { ...peer.options, transcoder });
    expect(outcome).toMatchObject({ result: 'sent' });
    expect(outcome).not.toHaveProperty('sentTransferSyntax');
    expect(peer.received[0]?.bytes.equals(instance.data as Uint8Array)).toBe(true);
  });

  test('fails if no transcoder is given', async () => {
    const peer = await provider(ExplicitVRLittleEndian);
    const [outcome] = await sent([await compressed('1.2.3')], peer.options);
    expect(outcome).toMatchObject({ result: 'failed' });
  });

  test('fails alone if its frame is damaged: the association lasts', async () => {
    const peer = await provider(ExplicitVRLittleEndian);
    const instances = [
      await compressed('1.2.1'),
      await compressed('1.2.2', (frame) => frame.subarray(0, 100)),
      await compressed('1.2.3'),
    ];
    const outcomes = await sent(instances, { ...peer.options, transcoder });
    expect(outcomes.map(({ result, reason = '' }) => `${result} ${reason}`.trim())).toEqual([
      'sent',
      'failed frame 1: is cut short: the marker of its end is missing',
      'sent',
    ]);
    expect(peer.associations()).toBe(1);
  });
});
