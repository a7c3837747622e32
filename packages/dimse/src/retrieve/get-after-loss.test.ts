// C-GET whose association is lost on an instance: the rest is retrieved instance by instance.

import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { afterEach, describe, expect, test } from 'vitest';
import { texts } from '../data-set/access.ts';
import type { UntypedDataSet } from '../data-set/dataset.ts';
import { RequestError } from '../message/errors.ts';
import { Status } from '../message/status.ts';
import { SopClass } from '../registry/uids.generated.ts';
import { patientRoot, studyRoot } from '../services/query-retrieve.ts';
import { storage } from '../services/storage.ts';
import { createScp } from '../session/scp.ts';
import { serve } from '../session/service-class.ts';
import type { RetrievableInstance } from '../store/instance-source.ts';
import { get } from './get-instances.ts';
import type { Retrieval } from './retrieval.ts';
import { performGet } from './retrieve.ts';

const closed: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closed.splice(0)) await close();
});

const COUNT = 20;
const SERIES = 4;
const uid = (number: number) => `1.2.3.${number}`;
const seriesOf = (number: number) => `1.2.${(number % SERIES) + 1}`;
const STUDY = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '1.2' };

interface Entry {
  readonly number: number;
  readonly sopClass: string;
}

/** An archive of one study that cannot send some instances: it loses the association in the middle of each. */
async function archive(bad: readonly number[], { canFind = true }: { readonly canFind?: boolean } = {}) {
  const gets: string[][] = [];
  let associations = 0;
  const entries = Array.from(
    { length: COUNT },
    (_, index): Entry => ({
      number: index + 1,
      sopClass: index % 3 === 0 ? SopClass.MRImageStorage : CT_IMAGE_STORAGE,
    }),
  );
  const instance = ({ number, sopClass }: Entry): RetrievableInstance => ({
    sopClass,
    sopInstance: uid(number),
    transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN,
    async open() {
      const bytes = syntheticDataSet({ sopClass, sopInstance: uid(number), pixelLength: 300_000 });
      if (!bad.includes(number)) return { source: bytes };
      let reads = 0;
      const readv = async (buffers: readonly Uint8Array[]) => {
        if (reads++ > 1) throw new Error('the disk is broken');
        return buffers.reduce((sum, { length }) => sum + length, 0);
      };
      return { source: { length: 4_000_000, readv } };
    },
  });
  const matching = (identifier: UntypedDataSet) => {
    const images = texts(identifier.SOPInstanceUID).filter((value) => value !== '');
    const series = texts(identifier.SeriesInstanceUID).filter((value) => value !== '');
    return entries.filter(
      ({ number }) =>
        (images.length === 0 || images.includes(uid(number))) &&
        (series.length === 0 || series.includes(seriesOf(number))),
    );
  };
  const find = async function* ({ identifier }: { readonly identifier: UntypedDataSet }) {
    const { QueryRetrieveLevel: level } = identifier;
    const found = matching(identifier);
    if (level === 'STUDY') yield { identifier: { StudyInstanceUID: '1.2' } };
    if (level === 'SERIES')
      for (const series of new Set(found.map(({ number }) => seriesOf(number))))
        yield { identifier: { SeriesInstanceUID: series } };
    if (level === 'IMAGE')
      for (const { number, sopClass } of found)
        yield { identifier: { SOPInstanceUID: uid(number), SOPClassUID: sopClass } };
  };
  const performing = {
    async *get({ identifier }: { readonly identifier: UntypedDataSet }, context: Parameters<typeof performGet>[1]) {
      const found = matching(identifier);
      gets.push(found.map(({ number }) => uid(number)));
      return yield* performGet(found.map(instance), context, { interval: 0 });
    },
    ...(canFind && { rawFind: find }),
  };
  const services = [studyRoot, patientRoot].map((model) => serve(model as typeof studyRoot, performing as never));
  const scp = createScp({ aeTitle: 'ARCHIVE', calls: [storage], services });
  scp.on('session', () => associations++);
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  closed.push(() => scp.close());
  const peer = { host: '127.0.0.1', port, callingAeTitle: 'ME', calledAeTitle: 'ARCHIVE' };
  return { peer, gets, associations: () => associations };
}

/** The instances that arrive whole. */
async function collected(retrieval: Retrieval): Promise<string[]> {
  const received: string[] = [];
  for await (const { sopInstance, data } of retrieval) {
    try {
      for await (const _ of data);
      received.push(sopInstance);
    } catch {
      // The association was lost.
    }
  }
  return received;
}

describe('an instance that the peer cannot send costs itself', () => {
  test.each([
    ['the first', [1]],
    ['the 5th and the 12th', [5, 12]],
    ['the last', [20]],
    ['two neighbours', [8, 9]],
  ])('%s of 20', async (_, bad) => {
    const { peer, gets, associations } = await archive(bad);
    const retrieval = get({ ...peer, identifier: STUDY });
    const received = await collected(retrieval);
    const expected = Array.from({ length: COUNT }, (_, index) => index + 1).filter((number) => !bad.includes(number));
    expect([...received].sort()).toEqual(expected.map(uid).sort());
    const failed = bad.map(uid);
    expect(retrieval.report).toMatchObject({ status: 0xb000, completed: COUNT - bad.length, failed: bad.length });
    expect([...retrieval.report.failedSopInstances].sort()).toEqual(failed.sort());
    // Each bad instance is requested alone, twice.
    for (const sopInstance of failed)
      expect(gets.filter(([first, ...more]) => first === sopInstance && more.length === 0)).toHaveLength(2);
    expect(associations()).toBeLessThanOrEqual(4 + 2 * bad.length);
  });
});

test('an identifier at patient or at image level is followed down', async () => {
  for (const [model, identifier] of [
    [patientRoot, { QueryRetrieveLevel: 'PATIENT', PatientID: 'P' }],
    [
      studyRoot,
      {
        QueryRetrieveLevel: 'IMAGE',
        StudyInstanceUID: '1.2',
        SeriesInstanceUID: seriesOf(4),
        SOPInstanceUID: [uid(4), uid(8)],
      },
    ],
  ] as const) {
    const { peer } = await archive([4]);
    const retrieval = get({ ...peer, identifier, model: model as typeof studyRoot });
    const received = await collected(retrieval);
    expect(received).not.toContain(uid(4));
    expect(received).toContain(uid(8));
    expect(retrieval.report).toMatchObject({ failed: 1, failedSopInstances: [uid(4)] });
  }
});

test('the loop ends with the loss if the peer does not support C-FIND', async () => {
  const { peer } = await archive([5], { canFind: false });
  const retrieval = get({ ...peer, identifier: STUDY });
  await expect(collected(retrieval)).rejects.toThrow(RequestError);
  expect(retrieval.report.completed).toBe(4);
});

test('the loop ends with the loss if nothing can be retrieved', async () => {
  const all = Array.from({ length: COUNT }, (_, index) => index + 1);
  const { peer, associations } = await archive(all);
  await expect(collected(get({ ...peer, identifier: STUDY }))).rejects.toThrow(RequestError);
  expect(associations()).toBeLessThanOrEqual(22);
});

test('an abort of the caller is not taken for a loss', async () => {
  const { peer, associations } = await archive([]);
  const controller = new AbortController();
  const retrieval = get({ ...peer, identifier: STUDY, signal: controller.signal });
  const reason = new Error('enough');
  const looping = (async () => {
    for await (const { status } of retrieval) {
      expect(status).toBe(Status.Success);
      controller.abort(reason);
    }
  })();
  await expect(looping).rejects.toBe(reason);
  // One for the query, and one for the retrieval.
  expect(associations()).toBe(2);
});
