// dimse-scu worklist, mpps and commit, against SCPs of the library.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@x/cli/program';
import {
  CommitmentFailure,
  createScp,
  type DataSet,
  type DataSetInput,
  type Identifier,
  modalityWorklist,
  openDicomFile,
  type Scp,
  type Service,
  SopClass,
  Status,
  serve,
  storageCommitment,
  studyRoot,
} from '@x/dimse';
import { EventDelivery, PerformedProcedureStepProvider, StorageCommitmentProvider } from '@x/dimse/workflow';
import { computedTomographySeries } from '@x/testing/computed-tomography-phantom';
import { freePort, type Running, startScu } from '@x/testing/processes';
import { jsonLines, runInProcess } from '@x/testing/run-in-process';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createScuProgram } from './program.ts';

/** Runs dimse-scu in this process. */
const scu = (args: readonly string[]) => runInProcess((context) => runProgram(createScuProgram(), context), args);

let folder: string;
let series: string;
let uids: string[];
const open: { close(): unknown }[] = [];
/** How associations ended. */
const how: string[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dimse-scu-workflow-'));
  series = join(folder, 'series');
  mkdirSync(series);
  const slices = [...computedTomographySeries({ slices: 3, size: 32 })];
  for (const { sopInstanceUid, bytes } of slices) writeFileSync(join(series, `${sopInstanceUid}.dcm`), bytes);
  writeFileSync(join(series, 'notes.txt'), 'no image');
  uids = slices.map(({ sopInstanceUid }) => sopInstanceUid).sort();
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function startScp(...services: readonly Service[]): Promise<string> {
  const scp: Scp = createScp({ aeTitle: 'SCP', services });
  scp.on('session', ({ association }) => void association.closed.then((end) => how.push(end.how)));
  open.push(scp);
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  return `SCP@127.0.0.1:${port}`;
}

describe('worklist', () => {
  const items: readonly DataSetInput[] = ['CT', 'MR'].map((modality, index) => ({
    PatientName: { Alphabetic: `Doe^${modality}` },
    PatientID: `P${index}`,
    StudyInstanceUID: `1.${index}`,
    ScheduledProcedureStepSequence: [{ Modality: modality, ScheduledProcedureStepStartDate: '20260105' }],
  }));
  const asked: Identifier[] = [];
  const start = () =>
    startScp(
      serve(modalityWorklist, {
        find({ identifier }) {
          asked.push(identifier);
          return items;
        },
      }),
    );

  test('prints a table with a column for each key', async () => {
    const keys = ['PatientName', 'ScheduledProcedureStepSequence.Modality=CT'];
    const { exitCode, stdout, stderr } = await scu([
      'worklist',
      await start(),
      ...keys.flatMap((key) => ['--key', key]),
    ]);
    expect([exitCode, stderr]).toEqual([0, expect.stringMatching(/1 match\n$/)]);
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['PatientName', 'Modality'],
      ['Doe^CT', 'CT'],
      [''],
    ]);
  });

  test('sorts the table, and sums counts', async () => {
    const counted = [9, 100, 20].map((NumberOfStudyRelatedInstances, index) => ({
      ...{ PatientName: [{ Alphabetic: `Doe^${index}` }], NumberOfStudyRelatedInstances },
    }));
    const peer = await startScp(
      serve(studyRoot, {
        async *rawFind() {
          for (const identifier of counted) yield { identifier };
        },
      }),
    );
    const keys = ['-k', 'PatientName', '-k', '(0020,1208)'];
    const { stdout } = await scu(['find', peer, ...keys, '--sort', 'NumberOfStudyRelatedInstances']);
    expect(stdout.split('\n')).toEqual([
      'PatientName  NumberOfStudyRelatedInstances',
      'Doe^0                                    9',
      'Doe^2                                   20',
      'Doe^1                                  100',
      'total                                  129',
      '',
    ]);
    const wrong = await scu(['find', peer, ...keys, '--sort', 'PatientID']);
    expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringContaining('--sort PatientID is not a column')]);
    const usual = await scu(['find', peer]);
    expect(usual.stdout.split('\n')[0]).toMatch(/^PatientName .* StudyInstanceUID$/);
  });

  test('uses the whole path as heading if two keywords are the same', async () => {
    const keys = ['PatientID', 'ReferencedPatientSequence.PatientID', 'StudyInstanceUID'].flatMap((key) => [
      '--key',
      key,
    ]);
    const { stdout } = await scu(['worklist', await start(), ...keys]);
    expect(stdout.split('\n')[0]).toMatch(/^PatientID {2,}ReferencedPatientSequence\.PatientID {2,}StudyInstanceUID$/);
  });

  test('prints JSON lines', async () => {
    const { exitCode, stdout } = await scu([
      'worklist',
      await start(),
      '--key',
      'PatientID=P*',
      '--json',
      '--limit',
      '1',
    ]);
    expect(exitCode).toBe(0);
    expect(jsonLines(stdout)).toEqual([
      { status: 'FF00', dataSet: expect.objectContaining({ '00100020': { vr: 'LO', Value: ['P0'] } }) },
    ]);
  });

  test('writes matches to files without overwriting others', async () => {
    const [peer, out] = [await start(), join(folder, 'kept')];
    const step = ['Modality', 'ScheduledProcedureStepStartDate'].map((key) => `ScheduledProcedureStepSequence.${key}`);
    const keys = ['PatientName', 'PatientID', 'StudyInstanceUID', ...step].flatMap((key) => ['--key', key]);
    const { exitCode } = await scu(['worklist', peer, ...keys, '--out', out, '--quiet']);
    expect(exitCode).toBe(0);
    for (const [index, name] of ['0001.wl', '0002.wl'].entries()) {
      await using file = await openDicomFile(join(out, name));
      expect([file.sopClass, await file.decode()]).toEqual([modalityWorklist.sopClasses.Find.uid, items[index]]);
    }
    const again = await scu(['worklist', peer, '--key', 'PatientID', '--out', out, '--quiet']);
    expect(again).toMatchObject({
      exitCode: 2,
      stderr: `dimse-scu: ${join(out, '0001.wl')} already exists: use another folder\n`,
    });
    const nowhere = await scu(['worklist', peer, '--out', join(series, 'notes.txt')]);
    expect([nowhere.exitCode, nowhere.stderr]).toEqual([2, expect.stringMatching(/notes\.txt/)]);
  });

  test('requests common attributes if no keys are given', async () => {
    const { exitCode, stdout } = await scu(['worklist', await start(), '--quiet']);
    expect([exitCode, stdout]).toEqual([0, '']);
    expect(asked.at(-1)).toMatchObject({
      StudyInstanceUID: '',
      ScheduledProcedureStepSequence: [{ Modality: '', ScheduledProcedureStepID: '' }],
    });
  });

  test.each([
    ['an unknown keyword', ['--key', 'NoSuch=1'], /'NoSuch' is neither/],
    ['a value for a sequence', ['--key', 'ScheduledProcedureStepSequence=1'], /is a sequence/],
    ['a limit of 0', ['--limit', '0'], /from 1/],
  ])('exits with 2 for %s', async (_, args, words) => {
    const { exitCode, stderr } = await scu(['worklist', 'SCP@127.0.0.1:1', ...args]);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(words)]);
  });
});

describe('mpps', () => {
  const steps = new Map<string, DataSet>();
  const start = () =>
    startScp(new PerformedProcedureStepProvider({ onChange: (uid, step) => void steps.set(uid, step) }).service);

  test('reports a step from start to end', async () => {
    const peer = await start();
    const keys = [
      'Modality=CT',
      'PatientName=Doe^Jane',
      'ScheduledStepAttributesSequence.StudyInstanceUID=1.2.3',
      'ScheduledStepAttributesSequence.ScheduledProcedureStepID=S1',
    ].flatMap((key) => ['--key', key]);
    const created = await scu(['mpps', peer, 'create', '--uid', '1.2.3.4', ...keys, '--calling', 'CT1']);
    expect(created).toMatchObject({
      exitCode: 0,
      stdout: `${peer} answered: success (0000H): 1.2.3.4 is IN PROGRESS\n`,
      stderr: '',
    });
    expect(steps.get('1.2.3.4')).toMatchObject({
      Modality: 'CT',
      PatientName: { Alphabetic: 'Doe^Jane' },
      PerformedStationAETitle: 'CT1',
      PerformedProcedureStepStatus: 'IN PROGRESS',
      ScheduledStepAttributesSequence: [{ StudyInstanceUID: '1.2.3', ScheduledProcedureStepID: 'S1' }],
    });
    const end = ['--key', 'PerformedProcedureStepStatus=COMPLETED'];
    const tooSoon = await scu(['mpps', peer, 'set', '--uid', '1.2.3.4', ...end]);
    expect(how.at(-1)).toBe('released');
    expect(tooSoon).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: `dimse-scu: ${peer} answered: a required attribute has no value (0121H): "PerformedSeriesSequence: empty"\n`,
    });
    const ended = await scu(['mpps', peer, 'set', '--uid', '1.2.3.4', ...end, '--instances', series, '--json']);
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    expect(jsonLines(ended.stdout)).toEqual([{ action: 'set', sopInstance: '1.2.3.4', status: '0000' }]);
    const step = steps.get('1.2.3.4') as DataSet;
    const [performed, ...others] = step.PerformedSeriesSequence as DataSet[];
    expect(others).toEqual([]);
    const references = performed?.ReferencedImageSequence as DataSet[];
    expect(references.map(({ ReferencedSOPInstanceUID }) => ReferencedSOPInstanceUID).sort()).toEqual(uids);
    expect(step.PerformedProcedureStepEndDate).toMatch(/^\d{8}$/);
    const late = await scu(['mpps', peer, 'set', '--uid', '1.2.3.4', ...end]);
    expect(late.exitCode).toBe(1);
    expect(late.stderr).toContain('may no longer be updated');
  });

  test('generates a UID and the required attributes, and prints the UID', async () => {
    const { exitCode, stdout } = await scu(['mpps', await start(), 'create', '--json']);
    const [{ sopInstance }] = jsonLines(stdout) as [{ sopInstance: string }];
    expect([exitCode, steps.get(sopInstance)?.PerformedProcedureStepStatus]).toEqual([0, 'IN PROGRESS']);
  });

  test.each([
    ['set without a UID', ['set'], /--uid is needed/],
    ['a malformed UID', ['set', '--uid', '1..2'], /numbers joined by dots/],
    ['an unknown action', ['delete'], /create, set/],
    [
      'a step that does not start IN PROGRESS',
      ['create', '--key', 'PerformedProcedureStepStatus=COMPLETED'],
      /must be IN PROGRESS, not COMPLETED/,
    ],
    ['an empty attribute', ['create', '--key', 'Modality='], /Modality: empty/],
    ['missing files', ['set', '--uid', '1.2', '--instances', '/nowhere'], /\/nowhere: file or folder does not exist/],
  ])('exits with 2 before connecting for %s', async (_, args, words) => {
    const { exitCode, stdout, stderr } = await scu(['mpps', 'SCP@127.0.0.1:1', ...args]);
    expect([exitCode, stdout, stderr]).toEqual([2, '', expect.stringMatching(words)]);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe('commit', () => {
  /** A provider that holds all but some, and how it reaches the SCU, if it does. */
  async function start(failing: readonly string[] = [], ourPort?: () => number) {
    const delivery = new EventDelivery({
      resolvePeer: (calledAeTitle) =>
        ourPort && { host: '127.0.0.1', port: ourPort(), callingAeTitle: 'SCP', calledAeTitle },
      firstDelay: 100,
    });
    const provider = new StorageCommitmentProvider({
      delivery,
      holds: ({ sopInstance }) => !failing.includes(sopInstance) || CommitmentFailure.NoSuchObjectInstance,
    });
    open.push(delivery, provider);
    return { provider, peer: await startScp(provider.service) };
  }

  test('prints a line for each instance', async () => {
    const { peer } = await start();
    const { exitCode, stdout, stderr } = await scu(['commit', peer, series]);
    expect([exitCode, stderr]).toEqual([0, '']);
    const lines = stdout.trim().split('\n');
    expect(lines.sort()).toEqual([
      '3 committed, 0 failed, 1 skipped',
      ...uids.map((uid) => `committed ${join(series, `${uid}.dcm`)}`),
      expect.stringMatching(/^skipped {3}.*notes\.txt: /),
    ]);
  });

  test('exits with 1 if an instance is not committed, and prints the reason', async () => {
    const { peer } = await start([uids[1] as string]);
    const { exitCode, stdout } = await scu(['commit', peer, series, '--json']);
    expect(exitCode).toBe(1);
    const lines = jsonLines(stdout);
    expect(lines.at(-1)).toEqual({ summary: { committed: 2, failed: 1, skipped: 1 } });
    expect(lines.find(({ result }) => result === 'failed')).toEqual({
      result: 'failed',
      file: join(series, `${uids[1]}.dcm`),
      sopInstance: uids[1],
      sopClass: SopClass.CTImageStorage,
      status: '0112',
      reason: 'no such object instance (0112H)',
    });
  });

  test('accepts the report on an association from the peer', async () => {
    const port = await freePort();
    const { provider } = await start([], () => port);
    // It never reports on the association of the request.
    const { service } = provider;
    const peer = await startScp({
      ...service,
      handlers: {
        ...service.handlers,
        action: async (request: never, context: { session: { association: object } }) => {
          const elsewhere = { ...context, session: { ...context.session, association: { state: 'Sta1' } } };
          return (service.handlers as { action(...args: unknown[]): unknown }).action(request, elsewhere);
        },
      },
    } as Service);
    const { exitCode, stdout, stderr } = await scu(['commit', peer, series, '--listen', `${port}`, '--quiet']);
    expect([exitCode, stdout, stderr]).toEqual([0, '', '']);
  });

  test('gives up if no report arrives, and gives advice', async () => {
    const silent = serve(storageCommitment, { action: () => Status.Success });
    const peer = await startScp(silent);
    const { exitCode, stderr } = await scu(['commit', peer, series, '--wait', '0.3']);
    expect([exitCode, stderr]).toEqual([
      1,
      `dimse-scu: ${peer} accepted the request, but sent no report within 0.3 s. It may report on a new association: accept that with --listen PORT, at the port where it expects DIMSE-SCU.\n`,
    ]);
    const closing = await startScp(
      serve(storageCommitment, {
        action: (_, { session }) => {
          setTimeout(() => session.abort(), 50);
          return Status.Success;
        },
      }),
    );
    const ended = await scu(['commit', closing, series]);
    expect([ended.exitCode, ended.stderr]).toEqual([1, expect.stringMatching(/but ended the association before it/)]);
  });

  test('reports a refusal', async () => {
    const peer = await startScp(serve(storageCommitment, { action: () => Status.ResourceLimitation }));
    expect(await scu(['commit', peer, series])).toMatchObject({
      exitCode: 1,
      stderr: `dimse-scu: ${peer} answered: out of resources (0213H)\n`,
    });
  });

  test('exits with 130 on an interruption', async () => {
    let running: Running | undefined;
    const peer = await startScp(
      serve(storageCommitment, {
        action: () => {
          running?.child.kill('SIGINT');
          return Status.Success;
        },
      }),
    );
    running = startScu(['commit', peer, series]);
    const { exitCode, stderr } = await running.outcome;
    expect([exitCode, stderr]).toEqual([130, 'dimse-scu: interrupted\n']);
  });

  test.each([
    ['no path', [], /path/],
    ['a missing file', ['/nowhere'], /\/nowhere: file or folder does not exist/],
    ['an invalid port', ['x', '--listen', '70000'], /0 to 65535/],
  ])('exits with 2 for %s', async (_, args, words) => {
    const { exitCode, stderr } = await scu(['commit', 'SCP@127.0.0.1:1', ...args]);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(words)]);
  });
});
