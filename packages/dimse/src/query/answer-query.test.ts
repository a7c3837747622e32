// The responses of a provider of queries whose items hold more than was requested, as a peer receives them.

import { spawnSync } from 'node:child_process';
import { encodeQueryOptions, encodeWorklistOptions } from '@x/net';
import { run } from '@x/testing/processes';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { text } from '../data-set/access.ts';
import type { UntypedDataSet } from '../data-set/data-set-values.ts';
import { Status } from '../message/status.ts';
import { patientRoot, studyRoot } from '../services/query-retrieve.ts';
import { unifiedProcedureStep } from '../services/unified-procedure-step.ts';
import { modalityWorklist } from '../services/worklist.ts';
import { createScp } from '../session/scp.ts';
import { type OpenSessionOptions, openSession } from '../session/scu.ts';
import { type Service, serve } from '../session/service-class.ts';
import { type AnswerQueryOptions, answerQuery, type QueryContext } from './answer-query.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

async function listen(...services: Service[]): Promise<number> {
  const scp = createScp({ aeTitle: 'RIS', services });
  cleanUp.push(() => scp.close());
  return (await scp.listen({ host: '127.0.0.1', port: 0 })).port;
}

type Found = {
  readonly found: readonly UntypedDataSet[];
  readonly statuses: readonly number[];
  readonly final: number;
};

/** Sends a query to a provider of these services. */
async function find(
  service: Service,
  identifier: UntypedDataSet,
  options: Partial<OpenSessionOptions> = {},
  sopClass?: string,
): Promise<Found> {
  const serviceClass = service.serviceClass as unknown as typeof modalityWorklist;
  const port = await listen(service);
  const peer = { host: '127.0.0.1', port, callingAeTitle: 'CT1', calledAeTitle: 'RIS', services: [serviceClass] };
  const session = await openSession({ ...peer, ...options });
  cleanUp.push(() => session.abort());
  const responses = session.use(serviceClass).find({ identifier, ...(sopClass && { sopClass }) } as never);
  const found: UntypedDataSet[] = [];
  const statuses: number[] = [];
  for await (const response of responses) {
    found.push(response.identifier ?? {});
    statuses.push(response.status);
  }
  return { found, statuses, final: (await responses.final).status };
}

const JANE = {
  PatientName: 'Doe^Jane',
  PatientID: '42',
  PatientBirthDate: '19700131',
  MedicalAlerts: 'HIV',
  '00091001': { vr: 'LO', value: 'private' },
  StudyInstanceUID: '1.2',
  ScheduledProcedureStepSequence: [
    { Modality: 'CT', ScheduledStationAETitle: 'CT1', ScheduledPerformingPhysicianName: 'Who^Doctor' },
  ],
};
const JOHN = { ...JANE, PatientName: 'Roe^John', PatientID: '43', MedicalAlerts: '', StudyInstanceUID: '1.3' };
const worklist = (items: Iterable<UntypedDataSet>, options?: AnswerQueryOptions) =>
  serve(modalityWorklist, { find: () => items }, options);

describe('a worklist provider of an array', () => {
  const hasFindscu = !spawnSync('findscu', ['--version']).error;
  if (!hasFindscu) process.stderr.write('findscu is not installed: its test is left out\n');
  test.runIf(hasFindscu || process.env.CI)('tells findscu -k PatientName the name only', async () => {
    const port = await listen(worklist([JANE]));
    const { stdout, stderr } = await run('findscu', ['-W', '-aec', 'RIS', '127.0.0.1', `${port}`, '-k', 'PatientName']);
    const tags = [...`${stdout}${stderr}`.matchAll(/\((\w{4},\w{4})\) \w\w \[/g)].map(([, tag]) => tag);
    expect([...new Set(tags)]).toEqual(['0010,0010']);
  });

  test('tells the requested attributes of the items that match', async () => {
    expect(await find(worklist([JANE, JOHN]), { PatientName: 'doe*', PatientSex: '' })).toEqual({
      found: [{ PatientName: { Alphabetic: 'Doe^Jane' }, PatientSex: '' }],
      statuses: [0xff00],
      final: 0,
    });
    const step = [{ Modality: 'CT' }];
    expect((await find(worklist([JANE, JOHN]), { ScheduledProcedureStepSequence: step })).found).toEqual([
      { ScheduledProcedureStepSequence: step },
      { ScheduledProcedureStepSequence: step },
    ]);
  });

  test.each<[string, UntypedDataSet]>([
    ['private attributes', { '00091001': { vr: 'LO', value: 'x' } }],
    ['attributes outside of their sequence', { Modality: 'MR' }],
    ['private attributes in sequences', { ScheduledProcedureStepSequence: [{ '00091001': { vr: 'LO', value: 'x' } }] }],
  ])('ignores unsupported keys with status FF01H: %s', async (_, keys) => {
    expect(await find(worklist([JANE]), { PatientID: '', ...keys })).toEqual({
      found: [{ PatientID: '42' }],
      statuses: [0xff01],
      final: 0,
    });
  });

  test('does not match attributes of other models, and returns them', async () => {
    const other = { ...JANE, StudyDescription: 'head', SeriesInstanceUID: '1.2.3' };
    const keys = { PatientID: '42', StudyDescription: 'foot', SeriesInstanceUID: '1.9', KVP: '120' };
    expect(await find(worklist([other, JOHN]), keys)).toMatchObject({
      found: [{ PatientID: '42', StudyDescription: 'head', SeriesInstanceUID: '1.2.3' }],
      statuses: [0xff01],
      final: 0,
    });
    expect((await find(worklist([other]), { PatientID: '42', StudyDescription: '' })).statuses).toEqual([0xff00]);
  });

  // Table K.6-1, with the modules that it includes.
  test.each<[string, UntypedDataSet]>([
    ['BarcodeValue', { BarcodeValue: 'A1' }],
    ['ScheduledSpecimenSequence', { ScheduledSpecimenSequence: [{ ContainerIdentifier: 'A1' }] }],
    ['PhysiciansOfRecord', { PhysiciansOfRecord: 'Who^Doctor' }],
    ['RequestedLateralityCodeSequence', { RequestedLateralityCodeSequence: [{ CodeValue: 'A1' }] }],
    ['IssuerOfAdmissionIDSequence', { IssuerOfAdmissionIDSequence: [{ LocalNamespaceEntityID: 'A1' }] }],
  ])('matches attributes of the model: %s', async (_, keys) => {
    const { found, statuses } = await find(worklist([{ ...JANE, ...keys }, JOHN]), { PatientID: '', ...keys });
    expect(found).toMatchObject([{ PatientID: '42' }]);
    expect(statuses).toEqual([0xff00]);
  });

  test('supports the private attributes that it names', async () => {
    const service = () => worklist([JANE], { supports: (keyword) => !keyword.startsWith('0011') });
    const key = (value: string) => ({ '00090010': 'ACME', '00091001': { vr: 'LO', value } });
    expect((await find(service(), key('private'))).found).toMatchObject([{ '00091001': JANE['00091001'] }]);
    expect((await find(service(), key('other'))).found).toEqual([]);
    expect((await find(service(), { PatientID: '', '00111001': { vr: 'LO', value: 'x' } })).statuses).toEqual([0xff01]);
  });

  test('answers more matches than its limit with A700H', async () => {
    const service = worklist([JANE, JOHN, JANE], { maximumMatches: 2 });
    await expect(find(service, { PatientID: '' })).rejects.toMatchObject({ status: 0xa700 });
    expect((await find(worklist([JANE, JOHN], { maximumMatches: 2 }), { PatientID: '' })).final).toBe(0);
  });

  test('cannot yield responses instead of items', async () => {
    await expect(find(worklist([{ identifier: JANE }]), { PatientID: '' })).rejects.toMatchObject({
      status: Status.ProcessingFailure,
    });
    expect(() => serve(modalityWorklist, { find: () => [], async *rawFind() {} })).toThrow(/either find or rawFind/);
  });

  test('yields anything by rawFind', async () => {
    const raw = serve(modalityWorklist, {
      async *rawFind() {
        yield { identifier: { PatientID: '42', PatientBirthDate: '19700131' } };
      },
    });
    expect((await find(raw, { PatientName: '' })).found).toEqual([{ PatientID: '42', PatientBirthDate: '19700131' }]);
  });
});

describe('a response', () => {
  const study = {
    ...{ PatientID: '42', StudyInstanceUID: '1', SeriesInstanceUID: '1.1', SOPInstanceUID: '1.1.1' },
    ...{ StudyDate: '20200102', StudyTime: '0430', StudyDescription: 'Head' },
  };
  const series = { QueryRetrieveLevel: 'SERIES', StudyInstanceUID: '1' };

  test('of the study root has its level, unique keys and Retrieve AE Title', async () => {
    expect((await find(serve(studyRoot, { find: () => [study] }), series)).found).toEqual([
      { ...series, SeriesInstanceUID: '1.1', RetrieveAETitle: ['RIS'] },
    ]);
    const { Find } = patientRoot.sopClasses;
    const patient = { QueryRetrieveLevel: 'STUDY', PatientID: '42' };
    const service = serve(patientRoot, { find: () => [study] }, { retrieveAeTitle: 'OTHER' });
    expect((await find(service, patient, {}, Find.uid)).found).toEqual([
      { ...patient, StudyInstanceUID: '1', RetrieveAETitle: ['OTHER'] },
    ]);
  });

  test('is limited with B001H in Query/Retrieve', async () => {
    const service = serve(studyRoot, { find: () => [study, study, study] }, { maximumMatches: 1 });
    expect(await find(service, series)).toMatchObject({ found: [{}], final: 0xb001 });
  });

  test('is A900H for a level without the unique keys above it', async () => {
    const service = () => serve(studyRoot, { find: () => [study] }, { relational: true });
    await expect(find(service(), { QueryRetrieveLevel: 'SERIES' })).rejects.toMatchObject({ status: 0xa900 });
    const extendedNegotiations = [
      { sopClassUid: studyRoot.sopClasses.Find.uid, applicationInformation: encodeQueryOptions({ relational: true }) },
    ];
    expect((await find(service(), { QueryRetrieveLevel: 'SERIES' }, { extendedNegotiations })).found).toHaveLength(1);
  });

  test('of a work item has its SOP Instance UID, and never the Transaction UID', async () => {
    const item = { SOPInstanceUID: '1.9', TransactionUID: '1.10', PatientID: '42', ProcedureStepLabel: 'X' };
    const service = serve(unifiedProcedureStep, { find: () => [item] });
    const keys = { ProcedureStepLabel: '', TransactionUID: '1.11' };
    expect(await find(service, keys, {}, unifiedProcedureStep.sopClasses.Query.uid)).toMatchObject({
      found: [{ SOPInstanceUID: '1.9', ProcedureStepLabel: 'X' }],
      statuses: [0xff01],
    });
  });

  describe('has the character set', () => {
    // biome-ignore format: a table reads as a table
    test.each<[string, string, string | string[] | undefined, unknown]>([
      ['of the default repertoire',              'Doe^Jane',          'ISO_IR 100',                undefined],
      ['of the request',                         'Buc^Jérôme',        'ISO_IR 100',                ['ISO_IR 100']],
      ['of the request, with code extensions',   'Yamada=山田^太郎',   ['', 'ISO 2022 IR 87'],      ['', 'ISO 2022 IR 87']],
      ['of the request in Chinese',              'Wang=王^小东',       'GB18030',                   ['GB18030']],
      ['of Unicode if a character does not fit', 'Люкceмбypг',        'ISO_IR 100',                ['ISO_IR 192']],
      ['of Unicode if the request has none',     'Buc^Jérôme',        undefined,                   ['ISO_IR 192']],
      ['of Unicode if it is unknown',            'Buc^Jérôme',        'ISO_IR 999',                ['ISO_IR 192']],
    ])('%s', async (_, PatientName, SpecificCharacterSet, expected) => {
      const item = { SpecificCharacterSet: 'ISO_IR 144', PatientName, PatientComments: 'ж' };
      const { found } = await find(worklist([item]), { SpecificCharacterSet, PatientName: '' });
      expect(found[0]?.SpecificCharacterSet).toEqual(expected);
      expect(text(found[0]?.PatientName)).toBe(PatientName);
    });
  });

  describe('of another time zone', () => {
    const item = { ...study, TimezoneOffsetFromUTC: '+0900' };
    const keys = { QueryRetrieveLevel: 'STUDY', TimezoneOffsetFromUTC: '+0000', StudyDate: '20200101', StudyTime: '' };
    const negotiated = (timezone: boolean) => ({
      extendedNegotiations: [
        { sopClassUid: studyRoot.sopClasses.Find.uid, applicationInformation: encodeQueryOptions({ timezone }) },
      ],
    });

    test('is adjusted if that was negotiated', async () => {
      const { found } = await find(serve(studyRoot, { find: () => [item] }), keys, negotiated(true));
      expect(found).toMatchObject([
        { TimezoneOffsetFromUTC: '+0000', StudyDate: '20200101', StudyTime: '1930', StudyInstanceUID: '1' },
      ]);
    });

    test('is as it is without negotiation, with its offset', async () => {
      const ask = { ...keys, StudyDate: '20200102' };
      const { found } = await find(serve(studyRoot, { find: () => [item] }), ask, negotiated(false));
      expect(found).toMatchObject([{ TimezoneOffsetFromUTC: '+0900', StudyDate: '20200102', StudyTime: '0430' }]);
      expect((await find(serve(studyRoot, { find: () => [item] }), keys)).found).toEqual([]);
    });
  });
});

describe('matching', () => {
  const negotiated = (options: Parameters<typeof encodeQueryOptions>[0]) => ({
    extendedNegotiations: [
      { sopClassUid: studyRoot.sopClasses.Find.uid, applicationInformation: encodeQueryOptions(options) },
    ],
  });
  const studies = [
    { StudyInstanceUID: '1', ModalitiesInStudy: ['CT', 'PT'], AccessionNumber: 'A1' },
    { StudyInstanceUID: '2', ModalitiesInStudy: ['CT'], AccessionNumber: '' },
  ];
  const uids = async (keys: UntypedDataSet, options: Partial<OpenSessionOptions>) => {
    const service = serve(studyRoot, { find: () => studies });
    const { found } = await find(service, { QueryRetrieveLevel: 'STUDY', ...keys }, options);
    return found.map(({ StudyInstanceUID }) => StudyInstanceUID);
  };

  test('of empty and multiple values is done as negotiated', async () => {
    expect(await uids({ AccessionNumber: '""' }, {})).toEqual([]);
    expect(await uids({ AccessionNumber: '""' }, negotiated({ emptyValue: true }))).toEqual(['2']);
    expect(await uids({ ModalitiesInStudy: ['CT', 'PT'] }, {})).toEqual(['1', '2']);
    expect(await uids({ ModalitiesInStudy: ['CT', 'PT'] }, negotiated({ multipleValue: true }))).toEqual(['1']);
  });

  test('of names is fuzzy if a worklist negotiates it', async () => {
    const applicationInformation = encodeWorklistOptions({ fuzzy: true });
    const extendedNegotiations = [{ sopClassUid: modalityWorklist.sopClasses.Find.uid, applicationInformation }];
    const keys = { PatientName: 'jane doe' };
    expect((await find(worklist([JANE]), keys)).found).toEqual([]);
    expect((await find(worklist([JANE]), keys, { extendedNegotiations })).found).toHaveLength(1);
  });

  test('can be narrowed down by the provider', async () => {
    const seen: unknown[] = [];
    const service = serve(studyRoot, {
      async find({ query: { level, keys, options } }) {
        seen.push(level, keys, options.fuzzy);
        return studies.slice(1);
      },
    });
    const keys = {
      StudyInstanceUID: '',
      AccessionNumber: '',
      RetrieveAETitle: '',
      '00091001': { vr: 'LO', value: 'x' },
    };
    await find(service, { QueryRetrieveLevel: 'STUDY', ...keys }, negotiated({ fuzzy: true }));
    expect(seen).toEqual(['STUDY', { StudyInstanceUID: '', AccessionNumber: '' }, true]);
  });
});

const request = { sopClass: modalityWorklist.sopClasses.Find.uid };
const contextOf = (signal: AbortSignal): QueryContext => ({
  signal,
  calledAeTitle: 'RIS',
  session: { association: { extendedNegotiations: new Map() } },
});

test('takes items one by one, and lets the provider clean up if the peer cancels', async () => {
  let [taken, isClosed] = [0, false];
  function* endless() {
    try {
      for (;;) {
        taken++;
        yield JANE;
      }
    } finally {
      isClosed = true;
    }
  }
  const controller = new AbortController();
  const identifier = { PatientID: '' };
  const answers = answerQuery(modalityWorklist, endless(), { ...request, identifier }, contextOf(controller.signal));
  for (let count = 1; count <= 3; count++) {
    await answers.next();
    expect(taken).toBe(count);
  }
  controller.abort();
  expect(await answers.next()).toEqual({ done: true, value: Status.Cancel });
  expect(isClosed).toBe(true);
});

test('takes turns of the event loop, and stops soon after a cancel, if nothing matches', async () => {
  let turns = 0;
  const controller = new AbortController();
  const turn = () => {
    if (++turns === 20) controller.abort();
    else setImmediate(turn);
  };
  function* endless() {
    for (;;) yield JANE;
  }
  setImmediate(turn);
  const identifier = { PatientID: 'nobody' };
  const answers = answerQuery(modalityWorklist, endless(), { ...request, identifier }, contextOf(controller.signal));
  expect(await answers.next()).toEqual({ done: true, value: Status.Cancel });
});

describe('no attribute leaves that was not requested or required', () => {
  const KEYWORDS = ['PatientName', 'PatientID', 'MedicalAlerts', 'StudyDate', 'CodeValue', '00091001', '00090010'];
  const SEQUENCES = ['ScheduledProcedureStepSequence', 'RequestedProcedureCodeSequence'];
  const { dataSet } = fc.letrec<{ dataSet: Record<string, unknown> }>((tie) => ({
    dataSet: fc
      .tuple(
        fc.dictionary(fc.constantFrom(...KEYWORDS), fc.constantFrom('', 'a', 'b', '*')),
        fc.dictionary(
          fc.constantFrom(...SEQUENCES, 'PatientID'),
          fc.oneof({ maxDepth: 3 }, fc.constant([]), fc.array(tie('dataSet'), { maxLength: 2 })),
        ),
      )
      .map(([plain, nested]) => ({ ...plain, ...nested })),
  }));

  /** The paths of the attributes, without the numbers of items. */
  function paths(dataSet: UntypedDataSet, above = ''): string[] {
    return Object.entries(dataSet).flatMap(([keyword, value]) => {
      const path = `${above}/${keyword}`;
      const within = Array.isArray(value) ? value : [];
      return [path, ...within.flatMap((item) => paths(item as UntypedDataSet, path))];
    });
  }

  /** Whether an identifier requests an attribute: by its path, or by a sequence above it whose key has no attributes. */
  function isRequested(path: string, identifier: UntypedDataSet): boolean {
    const [, keyword = '', ...rest] = path.split('/');
    if (!(keyword in identifier)) return false;
    const key = identifier[keyword];
    const [item] = Array.isArray(key) ? (key as UntypedDataSet[]) : [];
    if (rest.length === 0 || !item || Object.keys(item).length === 0) return true;
    return isRequested(['', ...rest].join('/'), item);
  }

  test('of any item, in sequences neither', async () => {
    await fc.assert(
      fc.asyncProperty(dataSet, fc.array(dataSet, { maxLength: 3 }), async (identifier, items) => {
        const options = { isMatched: true, supports: (keyword: string) => keyword !== 'MedicalAlerts' };
        const context = contextOf(new AbortController().signal);
        for await (const answer of answerQuery(modalityWorklist, items, { ...request, identifier }, context, options))
          for (const path of paths(answer.identifier)) {
            expect([path, isRequested(path, identifier)]).toEqual([path, true]);
            expect(path).not.toBe('/MedicalAlerts');
          }
      }),
      { numRuns: 500 },
    );
  });
});
