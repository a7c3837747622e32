// Modality worklist: our SCU with DCMTK's wlmscpfs, and DCMTK's findscu with our SCP, on the same folder.

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DataSetInput, encodeDataSet, openDicomFile } from '@x/dimse';
import { encodeFileMetaInformation } from '@x/dimse/data-set';
import { isInstalled, type Listening, run, runScu, startPeer, startScp } from '@x/testing/processes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const EXPLICIT = '1.2.840.10008.1.2.1';
const home = mkdtempSync(join(tmpdir(), 'interop-worklist-'));
const items = join(home, 'items');

const item = (
  study: string,
  modality: string,
  date: string,
  name: string,
  characterSet = 'ISO_IR 100',
): DataSetInput => ({
  SpecificCharacterSet: characterSet,
  AccessionNumber: `A${study}`,
  ReferringPhysicianName: '',
  PatientName: name,
  PatientID: `P${study}`,
  PatientBirthDate: '19700101',
  PatientSex: 'O',
  StudyInstanceUID: `1.2.${study}`,
  RequestedProcedureDescription: 'Procedure',
  RequestedProcedureID: `R${study}`,
  RequestedProcedurePriority: 'ROUTINE',
  ScheduledProcedureStepSequence: [
    {
      Modality: modality,
      ScheduledStationAETitle: `${modality}1`,
      ScheduledProcedureStepStartDate: date,
      ScheduledProcedureStepStartTime: '100000',
      ScheduledPerformingPhysicianName: 'Who^Doctor',
      ScheduledProcedureStepDescription: 'Step',
      ScheduledProcedureStepID: `S${study}`,
    },
  ],
});

beforeAll(() => {
  const folder = join(items, 'WORKLIST');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'lockfile'), '');
  const all = [
    item('1', 'CT', '20260105', 'Müller^Jürgen'),
    item('2', 'MR', '20260106', 'Doe^Jane'),
    item('3', 'CT', '20260107', 'Yamada^Tarou=山田^太郎', 'ISO_IR 192'),
  ];
  for (const [index, dataSet] of all.entries()) {
    const meta = encodeFileMetaInformation({
      sopClass: '1.2.840.10008.5.1.4.31',
      sopInstance: `1.2.3.${index}`,
      transferSyntax: EXPLICIT,
    });
    writeFileSync(join(folder, `${index}.wl`), Buffer.concat([meta, encodeDataSet(dataSet, EXPLICIT)]));
  }
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const MATCHES: readonly (readonly [keys: readonly string[], studies: readonly string[]])[] = [
  [[], ['1.2.1', '1.2.2', '1.2.3']],
  [['PatientID=P2'], ['1.2.2']],
  [['PatientName=Y*'], ['1.2.3']],
  [['ScheduledProcedureStepSequence.Modality=CT'], ['1.2.1', '1.2.3']],
  [['ScheduledProcedureStepSequence.ScheduledStationAETitle=MR1'], ['1.2.2']],
  [['ScheduledProcedureStepSequence.ScheduledProcedureStepStartDate=20260106-'], ['1.2.2', '1.2.3']],
  [
    [
      'ScheduledProcedureStepSequence.ScheduledProcedureStepStartDate=20260105-20260106',
      'ScheduledProcedureStepSequence.Modality=CT',
    ],
    ['1.2.1'],
  ],
  [['ScheduledProcedureStepSequence.Modality=US'], []],
];

/** The studies and the patients' names in the matches that our SCU receives. */
async function ask(port: number, keys: readonly string[]) {
  const args = ['StudyInstanceUID', 'PatientName', ...keys.filter((key) => !key.startsWith('PatientName='))];
  const named = keys.filter((key) => key.startsWith('PatientName='));
  const outcome = await runScu(
    'worklist',
    `WORKLIST@127.0.0.1:${port}`,
    '--json',
    ...[...args.filter((key) => named.length === 0 || key !== 'PatientName'), ...named].flatMap((key) => [
      '--key',
      key,
    ]),
  );
  expect([outcome.exitCode, outcome.stderr]).toEqual([0, expect.stringMatching(/match(?:es)?\n$/)]);
  const found = outcome.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line).dataSet);
  return {
    studies: found.map((one) => one['0020000D'].Value[0]).sort(),
    names: found.map((one) => one['00100010'].Value[0]),
  };
}

describe.each([
  ['wlmscpfs', () => startPeer('wlmscpfs', (port) => ['-dfp', items, String(port)])],
  ['dimse-scp', () => startScp(['--data', join(home, 'data'), '--aet', 'WORKLIST', '--worklist', items])],
])('our SCU with %s', (program, start) => {
  const isThere = program === 'dimse-scp' || isInstalled(program);
  let peer: Listening | undefined;
  beforeAll(async () => {
    if (isThere) peer = await start();
  });
  afterAll(() => peer?.stop());

  test.runIf(isThere).each(MATCHES)('%j finds %j', async (keys, studies) => {
    const found = await ask(peer?.port ?? 0, keys);
    expect(found.studies).toEqual(studies);
  });

  test.runIf(isThere)('delivers names unchanged in every character set', async () => {
    const { names } = await ask(peer?.port ?? 0, []);
    expect(names).toContainEqual({ Alphabetic: 'Müller^Jürgen' });
    expect(names).toContainEqual({ Alphabetic: 'Yamada^Tarou', Ideographic: '山田^太郎' });
  });
});

describe.runIf(isInstalled('findscu'))('findscu with our SCP', () => {
  let scp: Listening;
  beforeAll(async () => {
    scp = await startScp(['--data', join(home, 'data-of-scp'), '--aet', 'WORKLIST', '--worklist', items]);
  });
  afterAll(() => scp?.stop());

  test.each(MATCHES)('%j finds %j', async (keys, studies) => {
    const out = mkdtempSync(join(home, 'found-'));
    const paths = keys.map((key) => key.replace(/^(\w+Sequence)\./, '$1[0].'));
    const named = paths.some((path) => path.startsWith('PatientName'));
    const { exitCode, stderr } = await run('findscu', [
      '-W',
      '-X',
      '-od',
      out,
      '-aec',
      'WORKLIST',
      '127.0.0.1',
      String(scp.port),
      ...['StudyInstanceUID', ...(named ? [] : ['PatientName']), ...paths].flatMap((path) => ['-k', path]),
    ]);
    expect([exitCode, stderr]).toEqual([0, '']);
    const found: unknown[] = [];
    for (const name of readdirSync(out)) {
      await using file = await openDicomFile(join(out, name));
      const dataSet = await file.decode();
      found.push(dataSet.StudyInstanceUID);
      if (dataSet.StudyInstanceUID === '1.2.1')
        expect(dataSet).toMatchObject({
          SpecificCharacterSet: ['ISO_IR 192'],
          PatientName: { Alphabetic: 'Müller^Jürgen' },
        });
    }
    expect(found.sort()).toEqual(studies);
  });
});
