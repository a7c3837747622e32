// dimse-scu find and worklist with the identifier from a file.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@x/cli/program';
import { createScp, encodeDataSet, modalityWorklist, type Scp, serve, studyRoot, TransferSyntax } from '@x/dimse';
import { encodeFileMetaInformation, toDicomJson } from '@x/dimse/data-set';
import { runInProcess } from '@x/testing/run-in-process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createScuProgram } from '../program.ts';

const scu = (args: readonly string[]) => runInProcess((context) => runProgram(createScuProgram(), context), args);
const folder = mkdtempSync(join(tmpdir(), 'dimse-scu-query-'));
let scp: Scp;
let peer: string;
let asked: object[] = [];

beforeAll(async () => {
  const find = async function* ({ identifier }: { readonly identifier: object }) {
    asked.push(identifier);
    yield { identifier: { PatientID: '7' } };
  };
  scp = createScp({
    aeTitle: 'SCP',
    services: [serve(studyRoot, { rawFind: find as never }), serve(modalityWorklist, { rawFind: find as never })],
  });
  peer = `SCP@127.0.0.1:${(await scp.listen({ port: 0, host: '127.0.0.1' })).port}`;
});
afterAll(async () => {
  await scp.close();
  rmSync(folder, { recursive: true });
});

const QUERY = {
  QueryRetrieveLevel: 'SERIES',
  PatientID: '42',
  PatientName: 'Müller^*',
  RequestAttributesSequence: [{ ScheduledProcedureStepID: 'S', RequestedProcedureID: '' }],
};

function written(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function dicomFile(dataSet: object): string {
  const transferSyntax = TransferSyntax.ImplicitVRLittleEndian;
  const meta = encodeFileMetaInformation({
    sopClass: '1.2.840.10008.5.1.4.1.2.2.1',
    sopInstance: '1.2.3',
    transferSyntax,
  });
  return written('query.dcm', Buffer.concat([meta, encodeDataSet(dataSet as never, transferSyntax)]));
}

async function found(args: readonly string[]) {
  asked = [];
  const outcome = await scu(args);
  return { ...outcome, identifier: asked[0] };
}

test.each([
  ['a DICOM file', () => dicomFile({ SpecificCharacterSet: 'ISO_IR 192', ...QUERY })],
  ['a DICOM JSON file', () => written('query.json', JSON.stringify(toDicomJson(QUERY as never)))],
  ['a list of one data set', () => written('list.json', `\ufeff [${JSON.stringify(toDicomJson(QUERY as never))}]`)],
])('find takes its keys from %s', async (_, path) => {
  const { exitCode, stdout, identifier } = await found(['find', peer, '--query', path()]);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^PatientName +PatientID +ScheduledProcedureStepID +RequestedProcedureID/);
  expect(identifier).toMatchObject({
    QueryRetrieveLevel: 'SERIES',
    PatientID: '42',
    RequestAttributesSequence: [{ ScheduledProcedureStepID: 'S' }],
  });
});

test('keys and the level of the command line come on top', async () => {
  const keys = ['-k', 'PatientID=7', '-k', 'Modality', '-k', 'RequestAttributesSequence.RequestedProcedureID=R'];
  const { identifier } = await found(['find', peer, '--query', dicomFile(QUERY), '--level', 'STUDY', ...keys]);
  expect(identifier).toMatchObject({
    QueryRetrieveLevel: 'STUDY',
    PatientID: '7',
    RequestAttributesSequence: [{ ScheduledProcedureStepID: 'S', RequestedProcedureID: 'R' }],
  });
  expect(identifier).toHaveProperty('Modality');
});

test('worklist takes its keys from a file', async () => {
  const path = dicomFile({
    PatientID: '42',
    ScheduledProcedureStepSequence: [{ Modality: 'CT' }],
  });
  const { identifier } = await found(['worklist', peer, '--query', path, '-k', 'PatientName']);
  expect(identifier).toMatchObject({
    PatientID: '42',
    ScheduledProcedureStepSequence: [{ Modality: 'CT' }],
  });
});

test.each([
  ['does not exist', () => join(folder, 'none'), 'does not exist'],
  ['is a folder', () => folder, 'it is a folder'],
  ['is text', () => written('text', 'PatientID=42'), 'is not a DICOM file'],
  ['is not JSON to its end', () => written('cut.json', '{"00100020":'), 'cut.json: '],
  ['is JSON of another kind', () => written('other.json', '{"PatientID":"42"}'), 'other.json: '],
  ['has two data sets', () => written('two.json', '[{},{}]'), 'it has 2 data sets, not one'],
])('a file that %s is wrong usage', async (_, path, words) => {
  const { exitCode, stderr, identifier } = await found(['find', peer, '--query', path()]);
  expect([exitCode, identifier, stderr]).toEqual([2, undefined, expect.stringContaining(words)]);
  expect(stderr.trim().split('\n')).toHaveLength(1);
});
