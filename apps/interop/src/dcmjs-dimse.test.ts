// dcmjs-dimse acts as a modality: our SCP answers its worklist queries and procedure steps.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MAY_NO_LONGER_BE_UPDATED, modalityPerformedProcedureStep } from '@x/dimse';
import { toDicomJson } from '@x/dimse/data-set';
import { type Listening, startScp } from '@x/testing/processes';
import dcmjsDimse from 'dcmjs-dimse';
import { afterAll, beforeAll, expect, test } from 'vitest';

const { Client, Dataset, log, requests, responses } = dcmjsDimse;
log.disableAll();

const home = mkdtempSync(join(tmpdir(), 'interop-dcmjs-dimse-'));
const { Step, Retrieve } = modalityPerformedProcedureStep.sopClasses;
let scp: Listening;

beforeAll(async () => {
  const worklist = join(home, 'worklist');
  mkdirSync(worklist);
  const item = {
    PatientName: 'Doe^Jane',
    PatientID: 'P1',
    StudyInstanceUID: '1.2.3',
    ScheduledProcedureStepSequence: [{ Modality: 'CT', ScheduledProcedureStepID: 'S1' }],
  };
  writeFileSync(join(worklist, 'item.json'), JSON.stringify(toDicomJson(item)));
  scp = await startScp(['--data', join(home, 'archive'), '--worklist', worklist]);
});
afterAll(async () => {
  await scp?.stop();
  rmSync(home, { recursive: true, force: true });
});

type Request = InstanceType<typeof requests.Request>;
type Response = InstanceType<typeof responses.Response>;

/** Sends a request on its own association, and gives the responses after the association has ended. */
async function ask(request: Request, elements?: object): Promise<Response[]> {
  const answers: Response[] = [];
  if (elements) request.setDataset(new Dataset(elements as Record<string, unknown>));
  request.on('response', (response: Response) => void answers.push(response));
  const client = new Client();
  client.addRequest(request);
  await new Promise<void>((settle, reject) => {
    client.on('closed', () => settle());
    client.on('networkError', reject);
    client.send('127.0.0.1', scp.port, 'MODALITY', 'DIMSE');
  });
  return answers;
}

const statusesOf = (answers: readonly Response[]) => answers.map((answer) => answer.getStatus());

async function scheduled(): Promise<unknown> {
  const step = { Modality: 'CT', ScheduledProcedureStepStatus: '' };
  const request = requests.CFindRequest.createWorklistFindRequest({
    PatientName: '*',
    ScheduledProcedureStepSequence: [step],
  });
  const answers = await ask(request);
  return answers.flatMap((answer) => {
    const elements = answer.getDataset()?.getElements() as Record<string, never> | undefined;
    return elements ? [[elements.StudyInstanceUID, elements.ScheduledProcedureStepSequence?.[0]]] : [];
  });
}

test('finds scheduled steps, reports performed steps, and reads their state', async () => {
  const status = (text: string) => [['1.2.3', expect.objectContaining({ ScheduledProcedureStepStatus: text })]];
  expect(await scheduled()).toEqual(status('SCHEDULED'));
  const empty = Object.fromEntries(
    ['PatientBirthDate', 'PatientSex', 'PerformedStationName', 'PerformedLocation', 'PerformedProcedureStepDescription']
      .concat([
        'PerformedProcedureTypeDescription',
        'PerformedProcedureStepEndDate',
        'PerformedProcedureStepEndTime',
        'StudyID',
      ])
      .map((keyword) => [keyword, '']),
  );
  const none = Object.fromEntries(
    [
      'ReferencedPatientSequence',
      'ProcedureCodeSequence',
      'PerformedProtocolCodeSequence',
      'PerformedSeriesSequence',
    ].map((keyword) => [keyword, []]),
  );
  const known = {
    ...empty,
    ...none,
    ScheduledStepAttributesSequence: [
      {
        StudyInstanceUID: '1.2.3',
        ReferencedStudySequence: [],
        AccessionNumber: '',
        RequestedProcedureID: '',
        RequestedProcedureDescription: '',
        ScheduledProcedureStepID: 'S1',
        ScheduledProcedureStepDescription: '',
        ScheduledProtocolCodeSequence: [],
      },
    ],
    PatientName: 'Doe^Jane',
    PatientID: 'P1',
    PerformedProcedureStepID: 'X1',
    PerformedStationAETitle: 'MODALITY',
    PerformedProcedureStepStartDate: '20260105',
    PerformedProcedureStepStartTime: '101010',
    PerformedProcedureStepStatus: 'IN PROGRESS',
    Modality: 'CT',
  };
  const uid = '1.2.3.4.5';
  expect(statusesOf(await ask(new requests.NCreateRequest(Step.uid, uid), { ...known, Modality: '' }))).toEqual([
    0x0121,
  ]);
  expect(statusesOf(await ask(new requests.NCreateRequest(Step.uid, uid), known))).toEqual([0]);
  expect(await scheduled()).toEqual(status('STARTED'));
  const series = {
    PerformingPhysicianName: '',
    ProtocolName: 'HEAD',
    OperatorsName: '',
    SeriesInstanceUID: '1.2.3.1',
    SeriesDescription: '',
    RetrieveAETitle: '',
    ReferencedImageSequence: [],
    ReferencedNonImageCompositeSOPInstanceSequence: [],
  };
  const end = {
    PerformedProcedureStepStatus: 'COMPLETED',
    PerformedProcedureStepEndDate: '20260105',
    PerformedProcedureStepEndTime: '111010',
    PerformedSeriesSequence: [series],
  };
  expect(statusesOf(await ask(new requests.NSetRequest(Step.uid, uid), end))).toEqual([0]);
  const [late] = await ask(new requests.NSetRequest(Step.uid, uid), end);
  expect([late?.getStatus(), late?.getCommandDataset()?.getElement('ErrorID')]).toEqual([
    0x0110,
    MAY_NO_LONGER_BE_UPDATED,
  ]);
  const [got] = await ask(new requests.NGetRequest(Retrieve.uid, uid, ['PerformedProcedureStepStatus']));
  const { _vrMap, ...attributes } = (got?.getDataset()?.getElements() ?? {}) as Record<string, unknown>;
  expect(attributes).toEqual({ PerformedProcedureStepStatus: 'COMPLETED' });
  expect(await scheduled()).toEqual(status('COMPLETED'));
});
