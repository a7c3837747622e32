import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@x/cli/program';
import {
  encodeDataSet,
  modalityPerformedProcedureStep,
  modalityWorklist,
  openSession,
  type Session,
  TransferSyntax,
  type UntypedDataSet,
} from '@x/dimse';
import { encodeFileMetaInformation, toDicomJson } from '@x/dimse/data-set';
import { PerformedProcedureStepUser } from '@x/dimse/workflow';
import { encodeWorklistOptions } from '@x/net';
import { type RunningScp, startScp } from '@x/testing/processes';
import { runInProcess } from '@x/testing/run-in-process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keptIn } from '../../test/world.ts';
import { scpProgram } from '../program.ts';

/** Runs the program in this process to its end. */
const runScp = (...argv: readonly string[]) => runInProcess((context) => runProgram(scpProgram(), context), argv);

const EXPLICIT = TransferSyntax.ExplicitVRLittleEndian;
const { Find } = modalityWorklist.sopClasses;

let folder: string;
let worklist: string;
let archive: RunningScp | undefined;
const sessions: Session[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'worklist-'));
  // As people complete it.
  worklist = `${join(folder, 'items')}/`;
  mkdirSync(worklist);
});
afterEach(async () => {
  for (const session of sessions.splice(0)) session.abort();
  await archive?.stop('SIGKILL');
  archive = undefined;
  rmSync(folder, { recursive: true });
});

const item = (study: string, step: UntypedDataSet = {}, rest: UntypedDataSet = {}): UntypedDataSet => ({
  AccessionNumber: `A${study}`,
  PatientName: 'Doe^Jane',
  PatientID: 'P1',
  StudyInstanceUID: study,
  RequestedProcedureID: `R${study}`,
  ...rest,
  ScheduledProcedureStepSequence: [
    {
      Modality: 'CT',
      ScheduledStationAETitle: 'CT1',
      ScheduledProcedureStepStartDate: '20260105',
      ScheduledProcedureStepStartTime: '1000',
      ScheduledPerformingPhysicianName: 'Who^Doctor',
      ScheduledProcedureStepDescription: 'Head',
      ScheduledProcedureStepID: `S${study}`,
      ...step,
    },
  ],
});

const asJson = (...items: readonly UntypedDataSet[]) => JSON.stringify(items.map((one) => toDicomJson(one)));

function asDicomFile(dataSet: UntypedDataSet): Buffer {
  const meta = encodeFileMetaInformation({ sopClass: Find.uid, sopInstance: '1.2.3', transferSyntax: EXPLICIT });
  return Buffer.concat([meta, encodeDataSet(dataSet, EXPLICIT)]);
}

async function start(...args: readonly string[]): Promise<void> {
  archive = await startScp([...keptIn(join(folder, 'data')), '--worklist', worklist, ...args]);
}

async function connect(called = 'DIMSE', options: object = {}): Promise<Session> {
  const session = await openSession({
    host: '127.0.0.1',
    port: archive?.port ?? 0,
    callingAeTitle: 'CT1',
    calledAeTitle: called,
    services: [modalityWorklist, modalityPerformedProcedureStep],
    ...options,
  });
  sessions.push(session);
  return session;
}

async function find(identifier: UntypedDataSet, session?: Session): Promise<UntypedDataSet[]> {
  const found: UntypedDataSet[] = [];
  for await (const match of (session ?? (await connect())).use(modalityWorklist).find({ identifier }))
    found.push(match.identifier ?? {});
  return found;
}

const studies = async (identifier: UntypedDataSet, session?: Session) =>
  (await find({ StudyInstanceUID: '', ...identifier }, session)).map((one) => one.StudyInstanceUID).sort();

const ofStep = (step: UntypedDataSet): UntypedDataSet => ({ ScheduledProcedureStepSequence: [step] });

describe('a query', () => {
  beforeEach(async () => {
    writeFileSync(join(worklist, 'one.wl'), asDicomFile(item('1.1')));
    writeFileSync(
      join(worklist, 'two.json'),
      asJson(
        item('1.2', { Modality: 'MR', ScheduledProcedureStepStartTime: '1800', ScheduledStationAETitle: 'MR1' }),
        item(
          '1.3',
          { ScheduledProcedureStepStartDate: '20260107', ScheduledProcedureStepStartTime: '0900' },
          {
            PatientName: 'Yamada^Tarou=山田^太郎',
            PatientID: 'P3',
          },
        ),
      ),
    );
    writeFileSync(join(worklist, 'broken.wl'), 'no DICOM');
    writeFileSync(join(worklist, 'broken.json'), '{');
    writeFileSync(join(worklist, 'nothing.json'), asJson({ PatientID: 'P9' }));
    writeFileSync(join(worklist, 'lockfile'), '');
    await start();
  });

  test('supports all kinds of matching and returns the requested attributes', async () => {
    const session = await connect();
    const expected: readonly (readonly [UntypedDataSet, readonly string[]])[] = [
      [{}, ['1.1', '1.2', '1.3']],
      // Universal.
      [{ PatientName: '', ...ofStep({ Modality: '' }) }, ['1.1', '1.2', '1.3']],
      [ofStep({}), ['1.1', '1.2', '1.3']],
      // Single value.
      [{ PatientID: 'P3' }, ['1.3']],
      [ofStep({ Modality: 'MR' }), ['1.2']],
      [ofStep({ ScheduledStationAETitle: 'CT1', Modality: 'CT' }), ['1.1', '1.3']],
      [ofStep({ ScheduledStationAETitle: 'CT1', Modality: 'MR' }), []],
      [ofStep({ ScheduledProcedureStepStartDate: '20260105' }), ['1.1', '1.2']],
      // List of UID.
      [{ StudyInstanceUID: ['1.1', '1.3', '1.9'] }, ['1.1', '1.3']],
      // Wild card.
      [{ PatientName: 'doe*' }, ['1.1', '1.2']],
      [{ PatientName: '*太郎' }, ['1.3']],
      [ofStep({ ScheduledPerformingPhysicianName: 'W?o*' }), ['1.1', '1.2', '1.3']],
      [{ RequestedProcedureDescription: '*' }, ['1.1', '1.2', '1.3']],
      [{ RequestedProcedureDescription: 'x*' }, []],
      // Range.
      [ofStep({ ScheduledProcedureStepStartDate: '20260106-' }), ['1.3']],
      [ofStep({ ScheduledProcedureStepStartTime: '0930-1030' }), ['1.1']],
      // Date and time together are one range: Table K.6-1.
      [
        ofStep({ ScheduledProcedureStepStartDate: '20260105-20260107', ScheduledProcedureStepStartTime: '1200-0930' }),
        ['1.2', '1.3'],
      ],
      // Numbers in binary are answered, not matched: 0 stands for no value with some.
      [{ PregnancyStatus: 0, PatientID: 'P1' }, ['1.1', '1.2']],
      // Attributes that are never matched.
      [{ SpecificCharacterSet: 'ISO_IR 100', TimezoneOffsetFromUTC: '+0100', PatientID: 'P1' }, ['1.1', '1.2']],
    ];
    for (const [identifier, uids] of expected)
      expect([identifier, await studies(identifier, session)]).toEqual([identifier, uids]);

    const keys = {
      PatientName: 'Yamada*',
      PatientSex: '',
      ...ofStep({ Modality: '', ScheduledProcedureStepStatus: '' }),
    };
    expect(await find({ ...keys, TimezoneOffsetFromUTC: '+0100' }, session)).toEqual([
      {
        SpecificCharacterSet: ['ISO_IR 192'],
        PatientName: { Alphabetic: 'Yamada^Tarou', Ideographic: '山田^太郎' },
        PatientSex: '',
        ScheduledProcedureStepSequence: [{ Modality: 'CT', ScheduledProcedureStepStatus: 'SCHEDULED' }],
      },
    ]);
    // A sequence without items asks for all of it.
    const [whole] = await find({ StudyInstanceUID: '1.1', ScheduledProcedureStepSequence: [] }, session);
    expect(whole?.ScheduledProcedureStepSequence).toMatchObject([{ ScheduledProcedureStepDescription: 'Head' }]);
  });

  test('matches names fuzzily if that was negotiated', async () => {
    expect(await studies({ PatientName: 'tarou yam' })).toEqual([]);
    const extendedNegotiations = [
      { sopClassUid: Find.uid, applicationInformation: encodeWorklistOptions({ fuzzy: true }) },
    ];
    const session = await connect('DIMSE', { extendedNegotiations });
    expect(await studies({ PatientName: 'tarou yam' }, session)).toEqual(['1.3']);
  });

  test('ignores broken files and logs them', async () => {
    expect(archive?.stderr()).toMatch(/broken\.wl: not a worklist item: /);
    expect(archive?.stderr()).toMatch(/broken\.json: not a worklist item: /);
    expect(archive?.stderr()).toMatch(/nothing\.json: not a worklist item: has no Scheduled Procedure Step Sequence/);
    expect(archive?.stderr()).not.toContain('lockfile');
  });
});

const eventually = (look: () => Promise<unknown>, expected: unknown) =>
  expect.poll(look, { timeout: 10_000, interval: 50 }).toEqual(expected);

test('follows new, changed, broken, moved and removed files', async () => {
  await start();
  const session = await connect();
  const look = () => studies({}, session);
  expect(await look()).toEqual([]);
  writeFileSync(join(worklist, 'a.json'), asJson(item('1.1')));
  await eventually(look, ['1.1']);
  writeFileSync(join(worklist, 'a.json'), asJson(item('1.1'), item('1.2')));
  await eventually(look, ['1.1', '1.2']);
  writeFileSync(join(worklist, 'a.json'), '{');
  await eventually(look, []);
  writeFileSync(join(worklist, 'part'), asJson(item('1.3')));
  renameSync(join(worklist, 'part'), join(worklist, 'a.json'));
  await eventually(look, ['1.3']);
  mkdirSync(join(worklist, 'DIMSE'));
  writeFileSync(join(worklist, 'DIMSE', 'b.json'), asJson(item('1.4')));
  await eventually(look, ['1.3', '1.4']);
  writeFileSync(join(worklist, 'DIMSE', 'c.wl'), asDicomFile(item('1.5')));
  await eventually(look, ['1.3', '1.4', '1.5']);
  rmSync(join(worklist, 'a.json'));
  await eventually(look, ['1.4', '1.5']);
  rmSync(join(worklist, 'DIMSE'), { recursive: true });
  await eventually(look, []);
});

test('returns items in a subfolder only for that called AE title', async () => {
  mkdirSync(join(worklist, 'OTHER'));
  writeFileSync(join(worklist, 'OTHER', 'a.wl'), asDicomFile(item('1.1')));
  writeFileSync(join(worklist, 'b.wl'), asDicomFile(item('1.2')));
  await start('--promiscuous-called');
  expect(await studies({}, await connect('DIMSE'))).toEqual(['1.2']);
  expect(await studies({}, await connect('OTHER'))).toEqual(['1.1', '1.2']);
});

describe('a performed procedure step', () => {
  const scheduled = (study: string): UntypedDataSet => ({
    StudyInstanceUID: study,
    ReferencedStudySequence: [],
    AccessionNumber: '',
    RequestedProcedureID: '',
    RequestedProcedureDescription: '',
    ScheduledProcedureStepID: `S${study}`,
    ScheduledProcedureStepDescription: '',
    ScheduledProtocolCodeSequence: [],
  });
  const begin = (session: Session, ...studies: readonly string[]) =>
    new PerformedProcedureStepUser().begin(session, {
      ScheduledStepAttributesSequence: studies.map(scheduled),
      PerformedProcedureStepID: 'X1',
      PerformedStationAETitle: 'CT1',
      PerformedProcedureStepStartDate: '20260105',
      PerformedProcedureStepStartTime: '1005',
      Modality: 'CT',
    });
  const end: UntypedDataSet = {
    PerformedProcedureStepEndDate: '20260105',
    PerformedProcedureStepEndTime: '1010',
    PerformedSeriesSequence: [
      {
        PerformingPhysicianName: '',
        ProtocolName: 'HEAD',
        OperatorsName: '',
        SeriesInstanceUID: '1.1.1',
        SeriesDescription: '',
        RetrieveAETitle: '',
        ReferencedImageSequence: [],
        ReferencedNonImageCompositeSOPInstanceSequence: [],
      },
    ],
  };
  const statuses = async (session: Session) =>
    Object.fromEntries(
      (await find({ StudyInstanceUID: '', ...ofStep({ ScheduledProcedureStepStatus: '' }) }, session)).map((one) => [
        one.StudyInstanceUID,
        (one.ScheduledProcedureStepSequence as UntypedDataSet[])[0]?.ScheduledProcedureStepStatus,
      ]),
    );

  test('sets the status of the scheduled steps, also across a restart', async () => {
    writeFileSync(
      join(worklist, 'a.json'),
      asJson(item('1.1'), item('1.2'), item('1.3', { ScheduledProcedureStepStatus: 'ARRIVED' })),
    );
    await start();
    let session = await connect();
    expect(await statuses(session)).toEqual({ '1.1': 'SCHEDULED', '1.2': 'SCHEDULED', '1.3': 'ARRIVED' });
    const both = await begin(session, '1.1', '1.3');
    expect(await statuses(session)).toEqual({ '1.1': 'STARTED', '1.2': 'SCHEDULED', '1.3': 'STARTED' });
    // Those that are to be done are asked for by their status.
    expect(await studies(ofStep({ ScheduledProcedureStepStatus: 'SCHEDULED' }), session)).toEqual(['1.2']);
    const again = await begin(session, '1.1');
    await again.complete(session, end);
    expect(await statuses(session)).toEqual({ '1.1': 'STARTED', '1.2': 'SCHEDULED', '1.3': 'STARTED' });
    await both.discontinue(session, end);
    const last = { '1.1': 'DISCONTINUED', '1.2': 'SCHEDULED', '1.3': 'DISCONTINUED' };
    expect(await statuses(session)).toEqual(last);
    await archive?.stop('SIGKILL');
    await start();
    session = await connect();
    expect(await statuses(session)).toEqual(last);
    // An item that comes later has its status, too.
    await (await begin(session, '1.4')).complete(session, end);
    writeFileSync(join(worklist, 'b.json'), asJson(item('1.4')));
    await eventually(() => statuses(session), { ...last, '1.4': 'COMPLETED' });
  });
});

test('reports a missing folder in one line with exit code 2', async () => {
  const outcome = await runScp(...keptIn(join(folder, 'data')), '--worklist', join(folder, 'none'));
  expect(outcome).toMatchObject({ exitCode: 2, stdout: '' });
  expect(outcome.stderr).toMatch(/^dimse-scp: the worklist folder .*none cannot be read: [^\n]+\n$/);
});

test('does not provide a worklist without a folder', async () => {
  archive = await startScp([...keptIn(join(folder, 'data'))]);
  await expect(find({})).rejects.toMatchObject({ name: 'NoContextError' });
});
