// dimse-scu dump of DICOM files. Recorded traffic is tested with the recordings.

import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@x/cli/program';
import { encodeDataSet, SopClass, TransferSyntax } from '@x/dimse';
import { encodeFileMetaInformation } from '@x/dimse/data-set';
import { jsonLines, runInProcess } from '@x/testing/run-in-process';
import { afterAll, expect, test } from 'vitest';
import { createScuProgram } from '../program.ts';

const scu = (args: readonly string[]) => runInProcess((context) => runProgram(createScuProgram(), context), args);
const folder = mkdtempSync(join(tmpdir(), 'dump-'));
afterAll(() => rmSync(folder, { recursive: true }));

const PIXELS = 3_000_000;

function image(name: string, furtherAttributes: Readonly<Record<string, unknown>> = {}): string {
  const meta = {
    sopClass: SopClass.CTImageStorage,
    sopInstance: '1.2.3',
    transferSyntax: TransferSyntax.ExplicitVRLittleEndian,
  };
  const dataSet = {
    SOPClassUID: meta.sopClass,
    SOPInstanceUID: '1.2.3',
    Modality: 'CT',
    '00091001': { vr: 'LO', value: 'own' },
    PatientName: [{ Alphabetic: 'Doe^Jane' }],
    ImageType: ['ORIGINAL', 'PRIMARY'],
    Rows: 5,
    RequestAttributesSequence: [{ ScheduledProcedureStepID: 'S1' }],
    PixelData: new Uint8Array(PIXELS),
    ...furtherAttributes,
  };
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat([encodeFileMetaInformation(meta), encodeDataSet(dataSet, meta.transferSyntax)]));
  return path;
}

test('shows each element of a DICOM file on a line, without its pixel data', async () => {
  const path = image('image.dcm');
  const { exitCode, stdout, stderr } = await scu(['dump', path]);
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout.split('\n').map((line) => line.replace(/ {2,}#/, ' #'))).toEqual([
    `# ${path}: CT Image Storage, Explicit VR Little Endian`,
    '(0008,0008) CS [ORIGINAL\\PRIMARY] # ImageType',
    '(0008,0016) UI [1.2.840.10008.5.1.4.1.1.2] # SOPClassUID',
    '(0008,0018) UI [1.2.3] # SOPInstanceUID',
    '(0008,0060) CS [CT] # Modality',
    '(0009,1001) LO [own] # private',
    '(0010,0010) PN [Doe^Jane] # PatientName',
    '(0028,0010) US [5] # Rows',
    '(0040,0275) SQ 1 item # RequestAttributesSequence',
    '  item 1',
    '    (0040,0009) SH [S1] # ScheduledProcedureStepID',
    `# ${PIXELS + 12} bytes of pixel data or of very long elements are not shown`,
    '',
  ]);
});

test('shows the elements after the pixel data', async () => {
  const path = image('padded.dcm', { FFFCFFFC: { vr: 'OB', value: new Uint8Array(40_000) } });
  const { exitCode, stdout, stderr } = await scu(['dump', path]);
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout).toContain('(FFFC,FFFC) OB (40000 bytes)');
});

test('shows a DICOM file in the DICOM JSON model', async () => {
  const { stdout } = await scu(['dump', image('json.dcm'), '--json']);
  const [shown, ...others] = jsonLines(stdout);
  expect(others).toEqual([]);
  expect(shown).toMatchObject({
    transferSyntax: TransferSyntax.ExplicitVRLittleEndian,
    notRead: PIXELS + 12,
    dataSet: { '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Doe^Jane' }] } },
  });
  expect(stdout.length).toBeLessThan(2000);
});

test('shows a damaged file as far as it can be read, and reports the fault', async () => {
  const path = image('cut.dcm');
  truncateSync(path, 5000);
  const { exitCode, stdout, stderr } = await scu(['dump', path]);
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('(7FE0,0010) is cut short')]);
  expect(stdout).toContain('[Doe^Jane]');
});

test('rejects a file that is neither a DICOM file nor a capture', async () => {
  const path = join(folder, 'notes.txt');
  writeFileSync(path, 'notes');
  const { exitCode, stderr } = await scu(['dump', path]);
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/this is not a capture.*nor is it a DICOM file/)]);
  const missing = await scu(['dump', join(folder, 'image.dmc')]);
  expect([missing.exitCode, missing.stderr]).toEqual([2, expect.stringContaining("did you mean '")]);
});
