// Each example is started as its README says, and its printed lines and effects are checked, with DCMTK if it is installed.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createScp,
  decodeDataSet,
  modalityWorklist,
  openDicomFile,
  openSession,
  type Scp,
  SopClass,
  Status,
  serve,
  storage,
  storeInstances,
  studyRoot,
  type UntypedDataSet,
  unifiedProcedureStep,
} from '@x/dimse';
import { UnifiedProcedureStepUser } from '@x/dimse/workflow';
import { isInstalled, type Running, run, startScp } from '@x/testing/processes';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { folderOf, linesOf, portOf, runExample, startExample, writeFile, writeSeries } from './start-example.ts';

const TIMEOUT = { timeout: 120_000 };
let home: string;
const closed: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'example-'));
});
afterEach(async () => {
  // A process that does not end is killed after 15 s.
  for (const close of closed.splice(0).reverse()) await close();
  rmSync(home, { recursive: true, force: true });
}, 60_000);

function started(running: Running): Running {
  closed.push(() => running.stop());
  return running;
}

/** Stores by DCMTK if it is installed, else by this library. */
async function store(port: number, calledAeTitle: string, paths: readonly string[]): Promise<void> {
  if (isInstalled('storescu')) {
    const { exitCode, output } = await storescu(port, calledAeTitle, paths);
    expect(exitCode, output).toBe(0);
    return;
  }
  const peer = { host: '127.0.0.1', port, callingAeTitle: 'STORESCU', calledAeTitle };
  for await (const { result } of storeInstances(paths, peer)) expect(result).toBe('sent');
}

async function storescu(port: number, calledAeTitle: string, paths: readonly string[]) {
  const { exitCode, stdout, stderr } = await run('storescu', [
    '-aec',
    calledAeTitle,
    '127.0.0.1',
    String(port),
    ...paths,
  ]);
  return { exitCode, output: stdout + stderr };
}

/** An SCP that keeps the data sets it receives. */
async function destination(aeTitle: string): Promise<{ readonly port: number; readonly received: UntypedDataSet[] }> {
  const received: UntypedDataSet[] = [];
  const scp: Scp = createScp({
    aeTitle,
    services: [
      serve(storage, {
        async store({ data, transferSyntax }) {
          const parts: Uint8Array[] = [];
          for await (const part of data) parts.push(Buffer.from(part));
          received.push(decodeDataSet(Buffer.concat(parts), transferSyntax));
          return Status.Success;
        },
      }),
    ],
  });
  closed.push(() => scp.close());
  return { port: (await scp.listen({ port: 0, host: '127.0.0.1' })).port, received };
}

async function archive(): Promise<number> {
  const running = await startScp(['--aet', 'ARCHIVE', '--data', join(home, 'archive')]);
  closed.push(() => running.stop());
  return running.port;
}

const EXAMPLES = readdirSync(folderOf('.'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !['src', 'node_modules'].includes(entry.name))
  .flatMap(({ name }) =>
    readdirSync(folderOf(name))
      .filter((file) => file.endsWith('.ts'))
      .map((file) => [name, file] as const),
  );

test.each(EXAMPLES)('%s/%s is shorter than 100 lines', (example, file) => {
  expect(linesOf(example, file)).toBeLessThan(100);
});

test('storage-scp-to-folder keeps what DCMTK sends', TIMEOUT, async () => {
  const { paths, study } = writeSeries(home);
  const folder = join(home, 'instances');
  const scp = started(startExample('storage-scp-to-folder', { FOLDER: folder }));
  await store(await portOf(scp), 'FOLDER', paths);
  await scp.printed(/^stored \S+ from STORESCU: \d+ bytes\nstored/m);
  expect(readdirSync(folder)).toEqual([study]);
  expect(readdirSync(join(folder, study))).toHaveLength(2);
  await store(await portOf(scp), 'FOLDER', paths);
  await scp.printed(/^had /m);
  const { exitCode } = await scp.stop();
  expect(exitCode).toBe(0);
});

test('worklist-over-sql answers from its table', TIMEOUT, async () => {
  const scp = started(startExample('worklist-over-sql', { DATABASE: join(home, 'orders.sqlite') }));
  const port = await portOf(scp);
  const session = await openSession({
    ...{ host: '127.0.0.1', port, callingAeTitle: 'CT1', calledAeTitle: 'WORKLIST' },
    services: [modalityWorklist],
  });
  const found = async (step: UntypedDataSet) => {
    const identifier = { PatientName: '', ScheduledProcedureStepSequence: [{ Modality: '', ...step }] };
    const names: unknown[] = [];
    for await (const match of session.use(modalityWorklist).find({ identifier: identifier as never }))
      names.push(String((match as { identifier?: UntypedDataSet }).identifier?.PatientName));
    return names.length;
  };
  expect(await found({ Modality: 'CT' })).toBe(1);
  expect(await found({ ScheduledProcedureStepStartDate: '20300101' })).toBe(2);
  expect(await found({ ScheduledProcedureStepStartDate: '20300102-' })).toBe(0);
  await session.release();
  await scp.printed(/^query of CT1 for 20300102 to 99999999$/m);
  if (!isInstalled('findscu')) return;
  const query = ['-W', '-aec', 'WORKLIST', '-k', 'PatientName=Doe*', '-k', 'PatientID', '127.0.0.1', String(port)];
  const { stdout, stderr } = await run('findscu', query);
  expect(stdout + stderr).toContain('Doe^Jane');
  expect(stdout + stderr).not.toContain('Roe^Richard');
});

test('rule-router sends by modality, keeps what is not taken, and refuses what has no rule', TIMEOUT, async () => {
  const { paths } = writeSeries(home);
  const { port, received } = await destination('PACS');
  const rules = [
    { to: 'PACS', host: '127.0.0.1', port, modality: 'CT' },
    { to: 'DOWN', host: '127.0.0.1', port: 9, modality: 'CT' },
  ];
  const env = { RULES: JSON.stringify(rules), SPOOL: join(home, 'spool') };
  const router = started(startExample('rule-router', env));
  await store(await portOf(router), 'ROUTER', paths);
  await expect.poll(() => received.length, { timeout: 60_000 }).toBe(2);
  await router.printed(/^(sent \S+ to PACS\n?(.*\n)*?){2}/m);
  await expect.poll(() => readdirSync(join(home, 'spool/PACS')), { timeout: 60_000 }).toEqual([]);
  expect(readdirSync(join(home, 'spool/DOWN'))).toHaveLength(2);
  const report = join(home, 'report.dcm');
  writeFile(report, { SOPClassUID: SopClass.BasicTextSRStorage, SOPInstanceUID: '2.25.77', Modality: 'SR' });
  const peer = { host: '127.0.0.1', port: await portOf(router), callingAeTitle: 'A', calledAeTitle: 'ROUTER' };
  for await (const { result, status } of storeInstances([report], peer))
    expect([result, status]).toEqual(['failed', 0xc000]);
});

test('anonymizing-gateway keeps the image, hashes UIDs and leaves out the rest', TIMEOUT, async () => {
  const { paths, study } = writeSeries(home, 1);
  const { port, received } = await destination('RESEARCH');
  const env = { KEY: 'a secret of the test', TO_PORT: String(port) };
  const gateway = started(startExample('anonymizing-gateway', env));
  await store(await portOf(gateway), 'GATEWAY', paths);
  await gateway.printed(/^sent 2\.25\.\d+$/m);
  const file = await openDicomFile(paths[0] ?? '');
  const original = decodeDataSet(readFileSync(file.path).subarray(file.dataSetOffset), file.transferSyntax);
  await file.close();
  const [sent] = received;
  expect(Buffer.from(sent?.PixelData as Uint8Array)).toEqual(Buffer.from(original.PixelData as Uint8Array));
  expect([sent?.Rows, sent?.PixelSpacing]).toEqual([original.Rows, original.PixelSpacing]);
  expect(sent).toMatchObject({ PatientIdentityRemoved: 'YES', PatientID: expect.stringMatching(/^[0-9a-f]{16}$/) });
  expect(sent?.StudyInstanceUID).toMatch(/^2\.25\./);
  const text = JSON.stringify({ ...sent, PixelData: undefined });
  for (const secret of [study, String(original.PatientID), file.sopInstance, String(original.StudyDate)])
    expect(text).not.toContain(secret);
});

test('ai-worker performs a work item and stores a report', TIMEOUT, async () => {
  const port = await archive();
  const { paths, study } = writeSeries(home, 3);
  await store(port, 'ARCHIVE', paths);
  const peer = { host: '127.0.0.1', port, callingAeTitle: 'RIS', calledAeTitle: 'ARCHIVE' };
  const session = await openSession({ ...peer, services: [unifiedProcedureStep, studyRoot] });
  const user = new UnifiedProcedureStepUser();
  const { sopInstance } = await user.create(session, {
    ...{ ProcedureStepLabel: 'Count', WorklistLabel: 'AI', ScheduledProcedureStepPriority: 'MEDIUM' },
    ...{ ScheduledProcedureStepStartDateTime: '20300101', InputReadinessState: 'READY', StudyInstanceUID: study },
  });
  const { exitCode, stdout, stderr } = await runExample('ai-worker', { PORT: String(port), RUNS: '1' });
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^completed \S+: 3 images with \d+ bytes were read\.\n1 work items\n$/);
  expect(exitCode).toBe(0);
  const { attributes } = await user.get(session, sopInstance);
  expect(attributes?.ProcedureStepState).toBe('COMPLETED');
  const modalities: unknown[] = [];
  const identifier = { QueryRetrieveLevel: 'SERIES', StudyInstanceUID: study, Modality: '' } as const;
  for await (const series of session.use(studyRoot).find({ identifier })) modalities.push(series.identifier?.Modality);
  expect(modalities.sort()).toEqual(['CT', 'SR']);
  await session.release();
});

test('dicomweb stores by STOW-RS and retrieves by WADO-RS', TIMEOUT, async () => {
  const dicom = String(await archive());
  const { paths, study } = writeSeries(home);
  const stow = started(startExample('dicomweb', { DICOM_PORT: dicom }, 'stow-rs.ts'));
  const wado = started(startExample('dicomweb', { DICOM_PORT: dicom }, 'wado-rs.ts'));
  const part = (bytes: Uint8Array | string) => [
    Buffer.from('--b\r\nContent-Type: application/dicom\r\n\r\n'),
    Buffer.from(bytes),
    Buffer.from('\r\n'),
  ];
  const post = async (parts: readonly Uint8Array[]) => {
    const response = await fetch(`http://127.0.0.1:${await portOf(stow)}/studies`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/related; type="application/dicom"; boundary=b' },
      body: Buffer.concat([...parts, Buffer.from('--b--\r\n')]),
    });
    return [response.status, await response.json()] as const;
  };
  const [status, stored] = await post(paths.flatMap((path) => part(readFileSync(path))));
  expect([status, stored['00081199'].Value.length]).toEqual([200, 2]);
  expect(await post(part('this is text'))).toMatchObject([409, { '00081198': { Value: [{}] } }]);
  // Without its end.
  const cut = { method: 'POST', headers: { 'content-type': 'multipart/related; boundary=b' }, body: '--b\r\n\r\nx' };
  expect((await fetch(`http://127.0.0.1:${await portOf(stow)}/studies`, cut)).status).toBe(400);
  await stow.printed(/^sent /m);
  const url = `http://127.0.0.1:${await portOf(wado)}/studies`;
  const response = await fetch(`${url}/${study}`);
  expect(response.headers.get('content-type')).toMatch(/^multipart\/related; type="application\/dicom"; boundary=/);
  const body = Buffer.from(await response.arrayBuffer());
  for (const path of paths) {
    const file = await openDicomFile(path);
    await file.close();
    expect(body.includes(readFileSync(path).subarray(file.dataSetOffset))).toBe(true);
  }
  await wado.printed(/^2 instances$/m);
  expect((await fetch(`${url}/1.2.3.4`)).status).toBe(404);
  expect((await fetch(`${url}/..%2f`)).status).toBe(400);
});

describe.each(['fastify.ts', 'express.ts'])('embedding/%s', (file) => {
  test('answers from the archive over pooled sessions', TIMEOUT, async () => {
    const dicom = String(await archive());
    const { paths, study } = writeSeries(home, 1);
    await store(Number(dicom), 'ARCHIVE', paths);
    const app = started(startExample('embedding', { DICOM_PORT: dicom }, file));
    const port = Number((await app.printed(/^listening on http:\S+:(\d+)/m))[1]);
    const response = await fetch(`http://127.0.0.1:${port}/studies`);
    expect(await response.text()).toContain(study);
    expect((await app.stop()).exitCode).toBe(0);
  });
});

test('own-service-class is used in both roles', TIMEOUT, async () => {
  const { exitCode, stdout, stderr } = await runExample('own-service-class');
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^CT: 40\nSR: 2\nOT: X-COUNT.*too many to count.*2000 instances.*\n$/);
  expect(exitCode).toBe(0);
});

test('opentelemetry prints the spans of both roles', TIMEOUT, async () => {
  const { exitCode, stdout, stderr } = await runExample('opentelemetry');
  expect(stderr).toBe('');
  const lines = stdout
    .replace(/ [\d.]+ ms$/gm, '')
    .trim()
    .split('\n');
  expect(lines.sort()).toEqual([
    'C-ECHO client 0000 child',
    'C-ECHO server 0000 child',
    'association client released child',
    'association server released root',
    'check the archive internal  root',
    'look up internal  child',
  ]);
  expect(exitCode).toBe(0);
});
