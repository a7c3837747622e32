// The log of dimse-scp: each line that is about an association names it, and none tells of a patient.

import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createScp,
  encodeDataSet,
  instanceAvailabilityNotification,
  modalityPerformedProcedureStep,
  modalityWorklist,
  type OpenSessionOptions,
  openSession,
  patientRoot,
  printManagement,
  type Scp,
  type Session,
  SopClass,
  Status,
  serve,
  storage,
  storageCommitment,
  studyRoot,
  unifiedProcedureStep,
  verification,
} from '@x/dimse';
import { PrintUser } from '@x/dimse/print';
import { PerformedProcedureStepUser, StorageCommitmentUser, UnifiedProcedureStepUser } from '@x/dimse/workflow';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { type RunningScp, startScp } from '@x/testing/processes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keptIn } from '../test/world.ts';

const PATIENT = 'Secretive^Sylvia';
const PATIENT_ID = 'S3CR3T';
const folder = mkdtempSync(join(tmpdir(), 'log-'));
let archive: RunningScp;
let destination: Scp;
const lines: Record<string, unknown>[] = [];

const associate = (options: Partial<OpenSessionOptions> = {}): Promise<Session> =>
  openSession({
    host: '127.0.0.1',
    port: archive.port,
    callingAeTitle: 'ME',
    calledAeTitle: 'DIMSE',
    services: [verification],
    ...options,
  } as OpenSessionOptions);

beforeAll(async () => {
  destination = createScp({
    aeTitle: 'WORKSTATION',
    services: [serve(storage, { store: ({ sopInstance }) => (sopInstance === '1.2.3.1' ? Status.Success : 0xa700) })],
  });
  const { port } = await destination.listen({ port: 0, host: '127.0.0.1' });
  const peers = ['--peer', `WORKSTATION=127.0.0.1:${port}`, '--peer', 'NOWHERE=127.0.0.1:9', '--notify', 'NOWHERE'];
  const logging = ['-vv', '--log-format', 'json'];
  archive = await startScp([...keptIn(join(folder, 'data')), '--worklist', folder, ...peers, ...logging]);
  await converse();
  archive.child.kill('SIGTERM');
  const { stderr } = await archive.outcome;
  for (const line of stderr.trimEnd().split('\n')) lines.push(JSON.parse(line));
}, 60_000);
afterAll(async () => {
  archive?.child.kill('SIGKILL');
  await destination?.close();
  rmSync(folder, { recursive: true });
});

/** Some of everything the archive does, well and badly, about one patient. */
async function converse(): Promise<void> {
  const user = new StorageCommitmentUser();
  const contexts = [
    ...[SopClass.Verification, CT_IMAGE_STORAGE, storageCommitment.sopClasses.PushModel.uid],
    ...[studyRoot, patientRoot].flatMap(({ sopClasses }) => [
      ...[sopClasses.Find.uid, sopClasses.Move.uid, sopClasses.Get.uid],
    ]),
    ...[modalityPerformedProcedureStep, modalityWorklist, instanceAvailabilityNotification, unifiedProcedureStep]
      .flatMap(({ sopClasses }) => Object.values(sopClasses))
      .map(({ uid }) => uid),
  ].map((abstractSyntax) => ({ abstractSyntax, transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN] }));
  const services = [verification, storage, studyRoot, patientRoot, modalityWorklist, storageCommitment];
  const session = await associate({
    services: [...services, modalityPerformedProcedureStep, instanceAvailabilityNotification, unifiedProcedureStep],
    contexts,
    serves: [user.service],
  } as Partial<OpenSessionOptions>);
  const patient = { PatientName: PATIENT, PatientID: PATIENT_ID };
  await session.use(verification).echo();
  const instance = (sopInstance: string) => ({
    sopClass: CT_IMAGE_STORAGE,
    sopInstance,
    transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN,
  });
  for (const sopInstance of ['1.2.3.1', '1.2.3.2']) {
    const uids = { SOPClassUID: CT_IMAGE_STORAGE, SOPInstanceUID: sopInstance };
    const all = { ...uids, ...patient, StudyInstanceUID: '1.2', SeriesInstanceUID: '1.2.0' };
    const data = encodeDataSet(all, EXPLICIT_VR_LITTLE_ENDIAN);
    await session.use(storage).store({ ...instance(sopInstance), data });
  }
  const broken = Buffer.concat([syntheticDataSet({ sopClass: CT_IMAGE_STORAGE }), Buffer.from(PATIENT)]);
  await session
    .use(storage)
    .store({ ...instance('9'), data: broken })
    .catch(noted);
  for (const model of [studyRoot, patientRoot]) {
    const identifier = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '1.2', ...patient };
    for await (const _ of session.use(model).find({ identifier })) {
    }
    for (const destinationTitle of ['WORKSTATION', 'NOWHERE', 'UNKNOWN'])
      await session.use(model).move({ destination: destinationTitle, identifier }).final.catch(noted);
    await session.use(model).get({ identifier }).final.catch(noted);
  }
  for await (const _ of session.use(modalityWorklist).find({ identifier: patient })) {
  }
  await new PerformedProcedureStepUser().begin(session, {
    ...patient,
    ...{ PerformedProcedureStepID: 'X', PerformedStationAETitle: 'CT', Modality: 'CT' },
    ...{ PerformedProcedureStepStartDate: '20260105', PerformedProcedureStepStartTime: '1005' },
    ScheduledStepAttributesSequence: [{ StudyInstanceUID: '1.2' }],
  });
  const items = new UnifiedProcedureStepUser();
  await items.create(session, {
    ...{ ...patient, ScheduledProcedureStepPriority: 'HIGH', ProcedureStepLabel: PATIENT },
    ...{ ScheduledProcedureStepStartDateTime: '20261121', InputReadinessState: 'READY' },
  });
  const { create } = session.use(instanceAvailabilityNotification);
  await create({ attributes: patient }).catch(noted);
  const reference = {
    ...{ ReferencedSOPClassUID: CT_IMAGE_STORAGE, ReferencedSOPInstanceUID: '1.2.3.1' },
    ...{ InstanceAvailability: 'ONLINE', RetrieveAETitle: 'DIMSE' },
  };
  await create({
    attributes: {
      ...{ ...patient, ReferencedPerformedProcedureStepSequence: [], StudyInstanceUID: '1.2' },
      ReferencedSeriesSequence: [{ SeriesInstanceUID: '1.2.0', ReferencedSOPSequence: [reference] }],
    },
  });
  await user.requestCommitment(session, [instance('1.2.3.1'), instance('1.2.3.9')]);
  await session.release();
  const { uid } = printManagement.sopClasses.GrayscaleMeta;
  const printing = await associate({
    services: [printManagement],
    contexts: [{ abstractSyntax: uid, transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN] }],
  } as Partial<OpenSessionOptions>);
  await new PrintUser().printFilm(printing, {
    format: 'STANDARD\\1,1',
    images: [undefined],
    filmSession: { FilmSessionLabel: PATIENT },
  });
  printing.abort();
  await associate({ calledAeTitle: 'OTHER' }).catch(noted);
  const refused = await associate();
  await refused.release();
  await nonsense();
}

const noted = (error: unknown) => error;

/** Somebody who speaks no DICOM. */
async function nonsense(): Promise<void> {
  const socket = connect(archive.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write('GET / HTTP/1.1\r\nX: \u001b[31m\r\n\r\n');
  socket.once('data', () => socket.destroy());
  await new Promise((resolve) => socket.once('close', resolve));
}

test('each line about an association has its id', () => {
  // A failure before a connection exists has no association.
  const without = lines.filter(
    ({ association, msg }) => association === undefined && !/no connection|no address is known/.test(String(msg)),
  );
  expect(without.map(({ msg }) => msg)).toEqual([
    '0 worklist items',
    expect.stringContaining('SIGTERM: no more associations'),
    expect.stringMatching(/^stopped: \d associations finished, 0 aborted$/),
  ]);
});

test('no line contains patient data at any verbosity', () => {
  const text = JSON.stringify(lines);
  for (const secret of [PATIENT, 'Secretive', PATIENT_ID]) expect(text).not.toContain(secret);
});

describe('the log reports', () => {
  const said = (pattern: RegExp) => lines.filter(({ msg }) => pattern.test(String(msg)));

  test.each([
    [/^association accepted: ME → DIMSE, \d+ of \d+ contexts from 127\.0\.0\.1$/],
    [
      /^association rejected: ME → OTHER: called AE title not recognized \(permanent, by the service user\), result 1, source 1, reason 7$/,
    ],
    [/aborted the association: aborted by the service user, source 0, reason 0$/],
    [/was aborted: .* speaks HTTP, not DICOM, source 2, reason \d$/],
    [/^instance 1\.2\.3\.1 stored, \d+ bytes$/],
    [/^instance "9": .*C000/i],
    [/^C-MOVE to WORKSTATION: .*, 1 sent, 1 failed/],
    [/^C-MOVE to UNKNOWN: .*unknown/],
    [/^C-GET: /],
    [/^instance 1\.2\.3\.2 could not be sent: /],
    [/^performed procedure step .*: IN PROGRESS$/],
    [/^work item .* is SCHEDULED$/],
    [/^ME reports for study 1\.2: 1 ONLINE$/],
    [/^no commitment for 1\.2\.3\.9: it is not in the archive$/],
    [/^storage commitment for ME: 1 instances, not for 1$/],
    [/^ME printed a film with \d images/],
    [/could not be delivered to NOWHERE, it will be retried/],
  ])('%s', (pattern) => {
    expect(said(pattern).length, lines.map(({ msg }) => msg).join('\n')).toBeGreaterThan(0);
  });

  test('associations that the archive requests, with the one they serve', () => {
    const [moved] = said(/^C-MOVE to WORKSTATION/);
    const [own] = said(/^association accepted: DIMSE → WORKSTATION, 2 of 2 contexts at 127\.0\.0\.1$/);
    expect(own?.parent).toBe(moved?.association);
    expect(own?.association).not.toBe(moved?.association);
  });
});
