// kill -9 while instances arrive whose files a template names and whose attributes are coerced.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeDataSet, openSession, SopClass, storage, TransferSyntax } from '@x/dimse';
import { type RunningScp, startScp } from '@x/testing/processes';
import { seededRandom } from '@x/testing/rechunk';
import { afterAll, expect, test } from 'vitest';
import { parseFileNameTemplate } from './instances/file-name-template.ts';
import { openInstanceArchive } from './instances/instance-archive.ts';

const folder = mkdtempSync(join(tmpdir(), 'reception-crash-'));
let archive: RunningScp | undefined;
afterAll(async () => {
  await archive?.stop('SIGKILL');
  rmSync(folder, { recursive: true });
});

const SENT = { sopClass: SopClass.CTImageStorage, transferSyntax: TransferSyntax.ExplicitVRLittleEndian };
const PIXELS = new Uint8Array(60_000).fill(7);
const ROUNDS = 5;
const ASSOCIATIONS = 4;
const WINDOW = 8;
const COERCED = 0xb000;

const uidOf = (number: number) => `1.2.3.${number}`;

function dataSet(number: number): Uint8Array {
  return encodeDataSet(
    {
      ...{
        SOPClassUID: SENT.sopClass,
        SOPInstanceUID: uidOf(number),
        StudyInstanceUID: '1.2',
        SeriesInstanceUID: '1.2.1',
      },
      ...{ PatientID: `P/${number % 3}`, Modality: 'CT', PatientComments: `comment ${number}`, PixelData: PIXELS },
    },
    SENT.transferSyntax,
  );
}

/** Sends instances from a number on until the archive is killed after `enough`. Adds those that it acknowledges. */
async function sendUntilKilled(first: number, enough: number, acknowledged: Set<number>): Promise<number> {
  const running = archive as RunningScp;
  let next = first;
  let count = 0;
  const send = async () => {
    const peer = { host: '127.0.0.1', port: running.port, callingAeTitle: 'CT01', calledAeTitle: 'DIMSE' };
    const session = await openSession({ ...peer, services: [storage], sends: [SENT], asynchronousOperations: WINDOW });
    const store = async () => {
      for (;;) {
        const number = next++;
        const { status } = await session
          .use(storage)
          .store({ ...SENT, sopInstance: uidOf(number), data: dataSet(number) });
        expect(status).toBe(COERCED);
        acknowledged.add(number);
        if (++count === enough) running.child.kill('SIGKILL');
      }
    };
    await Promise.allSettled(Array.from({ length: WINDOW }, store));
  };
  await Promise.all(Array.from({ length: ASSOCIATIONS }, send));
  await running.outcome;
  return next;
}

const filesIn = (path: string): string[] =>
  readdirSync(path, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesIn(join(path, entry.name)) : [join(path, entry.name)],
  );

test('kill -9 during reception with a template and coercion: nothing acknowledged is lost, nothing is doubled', async () => {
  const data = join(folder, 'data');
  const rules = join(folder, 'coerce.yaml');
  writeFileSync(rules, 'rules:\n  all: { calling: CT01, set: { InstitutionName: Clinic }, remove: PatientComments }');
  const templates = ['{PatientID}/{Modality}/{SOPInstanceUID}.dcm', '{InstitutionName}-{SOPInstanceUID}'];
  const random = seededRandom(3);
  const acknowledged = new Set<number>();
  let next = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const template = templates[round % 2] as string;
    archive = await startScp(['--data', data, '--file-name', template, '--coerce', rules]);
    // Some that were sent before, acknowledged or not, are sent again under another template.
    next = await sendUntilKilled(Math.max(0, next - 40), 40 + Math.floor(random() * 60), acknowledged);
  }
  archive = undefined;
  const fileName = parseFileNameTemplate(templates[0] as string);
  await using instances = await openInstanceArchive(data, { fsync: true, reindex: false, fileName });
  const { unreadable } = await instances.compare();
  expect(unreadable).toEqual([]);
  const held = new Map<string, string>();
  for await (const instance of instances.index.instances({
    level: 'IMAGE',
    identifier: { InstitutionName: 'Clinic' },
  })) {
    await using file = await instances.open(instance);
    const { InstitutionName, PatientComments, OriginalAttributesSequence } = await file.decode();
    expect([InstitutionName, PatientComments]).toEqual(['Clinic', undefined]);
    expect(OriginalAttributesSequence).toHaveLength(1);
    expect(held.has(instance.sopInstance)).toBe(false);
    held.set(instance.sopInstance, file.path);
  }
  const files = [...filesIn(join(data, 'named')), ...filesIn(join(data, 'instances'))];
  expect(files.sort()).toEqual([...held.values()].sort());
  expect(filesIn(join(data, 'incoming'))).toEqual([]);
  for (const path of files) expect(readFileSync(path).includes('comment ')).toBe(true);
  const lost = [...acknowledged].filter((number) => !held.has(uidOf(number)));
  process.stderr.write(
    `${ROUNDS} kills: ${acknowledged.size} acknowledged, ${held.size} held, ${lost.length} lost, ${files.length - held.size} doubled\n`,
  );
  expect(lost).toEqual([]);
}, 120_000);
