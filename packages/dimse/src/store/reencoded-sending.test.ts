// Instances are re-encoded for peers that do not take their transfer syntax: C-STORE, C-MOVE and C-GET (PS3.5 §10.1).

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { syntheticDataSet } from '@x/testing/data-sets';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { decodeDataSet, encodeDataSet } from '../data-set/dataset.ts';
import { NoContextError } from '../message/errors.ts';
import { Status } from '../message/status.ts';
import { encodeFileMetaInformation } from '../part10/file-meta-information.ts';
import { SopClass, TransferSyntax } from '../registry/uids.generated.ts';
import { performGet, performMove } from '../retrieve/retrieve.ts';
import { studyRoot } from '../services/query-retrieve.ts';
import { storage } from '../services/storage.ts';
import { createScp } from '../session/scp.ts';
import { openSession } from '../session/scu.ts';
import { serve } from '../session/service-class.ts';
import type { InstanceSource } from './instance-source.ts';
import { storeInstances } from './store-instances.ts';

const IMPLICIT = TransferSyntax.ImplicitVRLittleEndian;
const EXPLICIT = TransferSyntax.ExplicitVRLittleEndian;
const BIG_ENDIAN = TransferSyntax.ExplicitVRBigEndian;
const DEFLATED = TransferSyntax.DeflatedExplicitVRLittleEndian;
const JPEG = TransferSyntax.JPEGBaseline8Bit;
const sopClass = SopClass.CTImageStorage;

const folder = mkdtempSync(join(tmpdir(), 'reencoded-'));
afterAll(() => rmSync(folder, { recursive: true }));
const closed: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closed.splice(0)) await close();
});

const explicit = syntheticDataSet({ sopClass, sopInstance: '1.2.3', pixelLength: 300_000 });
const values = decodeDataSet(explicit, EXPLICIT);

/** A peer that takes only these transfer syntaxes, and keeps the data of each instance. */
async function peerTaking(...transferSyntaxes: readonly string[]) {
  const stored: { readonly sopInstance: string; readonly transferSyntax: string; readonly bytes: Uint8Array }[] = [];
  const service = serve(
    storage,
    {
      async store({ sopInstance, transferSyntax, data }) {
        const chunks: Uint8Array[] = [];
        for await (const chunk of data) chunks.push(Uint8Array.from(chunk));
        stored.push({ sopInstance, transferSyntax, bytes: Buffer.concat(chunks) });
        return Status.Success;
      },
    },
    { transferSyntaxes },
  );
  const scp = createScp({ aeTitle: 'PEER', services: [service] });
  const { port } = await scp.listen({ host: '127.0.0.1', port: 0 });
  closed.push(() => scp.close());
  return { stored, service, address: { host: '127.0.0.1', port, callingAeTitle: 'ME', calledAeTitle: 'PEER' } };
}

async function sent(instances: readonly InstanceSource[], peer: Awaited<ReturnType<typeof peerTaking>>) {
  const outcomes = [];
  for await (const outcome of storeInstances(instances, peer.address)) outcomes.push(outcome);
  return outcomes;
}

const instanceIn = (transferSyntax: string, sopInstance = '1.2.3') => ({
  sopClass,
  sopInstance,
  transferSyntax,
  data: encodeDataSet({ ...values, SOPInstanceUID: sopInstance }, transferSyntax),
});

test.each([
  [EXPLICIT, IMPLICIT],
  [BIG_ENDIAN, IMPLICIT],
  [DEFLATED, IMPLICIT],
  [IMPLICIT, EXPLICIT],
  [BIG_ENDIAN, EXPLICIT],
  [DEFLATED, EXPLICIT],
])('an instance in %s is sent to a peer that takes %s only', async (from, to) => {
  const peer = await peerTaking(to);
  expect(await sent([instanceIn(from)], peer)).toMatchObject([
    { result: 'sent', transferSyntax: from, sentTransferSyntax: to },
  ]);
  expect(peer.stored).toMatchObject([{ sopInstance: '1.2.3', transferSyntax: to }]);
  expect(decodeDataSet(peer.stored[0]?.bytes as Uint8Array, to)).toEqual(values);
});

test('an instance is sent unchanged if the peer takes its transfer syntax', async () => {
  const peer = await peerTaking(IMPLICIT, EXPLICIT);
  await sent([{ sopClass, sopInstance: '1.2.3', transferSyntax: EXPLICIT, data: explicit }], peer);
  expect(peer.stored[0]?.transferSyntax).toBe(EXPLICIT);
  expect(Buffer.from(peer.stored[0]?.bytes as Uint8Array).equals(explicit)).toBe(true);
});

test('files are re-encoded as they are read, and a compressed one fails alone', async () => {
  const peer = await peerTaking(IMPLICIT);
  const paths = [EXPLICIT, BIG_ENDIAN, JPEG].map((transferSyntax, index) => {
    const path = join(folder, `${index}.dcm`);
    const sopInstance = `1.2.${index}`;
    const data = { ...values, SOPInstanceUID: sopInstance };
    const bytes = encodeDataSet(data, transferSyntax === JPEG ? EXPLICIT : transferSyntax);
    writeFileSync(path, Buffer.concat([encodeFileMetaInformation({ sopClass, sopInstance, transferSyntax }), bytes]));
    return path;
  });
  const outcomes = await sent(paths, peer);
  expect(outcomes.map(({ result }) => result).sort()).toEqual(['failed', 'sent', 'sent']);
  expect(outcomes.find(({ result }) => result === 'failed')?.error).toBeInstanceOf(NoContextError);
  expect(peer.stored.map(({ sopInstance }) => sopInstance).sort()).toEqual(['1.2.0', '1.2.1']);
});

test('an instance that turns out to be malformed fails alone', async () => {
  const peer = await peerTaking(IMPLICIT);
  const malformed = { sopClass, sopInstance: '1.2.9', transferSyntax: EXPLICIT, data: explicit.subarray(0, -10) };
  const outcomes = await sent([instanceIn(EXPLICIT, '1.2.1'), malformed, instanceIn(EXPLICIT, '1.2.2')], peer);
  expect(outcomes.map(({ sopInstance, result }) => [sopInstance, result]).sort()).toEqual([
    ['1.2.1', 'sent'],
    ['1.2.2', 'sent'],
    ['1.2.9', 'failed'],
  ]);
  expect(outcomes.find(({ result }) => result === 'failed')?.reason).toContain('is cut short');
});

test('a session re-encodes data of each kind of source', async () => {
  const peer = await peerTaking(IMPLICIT);
  const sends = [{ sopClass, transferSyntax: EXPLICIT }];
  const session = await openSession({ ...peer.address, services: [storage], sends });
  const positioned = {
    length: explicit.length,
    async readv([buffer]: readonly Uint8Array[], position: number) {
      const part = explicit.subarray(position, position + 1000);
      buffer?.set(part.subarray(0, buffer.length));
      return Math.min(part.length, buffer?.length ?? 0);
    },
  };
  async function* chunks() {
    for (let at = 0; at < explicit.length; at += 777) yield explicit.subarray(at, at + 777);
  }
  for (const data of [explicit, positioned, chunks()])
    await session.use(storage).store({ sopClass, sopInstance: '1.2.3', transferSyntax: EXPLICIT, data });
  await session.release();
  expect(peer.stored).toHaveLength(3);
  for (const { bytes } of peer.stored) expect(decodeDataSet(bytes, IMPLICIT)).toEqual(values);
});

describe('sub-operations', () => {
  test('of C-MOVE and of C-GET re-encode instances', async () => {
    const peer = await peerTaking(IMPLICIT);
    const retrievable = { ...instanceIn(BIG_ENDIAN), open: async () => ({ source: instanceIn(BIG_ENDIAN).data }) };
    const scp = createScp({
      aeTitle: 'ARCHIVE',
      calls: [storage],
      services: [
        serve(studyRoot, {
          get: (_, context) => performGet([retrievable], context),
          move: ({ destination }, context) => performMove([retrievable], destination, () => peer.address, context),
        }),
      ],
    });
    const { port } = await scp.listen({ host: '127.0.0.1', port: 0 });
    closed.push(() => scp.close());
    const session = await openSession({
      ...peer.address,
      port,
      calledAeTitle: 'ARCHIVE',
      services: [studyRoot],
      serves: [peer.service],
      contexts: [
        { abstractSyntax: SopClass.StudyRootQueryRetrieveInformationModelMove, transferSyntaxes: [IMPLICIT] },
        { abstractSyntax: SopClass.StudyRootQueryRetrieveInformationModelGet, transferSyntaxes: [IMPLICIT] },
        { abstractSyntax: sopClass, transferSyntaxes: [EXPLICIT], roles: { scu: false, scp: true } },
      ],
    });
    const identifier = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '1.2' };
    const moved = await session.use(studyRoot).move({ destination: 'PEER', identifier }).final;
    const got = await session.use(studyRoot).get({ identifier }).final;
    await session.release();
    expect([moved, got]).toMatchObject([{ completed: 1 }, { completed: 1 }]);
    expect(peer.stored.map(({ transferSyntax }) => transferSyntax)).toEqual([IMPLICIT, EXPLICIT]);
    for (const { bytes, transferSyntax } of peer.stored) expect(decodeDataSet(bytes, transferSyntax)).toEqual(values);
  });
});
