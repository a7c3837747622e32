// Performed procedure steps and notifications of availability, by a running archive.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@x/cli/program';
import {
  createScp,
  instanceAvailabilityNotification,
  MAY_NO_LONGER_BE_UPDATED,
  modalityPerformedProcedureStep,
  openSession,
  type Scp,
  type Session,
  SopClass,
  Status,
  serve,
  type UntypedDataSet,
} from '@x/dimse';
import { PerformedProcedureStepUser } from '@x/dimse/workflow';
import { type RunningScp, startScp } from '@x/testing/processes';
import { runInProcess } from '@x/testing/run-in-process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isSharedWorld, keptIn } from '../../test/world.ts';
import { scpProgram } from '../program.ts';

/** Runs the program in this process to its end. */
const runScp = (...argv: readonly string[]) => runInProcess((context) => runProgram(scpProgram(), context), argv);

let folder: string;
let archive: RunningScp | undefined;
let peer: Scp | undefined;
const sessions: Session[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'procedure-steps-'));
});
afterEach(async () => {
  for (const session of sessions.splice(0)) session.abort();
  await peer?.close();
  peer = undefined;
  await kill();
  rmSync(folder, { recursive: true });
});

async function start(...args: readonly string[]): Promise<void> {
  archive = await startScp([...keptIn(folder), ...args]);
}

async function kill(): Promise<void> {
  await archive?.stop('SIGKILL');
  archive = undefined;
}

async function connect(): Promise<Session> {
  const session = await openSession({
    host: '127.0.0.1',
    port: archive?.port ?? 0,
    callingAeTitle: 'MODALITY',
    calledAeTitle: 'DIMSE',
    services: [modalityPerformedProcedureStep, instanceAvailabilityNotification],
  });
  sessions.push(session);
  return session;
}

const eventually = (look: () => unknown, expected: unknown) =>
  expect.poll(look, { timeout: 20_000, interval: 20 }).toEqual(expected);

const scheduled: UntypedDataSet = {
  StudyInstanceUID: '1.2',
  ReferencedStudySequence: [],
  AccessionNumber: '',
  RequestedProcedureID: '',
  RequestedProcedureDescription: '',
  ScheduledProcedureStepID: '',
  ScheduledProcedureStepDescription: '',
  ScheduledProtocolCodeSequence: [],
};
const known: UntypedDataSet = {
  SpecificCharacterSet: 'ISO_IR 100',
  ScheduledStepAttributesSequence: [scheduled],
  PatientName: 'Müller^Jürgen',
  PerformedProcedureStepID: 'X1',
  PerformedStationAETitle: 'CT1',
  PerformedProcedureStepStartDate: '20260105',
  PerformedProcedureStepStartTime: '1005',
  Modality: 'CT',
};
const end: UntypedDataSet = {
  PerformedProcedureStepEndDate: '20260105',
  PerformedProcedureStepEndTime: '1010',
  PerformedSeriesSequence: [
    {
      PerformingPhysicianName: '',
      ProtocolName: 'HEAD',
      OperatorsName: '',
      SeriesInstanceUID: '1.2.1',
      SeriesDescription: '',
      RetrieveAETitle: '',
      ReferencedImageSequence: [],
      ReferencedNonImageCompositeSOPInstanceSequence: [],
    },
  ],
};

describe('a performed procedure step', () => {
  test('survives a kill and ends once', async () => {
    await start();
    const step = await new PerformedProcedureStepUser().begin(await connect(), known);
    await kill();
    await start();
    const session = await connect();
    await step.set(session, { SpecificCharacterSet: 'ISO_IR 144', PerformedProcedureStepDescription: 'Голова' });
    const { create, set } = session.use(modalityPerformedProcedureStep);
    const { sopInstance } = step;
    await expect(create({ sopInstance, attributes: step.attributes })).rejects.toMatchObject({
      status: Status.DuplicateSopInstance,
    });
    await expect(set({ sopInstance, attributes: { PerformedProcedureStepStatus: 'COMPLETED' } })).rejects.toMatchObject(
      { status: Status.MissingAttributeValue },
    );
    await step.complete(session, end);
    for (const attributes of [
      {},
      { PerformedProcedureStepStatus: 'IN PROGRESS' },
      { PerformedProcedureStepStatus: 'DISCONTINUED' },
    ])
      await expect(set({ sopInstance, attributes })).rejects.toMatchObject({
        status: Status.ProcessingFailure,
        errorId: MAY_NO_LONGER_BE_UPDATED,
        errorComment: 'Performed Procedure Step Object may no longer be updated',
      });
    await kill();
    await start();
    const found = await (await connect()).use(modalityPerformedProcedureStep).get({ sopInstance });
    expect(found.attributes).toMatchObject({
      PatientName: { Alphabetic: 'Müller^Jürgen' },
      PerformedProcedureStepDescription: 'Голова',
      PerformedProcedureStepStatus: 'COMPLETED',
    });
  });

  test('is reported to the peers of --notify', async () => {
    const told: unknown[] = [];
    peer = createScp({
      aeTitle: 'RIS',
      services: [
        serve(
          modalityPerformedProcedureStep,
          {
            eventReport: ({ sopInstance, eventType }) => {
              told.push([sopInstance, eventType]);
              return Status.Success;
            },
          },
          { roles: { scu: false, scp: true } },
        ),
      ],
    });
    const { port } = await peer.listen({ port: 0, host: '127.0.0.1' });
    await start('--peer', `RIS=127.0.0.1:${port}`, '--notify', 'RIS');
    const session = await connect();
    const step = await new PerformedProcedureStepUser().begin(session, known);
    await eventually(() => told, [[step.sopInstance, 1]]);
    await step.set(session, { PerformedProcedureStepDescription: 'head' });
    await eventually(() => told.length, 2);
    await step.discontinue(session, end);
    await eventually(
      () => told,
      [1, 4, 3].map((event) => [step.sopInstance, event]),
    );
  });

  test.skipIf(isSharedWorld)('is not kept in a damaged database, which is reported in one line', async () => {
    writeFileSync(join(folder, 'workflow.db'), 'no database '.repeat(1000));
    const outcome = await runScp(...keptIn(folder), '--port', '0');
    expect(outcome).toMatchObject({ exitCode: 2, stdout: '' });
    expect(outcome.stderr).toMatch(
      /^dimse-scp: the workflow database .* is damaged [^\n]+ to start with an empty one\n$/,
    );
  });

  test('is only reported to named peers', async () => {
    const outcome = await runScp(...keptIn(folder), '--notify', 'RIS');
    expect(outcome).toMatchObject({
      exitCode: 2,
      stderr: 'dimse-scp: --notify RIS needs --peer RIS=host:port\n',
    });
  });
});

describe('a notification of availability', () => {
  const instance = (uid: string, availability = 'ONLINE'): UntypedDataSet => ({
    ReferencedSOPClassUID: SopClass.CTImageStorage,
    ReferencedSOPInstanceUID: uid,
    InstanceAvailability: availability,
    RetrieveAETitle: 'ARCHIVE',
  });
  const notification: UntypedDataSet = {
    ReferencedPerformedProcedureStepSequence: [],
    StudyInstanceUID: '1.2',
    ReferencedSeriesSequence: [
      { SeriesInstanceUID: '1.2.1', ReferencedSOPSequence: [instance('1'), instance('2'), instance('3', 'NEARLINE')] },
    ],
  };

  test('is accepted and logged', async () => {
    await start();
    const { create } = (await connect()).use(instanceAvailabilityNotification);
    const { sopInstance } = await create({ attributes: notification });
    if (!sopInstance) throw new Error('no instance');
    await eventually(() => archive?.stderr().includes('MODALITY reports for study 1.2: 2 ONLINE, 1 NEARLINE'), true);
    await expect(create({ sopInstance, attributes: notification })).rejects.toMatchObject({
      status: Status.DuplicateSopInstance,
    });
    await create({ sopInstance: '1.2.3', attributes: notification });
  });

  test.each<[string, UntypedDataSet, number]>([
    ['nothing', {}, Status.MissingAttribute],
    ['no series', { ...notification, ReferencedSeriesSequence: [] }, Status.MissingAttributeValue],
    [
      'no availability',
      {
        ...notification,
        ReferencedSeriesSequence: [
          { SeriesInstanceUID: '1', ReferencedSOPSequence: [{ ...instance('1'), InstanceAvailability: undefined }] },
        ],
      },
      Status.MissingAttribute,
    ],
  ])('is refused with %s', async (_, attributes, status) => {
    await start();
    const { create } = (await connect()).use(instanceAvailabilityNotification);
    await expect(create({ attributes })).rejects.toMatchObject({ status });
  });
});
