// dimse-scu find with dimse-scp and the instances stored there.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { computedTomographySeries } from '@x/testing/computed-tomography-phantom';
import { type Listening, runScu, startScp } from '@x/testing/processes';
import { afterAll, beforeAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'find-'));
let scp: Listening;
const find = (...options: readonly string[]) => runScu('find', `ARCHIVE@127.0.0.1:${scp.port}`, ...options);

beforeAll(async () => {
  scp = await startScp(['--data', join(folder, 'archive'), '--aet', 'ARCHIVE']);
  let number = 0;
  for (const { bytes } of computedTomographySeries({ slices: 5, size: 64 }))
    writeFileSync(join(folder, `${++number}.dcm`), bytes);
  const files = Array.from({ length: number }, (_, index) => join(folder, `${index + 1}.dcm`));
  expect(await runScu('store', `ARCHIVE@127.0.0.1:${scp.port}`, ...files)).toMatchObject({ exitCode: 0 });
});
afterAll(async () => {
  await scp?.stop();
  rmSync(folder, { recursive: true });
});

test('prints a table, or JSON lines with --json', async () => {
  const keys = ['--key', 'PatientID', '--key', 'StudyInstanceUID', '--key', 'NumberOfStudyRelatedInstances'];
  const { exitCode, stdout } = await find(...keys);
  expect(exitCode).toBe(0);
  const [head, line, ...rest] = stdout.split('\n');
  expect(head?.split(/ {2,}/)).toEqual(['PatientID', 'StudyInstanceUID', 'NumberOfStudyRelatedInstances']);
  expect(line?.split(/ {2,}/).at(-1)).toBe('5');
  expect(rest).toEqual(['']);
  const json = await find(...keys, '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({
    status: 'FF00',
    dataSet: { '00080052': { vr: 'CS', Value: ['STUDY'] }, '00201208': { vr: 'IS', Value: [5] } },
  });
});

test('finds at every level, up to a limit, and accepts an empty result', async () => {
  const images = ['--level', 'IMAGE', '--relational', '--key', 'Modality=CT', '--key', 'SOPInstanceUID'];
  expect((await find(...images)).stdout.trim().split('\n')).toHaveLength(6);
  expect((await find(...images, '--limit', '2')).stdout.trim().split('\n')).toHaveLength(3);
  expect((await find()).stdout).toMatch(/^PatientName .* StudyInstanceUID\n/);
  const patients = await find('--model', 'patient', '--level', 'PATIENT', '--key', 'PatientID=nobody');
  expect(patients).toMatchObject({ exitCode: 0, stdout: '' });
});

test('explains a refusal of the peer and a usage error in one line each', async () => {
  const refused = await find('--level', 'SERIES', '--key', 'Modality=CT');
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toMatch(/^dimse-scu: ARCHIVE.*A900H.*StudyInstanceUID[^\n]*\n$/);
  for (const options of [
    ['--key', 'NoSuchKeyword=1'],
    ['--key', 'PatientID', '--level', 'NONE'],
    ['--kye', 'x'],
  ])
    expect(await find(...options)).toMatchObject({ exitCode: 2, stdout: '' });
});
