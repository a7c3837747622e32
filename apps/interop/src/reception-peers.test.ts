// Receptions of dimse-scp from DCMTK and Orthanc: transfer syntaxes that it accepts and prefers, coercion, and names of files.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { TransferSyntax } from '@x/dimse';
import { locateFileMetaInformation } from '@x/dimse/data-set';
import { computedTomographySeries } from '@x/testing/computed-tomography-phantom';
import { isInstalled, run, startScp } from '@x/testing/processes';
import { afterAll, describe, expect, test } from 'vitest';
import { startOrthanc } from './orthanc.ts';
import { filesIn } from './stored-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'reception-peers-'));
const started: { stop(signal?: NodeJS.Signals): Promise<unknown> }[] = [];
afterAll(async () => {
  for (const each of started) await each.stop('SIGKILL');
  rmSync(folder, { recursive: true });
});

const subfolder = (name: string) => {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
};

const slice = join(folder, 'slice.dcm');
for (const { bytes } of computedTomographySeries({ slices: 1, size: 64 })) writeFileSync(slice, bytes);

async function startArchive(name: string, ...options: readonly string[]) {
  const data = join(folder, name);
  const archive = await startScp(['--data', data, '--aet', 'ARCHIVE', ...options]);
  started.push(archive);
  const files = () =>
    ['instances', 'named']
      .map((name) => join(data, name))
      .filter(existsSync)
      .flatMap(filesIn);
  return { ...archive, data, files };
}

/** The transfer syntaxes of the files. */
const syntaxes = (files: readonly string[]) =>
  files.map((path) => locateFileMetaInformation(readFileSync(path))?.meta.transferSyntax);

const storescu = (port: number, ...options: readonly string[]) =>
  run('storescu', [...options, '-aet', 'CT01', '-aec', 'ARCHIVE', '127.0.0.1', `${port}`, slice]);

describe.runIf(isInstalled('storescu'))('storescu of DCMTK', () => {
  test.each<[name: string, options: string[], expected: string | undefined]>([
    ['takes the first one that it proposes', [], TransferSyntax.ExplicitVRLittleEndian],
    ['takes a preferred one', ['--prefer-syntax', 'ImplicitVRLittleEndian'], TransferSyntax.ImplicitVRLittleEndian],
    [
      'takes the only one that is accepted',
      ['--accept-syntax', 'ImplicitVRLittleEndian'],
      TransferSyntax.ImplicitVRLittleEndian,
    ],
    ['is refused if it has none of those that are accepted', ['--accept-syntax', 'JPEG2000Lossless'], undefined],
  ])('%s', async (name, options, expected) => {
    const { port, files } = await startArchive(name.replaceAll(' ', '-'), ...options);
    // All uncompressed transfer syntaxes in one presentation context.
    const { exitCode, stdout, stderr } = await storescu(port, '-v', '-x=', '+C');
    expect(syntaxes(files())).toEqual(expected === undefined ? [] : [expected]);
    if (expected === undefined)
      expect(`${exitCode} ${stdout}${stderr}`).toMatch(/^[1-9].*No Acceptable Presentation Contexts/s);
    else expect(exitCode).toBe(0);
  });
});

const RULES = `rules:
  all:
    calling: [CT01, ORTHANC]
    set: { InstitutionName: Clinic, PatientID: NEW }
    remove: [SoftwareVersions]
`;

describe.runIf(isInstalled('storescu') && isInstalled('dciodvfy'))('coercion and names of files', () => {
  test('coerced files are valid for dciodvfy and DCMTK, storescu reads the warning, and the name has the new value', async () => {
    const rules = join(folder, 'coerce.yaml');
    writeFileSync(rules, RULES);
    const options = ['--coerce', rules, '--file-name', '{PatientID}/{Modality}-{SOPInstanceUID}'];
    const { port, data, files } = await startArchive('coerced', ...options);
    const { exitCode, stdout, stderr } = await storescu(port, '-v');
    expect(exitCode).toBe(0);
    expect(stdout + stderr).toMatch(/Warning: Coercion ?Of ?Data ?Elements/i);
    const [path = '', ...others] = files();
    expect(others).toEqual([]);
    expect(relative(data, path)).toMatch(/^named\/NEW\/CT-[\d.]+\.dcm$/);
    const verified = spawnSync('dciodvfy', [path], { encoding: 'utf8' });
    expect(verified.stderr).toContain('CTImage');
    expect(verified.stderr.split('\n').filter((line) => /^Error/.test(line))).toEqual([]);
    const dumped = spawnSync('dcmdump', ['+P', '0400,0561', '+P', '0010,0020', '+P', '0008,0080', path], {
      encoding: 'utf8',
    });
    expect(dumped.stderr).toBe('');
    for (const words of ['[NEW]', '[Clinic]', '[COERCE]', '[ARCHIVE]', '[CT01]', 'ModifiedAttributesSequence'])
      expect(dumped.stdout).toContain(words);
  });
});

describe.runIf(isInstalled('Orthanc'))('Orthanc', () => {
  test('sends in a syntax that is accepted, its instance is coerced, and it takes the instance back', async () => {
    const rules = join(folder, 'orthanc.yaml');
    writeFileSync(rules, RULES);
    const { port, files, stop } = await startArchive(
      ...([
        'orthanc',
        '--accept-syntax',
        'ImplicitVRLittleEndian',
        '--coerce',
        rules,
        '--file-name',
        '{PatientID}/x',
      ] as const),
    );
    const orthanc = await startOrthanc(subfolder('orthanc-home'), { archive: { aeTitle: 'ARCHIVE', port } });
    started.push(orthanc);
    const post = async (path: string, body: string | Uint8Array<ArrayBuffer>) => {
      const response = await fetch(`${orthanc.rest}${path}`, { method: 'POST', body });
      return (await response.json()) as Record<string, unknown>;
    };
    const { ID } = await post('/instances', readFileSync(slice));
    const sent = await post('/modalities/archive/store', `${ID}`);
    expect(sent).toMatchObject({ FailedInstancesCount: 0, InstancesCount: 1 });
    expect(syntaxes(files())).toEqual([TransferSyntax.ImplicitVRLittleEndian]);
    const [path = ''] = files();
    // Orthanc parses what was coerced.
    const back = await post('/instances', readFileSync(path));
    const tags = await (await fetch(`${orthanc.rest}/instances/${back.ID}/simplified-tags`)).json();
    expect(tags).toMatchObject({
      ...{ PatientID: 'NEW', InstitutionName: 'Clinic' },
      OriginalAttributesSequence: [{ ReasonForTheAttributeModification: 'COERCE', SourceOfPreviousValues: 'ORTHANC' }],
    });
    await stop();
  });
});
