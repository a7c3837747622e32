// Data sets compared with DCMTK: it reads our text correctly, and its JSON of real files equals ours.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type DataSet, type DataSetInput, decodeDataSet, encodeDataSet, openDicomFile } from '@x/dimse';
import { type DicomJsonModel, encodeFileMetaInformation, parsePersonName, toDicomJson } from '@x/dimse/data-set';
import { isInstalled, run } from '@x/testing/processes';
import { NO_INSTANCE, sharedFiles } from '@x/testing/shared-files';
import { afterAll, describe, expect, test } from 'vitest';

const EXPLICIT = '1.2.840.10008.1.2.1';
const folder = mkdtempSync(join(tmpdir(), 'data-sets-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function read(path: string): Promise<DataSet> {
  await using file = await openDicomFile(path);
  const bytes = new Uint8Array(file.dataSet.length);
  for (let at = 0; at < bytes.length; at += await file.dataSet.readv([bytes.subarray(at)], at));
  return decodeDataSet(bytes, file.transferSyntax);
}

function write(name: string, dataSet: DataSetInput, transferSyntax: string): string {
  const path = join(folder, name);
  const identity = { SOPClassUID: '1.2.840.10008.5.1.4.1.1.7', SOPInstanceUID: '1.2.3' };
  const header = encodeFileMetaInformation({
    sopClass: identity.SOPClassUID,
    sopInstance: identity.SOPInstanceUID,
    transferSyntax,
  });
  writeFileSync(path, Buffer.concat([header, encodeDataSet({ ...dataSet, ...identity }, transferSyntax)]));
  return path;
}

// Not the double-byte sets of Japan and China in ISO 2022: Debian's DCMTK has a conversion library without them.
// biome-ignore format: a table reads as a table
const names: readonly (readonly [terms: string, name: string])[] = [
  ['\\ISO 2022 IR 149',                'Hong^Gildong=洪^吉洞=홍^길동'],
  ['ISO_IR 192',                       'Wang^XiaoDong=王^小東'],
  ['GB18030',                          'Wang^XiaoDong=王^小东'],
  ['GBK',                              'Wang^XiaoDong=王^小东'],
  ['ISO_IR 100',                       'Buc^Jérôme'],
  ['ISO_IR 101',                       'Wałęsa'],
  ['ISO_IR 109',                       'antaŭ'],
  ['ISO_IR 110',                       'Rīga'],
  ['ISO_IR 126',                       'Διονυσιος'],
  ['ISO_IR 127',                       'قباني^لنزار'],
  ['ISO_IR 138',                       'שרון^דבורה'],
  ['ISO_IR 144',                       'Люкceмбypг'],
  ['ISO_IR 148',                       'Çavuşoğlu'],
  ['ISO_IR 166',                       'ไทย'],
  ['ISO 2022 IR 100\\ISO 2022 IR 126\\ISO 2022 IR 144', 'A=é^Δ^Л'],
];

describe.skipIf(!isInstalled('dcmconv'))('our data sets in a character set', () => {
  test.each(names)('DCMTK reads %s: %s', async (terms, name) => {
    const dataSet = {
      SpecificCharacterSet: terms.includes('\\') ? terms.split('\\') : terms,
      PatientName: parsePersonName(name),
      RequestAttributesSequence: [{ StudyDescription: name.replaceAll('=', ' ') }],
      PatientComments: `${name}\r\n${name}`,
    };
    const path = write('names.dcm', dataSet, EXPLICIT);
    const converted = join(folder, 'converted.dcm');
    const { exitCode, stderr } = await run('dcmconv', ['+U8', path, converted]);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(await read(converted)).toEqual({ ...(await read(path)), SpecificCharacterSet: ['ISO_IR 192'] });
    expect(await read(converted)).toMatchObject({ PatientName: dataSet.PatientName });
  });
});

const files = sharedFiles().filter((path) => !NO_INSTANCE.test(path) && !path.includes('truncated'));

describe.skipIf(!isInstalled('dcm2json') || files.length === 0)('the DICOM JSON of', () => {
  test.each(files.map((path) => [basename(path), path]))('%s equals that of DCMTK', async (_, path) => {
    const theirs = join(folder, 'theirs.json');
    const { exitCode } = await run('dcm2json', ['--ignore-errors', path, theirs]).catch(() => ({ exitCode: -1 }));
    if (exitCode !== 0) return;
    const bulkDataUri = () => '';
    const ours = toDicomJson(await read(path), { bulkDataUri });
    expect(comparable(ours)).toEqual(comparable(JSON.parse(readFileSync(theirs, 'utf8'))));
  });
});

/** Leaves out the elements that can be expressed in several ways. */
function comparable(model: DicomJsonModel): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [tag, { vr, Value }] of Object.entries(model)) {
    // Group lengths, file meta information, bytes, and private attributes of which only one side knows the VR.
    if (tag.endsWith('0000') || tag.startsWith('0002') || /^O[BDFLVW]$|^UN$/.test(String(vr))) continue;
    if (Number.parseInt(tag.slice(0, 4), 16) % 2 === 1) continue;
    const values = Array.isArray(Value) ? Value : [];
    kept[tag] = [vr, ...values.map((value) => comparableValue(String(vr), value))];
  }
  return kept;
}

function comparableValue(vr: string, value: unknown): unknown {
  if (vr === 'SQ') return comparable((value ?? {}) as DicomJsonModel);
  if (value === null || value === '') return null;
  return /^(DS|IS|F[LD]|[SU][LSV])$/.test(vr)
    ? Math.fround(Number(value))
    : typeof value === 'string'
      ? value.trim()
      : value;
}
