// C-GET of instances of every kind, from peers that do not transcode.

import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { afterEach, describe, expect, test } from 'vitest';
import { texts } from '../data-set/access.ts';
import { DimseError } from '../message/errors.ts';
import { Status } from '../message/status.ts';
import { FURTHER_STORAGE_SOP_CLASSES, SopClass, TransferSyntax } from '../registry/uids.generated.ts';
import { studyRoot } from '../services/query-retrieve.ts';
import { storage } from '../services/storage.ts';
import { createScp } from '../session/scp.ts';
import { serve } from '../session/service-class.ts';
import { get } from './get-instances.ts';
import type { GetOptions } from './get-options.ts';
import type { Retrieval } from './retrieval.ts';
import { performGet } from './retrieve.ts';
import { RETRIEVED_SOP_CLASSES, RETRIEVED_TRANSFER_SYNTAXES } from './retrieve-contexts.ts';

const closed: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closed.splice(0)) await close();
});

interface Kind {
  readonly sopClass: string;
  readonly transferSyntax: string;
}

interface Behaviour {
  /** What C-FIND tells of an instance beside its UID. */
  readonly tells?: 'everything' | 'classes' | 'instances' | 'nothing';
  /** Whether an instance without a context ends the retrieval with C000H. */
  readonly givesUp?: boolean;
  /** Whether instances without a context are not counted. */
  readonly isSilent?: boolean;
  /** Whether it sends every instance of a SOP class on the first context of the SOP class, or not at all. */
  readonly takesFirst?: boolean;
  /** SOP classes of which no context is accepted. */
  readonly refuses?: readonly string[];
}

const PRIVATE = '1.2.840.113619.4.26';
const STUDY = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '1.2' };
const kind = (sopClass: string, transferSyntax: string = EXPLICIT_VR_LITTLE_ENDIAN): Kind => ({
  sopClass,
  transferSyntax,
});
const uid = (index: number) => `1.2.3.${index}`;

/** An archive of one series with an instance of each kind. It sends instances only as they are. */
async function archive(kinds: readonly Kind[], behaviour: Behaviour = {}) {
  const { tells = 'everything', givesUp = false, isSilent = false, takesFirst = false, refuses = [] } = behaviour;
  const entries = kinds.map((each, index) => ({ ...each, sopInstance: uid(index) }));
  const instances = entries.map(({ sopClass, transferSyntax, sopInstance }) => ({
    ...{ sopClass, transferSyntax, sopInstance },
    data: () => syntheticDataSet({ sopClass, sopInstance, pixelLength: 100 }),
  }));
  const proposed: { readonly abstractSyntax: string; readonly transferSyntaxes: readonly string[] }[][] = [];
  let gets = 0;
  let queries = 0;
  const service = serve(studyRoot, {
    ...(tells !== 'nothing' && {
      async *rawFind({ identifier }: { readonly identifier: Readonly<Record<string, unknown>> }) {
        // Some archives give a series several times.
        if (identifier.QueryRetrieveLevel === 'SERIES')
          for (let time = 0; time < 3; time++) yield { identifier: { SeriesInstanceUID: '1.2.3' } };
        if (identifier.QueryRetrieveLevel !== 'IMAGE') return;
        queries++;
        for (const { sopClass, transferSyntax, sopInstance } of entries)
          yield {
            identifier: {
              SOPInstanceUID: sopInstance,
              ...(tells !== 'instances' && { SOPClassUID: sopClass }),
              ...(tells === 'everything' && { AvailableTransferSyntaxUID: transferSyntax }),
            },
          };
      },
    }),
    async *get(
      { identifier }: { readonly identifier: Readonly<Record<string, unknown>> },
      context: Parameters<typeof performGet>[1],
    ) {
      gets++;
      const wanted = texts(identifier.SOPInstanceUID);
      const found = instances.filter(({ sopInstance }) => wanted.length === 0 || wanted.includes(sopInstance));
      const contexts = [...context.session.association.contexts.values()];
      const fits = ({ sopClass, transferSyntax }: Kind) =>
        contexts.some((each) => each.abstractSyntax === sopClass && each.transferSyntax === transferSyntax);
      const end = givesUp ? found.findIndex((each) => !fits(each)) : -1;
      const sendable = isSilent ? found.filter(fits) : end < 0 ? found : found.slice(0, end);
      const isFirst = ({ sopClass, transferSyntax }: Kind) =>
        contexts.find(({ abstractSyntax }) => abstractSyntax === sopClass)?.transferSyntax === transferSyntax;
      const sent = sendable.map((each) =>
        takesFirst && !isFirst(each) ? { ...each, transferSyntax: '1.2.99' } : each,
      );
      const answer = yield* performGet(sent, context, { interval: 0 });
      if (end >= 0) throw new DimseError(Status.CannotUnderstand, { errorComment: 'no transcoding' });
      return answer;
    },
  } as never);
  const stored = serve(storage, { store: () => 0 }, { otherSopClasses: (sopClass) => !refuses.includes(sopClass) });
  const scp = createScp({ aeTitle: 'ARCHIVE', calls: [storage], services: [service, stored] });
  scp.on('session', ({ association }) => proposed.push([...association.request.presentationContexts]));
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  closed.push(() => scp.close());
  const peer = { host: '127.0.0.1', port, callingAeTitle: 'ME', calledAeTitle: 'ARCHIVE', identifier: STUDY };
  return { peer, proposed, gets: () => gets, queries: () => queries };
}

/** The UIDs of the instances that arrive, in their order. Each comes once. */
async function retrieved(retrieval: Retrieval): Promise<string[]> {
  const received: string[] = [];
  for await (const { sopInstance, data } of retrieval) {
    for await (const _ of data);
    received.push(sopInstance);
  }
  expect(new Set(received).size).toBe(received.length);
  return received.sort();
}

const uids = (count: number) => Array.from({ length: count }, (_, index) => uid(index)).sort();

/** Every transfer syntax, and some retired and private SOP classes. */
const EVERYTHING: readonly Kind[] = [
  ...RETRIEVED_TRANSFER_SYNTAXES.map((transferSyntax) => kind(SopClass.SecondaryCaptureImageStorage, transferSyntax)),
  kind(SopClass.UltrasoundImageStorageRetired),
  kind(SopClass.StandaloneCurveStorage),
  kind(SopClass.HardcopyGrayscaleImageStorage),
  kind(PRIVATE),
  kind(PRIVATE, '1.2.840.113619.5.2'),
];

test('the lists have all of PS3.6 that can be retrieved, the common ones first', () => {
  expect(RETRIEVED_SOP_CLASSES[0]).toBe(CT_IMAGE_STORAGE);
  expect(RETRIEVED_SOP_CLASSES).toEqual(expect.arrayContaining([...FURTHER_STORAGE_SOP_CLASSES]));
  expect(new Set(RETRIEVED_SOP_CLASSES).size).toBe(RETRIEVED_SOP_CLASSES.length);
  expect(RETRIEVED_TRANSFER_SYNTAXES.slice(0, 2)).toEqual([
    TransferSyntax.ExplicitVRLittleEndian,
    TransferSyntax.ImplicitVRLittleEndian,
  ]);
  expect(RETRIEVED_TRANSFER_SYNTAXES).toEqual(
    expect.arrayContaining([
      TransferSyntax.JPEGXL,
      TransferSyntax.HEVCMP51,
      TransferSyntax.DeflatedImageFrameCompression,
    ]),
  );
  // Acceptors that read 50 transfer syntaxes of a context are in use.
  expect(RETRIEVED_TRANSFER_SYNTAXES.length).toBeLessThanOrEqual(48);
});

describe('everything arrives', () => {
  test('on one association, if the peer tells the SOP classes and the transfer syntaxes', async () => {
    const { peer, proposed, gets, queries } = await archive(EVERYTHING);
    const retrieval = get(peer);
    expect(await retrieved(retrieval)).toEqual(uids(EVERYTHING.length));
    expect(retrieval.report).toMatchObject({ status: Status.Success, completed: EVERYTHING.length, failed: 0 });
    // One association for the query, and one for the retrieval.
    expect([queries(), gets(), proposed.length]).toEqual([1, 1, 2]);
  });

  test('on further associations, if the peer tells only the SOP classes', async () => {
    const { peer, proposed } = await archive(EVERYTHING, { tells: 'classes' });
    const retrieval = get(peer);
    expect(await retrieved(retrieval)).toEqual(uids(EVERYTHING.length - 1));
    expect(retrieval.report).toMatchObject({ status: 0xb000, completed: EVERYTHING.length - 1, failed: 1 });
    // The peer did not tell the private transfer syntax.
    const last = uid(EVERYTHING.length - 1);
    expect(retrieval.report.failedSopInstances).toEqual([last]);
    expect(proposed.length).toBeLessThanOrEqual(4);
    const again = get({ ...peer, furtherTransferSyntaxes: ['1.2.840.113619.5.2'] });
    expect(await retrieved(again)).toEqual(uids(EVERYTHING.length));
  });

  test.each<Behaviour>([
    { givesUp: true },
    { givesUp: true, tells: 'classes' },
    { isSilent: true, tells: 'classes' },
    { tells: 'instances' },
    { takesFirst: true },
  ])('from a peer with %j', async (behaviour) => {
    const syntaxes = [
      'ExplicitVRLittleEndian',
      'JPEGBaseline8Bit',
      'JPEG2000',
      'RLELossless',
      'ImplicitVRLittleEndian',
    ];
    const kinds = syntaxes.flatMap((name) => [
      kind(CT_IMAGE_STORAGE, TransferSyntax[name as keyof typeof TransferSyntax]),
      kind(SopClass.MRImageStorage, TransferSyntax[name as keyof typeof TransferSyntax]),
    ]);
    const { peer } = await archive([...kinds, kind(SopClass.UltrasoundImageStorageRetired)], behaviour);
    const retrieval = get(peer);
    expect(await retrieved(retrieval)).toEqual(uids(kinds.length + 1));
    expect(retrieval.report).toMatchObject({ status: Status.Success, completed: kinds.length + 1, failed: 0 });
  });

  test('from a peer without C-FIND, private SOP classes if they are named', async () => {
    const kinds = [...FURTHER_STORAGE_SOP_CLASSES, ...RETRIEVED_SOP_CLASSES.slice(-60), PRIVATE].map((each) =>
      kind(each),
    );
    const { peer, proposed } = await archive(kinds, { tells: 'nothing' });
    const retrieval = get({ ...peer, furtherSopClasses: [PRIVATE] });
    expect(await retrieved(retrieval)).toEqual(uids(kinds.length));
    for (const contexts of proposed) expect(contexts.length).toBeLessThanOrEqual(128);
    // The query, and all SOP classes on two associations.
    expect(proposed).toHaveLength(3);
  });

  test('from a peer without C-FIND, common transfer syntaxes of common SOP classes first', async () => {
    const kinds = RETRIEVED_TRANSFER_SYNTAXES.slice(0, 9).map((transferSyntax) =>
      kind(CT_IMAGE_STORAGE, transferSyntax),
    );
    const { peer, proposed } = await archive(kinds, { tells: 'nothing' });
    expect(await retrieved(get(peer))).toEqual(uids(kinds.length));
    expect(proposed.length).toBeLessThanOrEqual(4);
  });
});

describe('the report names whose limit it was:', () => {
  const failureOf = async (options: Partial<GetOptions>, kinds: readonly Kind[], behaviour: Behaviour = {}) => {
    const { peer, proposed } = await archive(kinds, behaviour);
    const retrieval = get({ ...peer, ...options } as GetOptions);
    await retrieved(retrieval);
    const { failures, failedSopInstances, unproposed } = retrieval.report;
    expect([...failures.keys()]).toEqual(failedSopInstances);
    return { failures: [...failures.values()], unproposed, associations: proposed.length };
  };

  test('ours, for a SOP class that the options leave out', async () => {
    const kinds = [kind(CT_IMAGE_STORAGE), kind(SopClass.MRImageStorage)];
    const sopClasses = [CT_IMAGE_STORAGE, ...Array.from({ length: 128 }, (_, index) => `1.2.4.${index}`)];
    const { failures } = await failureOf({ sopClasses }, kinds);
    expect(failures).toEqual([{ by: 'requestor', reason: 'we did not propose MR Image Storage' }]);
  });

  test('ours, for a transfer syntax that the options leave out', async () => {
    const kinds = [kind(CT_IMAGE_STORAGE), kind(CT_IMAGE_STORAGE, TransferSyntax.JPEGXL)];
    const { failures } = await failureOf({ transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN] }, kinds);
    expect(failures).toEqual([{ by: 'requestor', reason: 'we did not propose CT Image Storage in JPEG XL' }]);
  });

  test("the peer's, for a SOP class of which it accepts no context", async () => {
    const kinds = [kind(CT_IMAGE_STORAGE), kind(PRIVATE)];
    const { failures, associations } = await failureOf({}, kinds, { refuses: [PRIVATE] });
    expect(failures).toEqual([{ by: 'provider', reason: `the peer accepts no presentation context for ${PRIVATE}` }]);
    expect(associations).toBe(2);
  });

  test('ours, for the number of associations', async () => {
    const rare = RETRIEVED_SOP_CLASSES[200] as string;
    const kinds = RETRIEVED_TRANSFER_SYNTAXES.map((transferSyntax) => kind(rare, transferSyntax));
    const { peer, proposed } = await archive([kind(CT_IMAGE_STORAGE), ...kinds], { tells: 'nothing' });
    const retrieval = get({ ...peer, associations: 3 });
    expect((await retrieved(retrieval)).length).toBeGreaterThanOrEqual(2);
    expect(proposed).toHaveLength(4);
    expect(retrieval.report.unproposed).toBeGreaterThan(1000);
    expect(retrieval.report.failed).toBeGreaterThan(0);
  });
});

test.each([0, -1, 1.5, Number.NaN])('%d associations are rejected', (associations) => {
  const peer = { host: '127.0.0.1', port: 1, callingAeTitle: 'ME', calledAeTitle: 'A', identifier: STUDY };
  const iterating = async () => {
    for await (const _ of get({ ...peer, associations }));
  };
  return expect(iterating()).rejects.toThrow(RangeError);
});
