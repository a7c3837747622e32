// Names of patients in one character set, asked for in another (PS3.4 §C.2.2.2, PS3.5 §6.1.2).

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  encodeDataSet,
  openDicomFile,
  openSession,
  type Session,
  storage,
  studyRoot,
  type UntypedDataSet,
} from '@x/dimse';
import { encodeFileMetaInformation, type PersonName, parsePersonName, personNameText } from '@x/dimse/data-set';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN } from '@x/testing/data-sets';
import { type RunningScp, run, startScp } from '@x/testing/processes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keptIn } from '../../test/world.ts';

// biome-ignore format: a table reads as a table
const NAMES: readonly (readonly [terms: string, name: string])[] = [
  ['ISO_IR 100',                                        'Buc^Jérôme'],
  ['ISO_IR 144',                                        'Люкceмбypг'],
  ['\\ISO 2022 IR 149',                                 'Hong^Gildong=洪^吉洞=홍^길동'],
  ['\\ISO 2022 IR 87',                                  'Yamada^Tarou=山田^太郎=やまだ^たろう'],
  ['GB18030',                                           'Wang^XiaoDong=王^小东'],
  ['ISO_IR 192',                                        'Wang^XiaoDong=王^小東'],
  ['ISO 2022 IR 100\\ISO 2022 IR 126',                  'Müller=Δ'],
];

const folder = mkdtempSync(join(tmpdir(), 'names-'));
let archive: RunningScp;
let session: Session;

beforeAll(async () => {
  archive = await startScp([...keptIn(join(folder, 'data'))]);
  session = await openSession({
    host: '127.0.0.1',
    port: archive.port,
    callingAeTitle: 'SCU',
    calledAeTitle: 'DIMSE',
    services: [studyRoot, storage],
    contexts: [CT_IMAGE_STORAGE, studyRoot.sopClasses.Find.uid].map((abstractSyntax) => ({
      abstractSyntax,
      transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN],
    })),
  });
  for (const [number, [terms, name]] of NAMES.entries()) {
    const instance = {
      sopClass: CT_IMAGE_STORAGE,
      sopInstance: `${number}.1.1`,
      transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN,
    };
    const attributes = {
      SpecificCharacterSet: characterSet(terms),
      SOPClassUID: CT_IMAGE_STORAGE,
      SOPInstanceUID: instance.sopInstance,
      StudyInstanceUID: `${number}`,
      SeriesInstanceUID: `${number}.1`,
      PatientID: `NAMES ${number}`,
      PatientName: parsePersonName(name),
    };
    await session.use(storage).store({ ...instance, data: encodeDataSet(attributes, EXPLICIT_VR_LITTLE_ENDIAN) });
  }
}, 60_000);
afterAll(async () => {
  await session?.release();
  await archive?.stop('SIGTERM');
  rmSync(folder, { recursive: true });
});

function characterSet(terms: string): string | string[] {
  return terms.includes('\\') ? terms.split('\\') : terms;
}

async function find(identifier: UntypedDataSet): Promise<UntypedDataSet[]> {
  const found: UntypedDataSet[] = [];
  for await (const response of session.use(studyRoot).find({ identifier }))
    found.push(response.identifier as UntypedDataSet);
  return found;
}

describe.each(NAMES)('a name in %s', (terms, name) => {
  const groups = Object.values(parsePersonName(name)) as string[];
  const asked = ['ISO_IR 192', 'GB18030', terms];

  test.each(asked)(`is found by each of its component groups in %s: ${name}`, async (question) => {
    for (const group of groups) {
      const identifier = {
        SpecificCharacterSet: characterSet(question),
        QueryRetrieveLevel: 'STUDY',
        StudyInstanceUID: '',
        PatientName: parsePersonName(group),
      };
      const names = (await find(identifier)).map(({ PatientName }) =>
        personNameText((PatientName as PersonName | null) ?? {}),
      );
      expect(names).toContain(name);
    }
  });
});

const hasFindscu = !spawnSync('findscu', ['--version']).error;
if (!hasFindscu) process.stderr.write('findscu is not installed: its tests are left out\n');
describe.runIf(hasFindscu || process.env.CI)('findscu', () => {
  test.each(NAMES)('queries in %s and receives %s', async (terms, name) => {
    const query = join(folder, 'query.dcm');
    const keys = {
      SpecificCharacterSet: characterSet(terms),
      QueryRetrieveLevel: 'STUDY',
      StudyInstanceUID: '',
      PatientID: 'NAMES*',
      PatientName: parsePersonName(name),
    };
    const meta = { sopClass: CT_IMAGE_STORAGE, sopInstance: '1.2', transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN };
    writeFileSync(
      query,
      Buffer.concat([encodeFileMetaInformation(meta), encodeDataSet(keys, EXPLICIT_VR_LITTLE_ENDIAN)]),
    );
    const out = mkdtempSync(join(folder, 'found-'));
    const at = ['-aec', 'DIMSE', '127.0.0.1', `${archive.port}`];
    expect(await run('findscu', ['-S', '-X', '-od', out, ...at, query])).toMatchObject({ exitCode: 0 });
    const [found, ...others] = readdirSync(out);
    expect(others).toEqual([]);
    await using file = await openDicomFile(join(out, found as string));
    expect(await file.decode()).toMatchObject({ PatientName: parsePersonName(name) });
  });
});
