// Keys for attributes that have no column: the database leaves out most rows, and never one that matches.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { matchesIdentifier, SopClass, TransferSyntax, type UntypedDataSet } from '@x/dimse';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ArchiveIndex } from './archive-index.ts';
import { openSqlArchiveIndex } from './sql-archive-index.ts';

const DESCRIPTIONS = [
  'CT of the chest',
  'ct OF THE CHEST',
  'MR of the knee',
  'knee "left" 50% back\\slash_1',
  'Schädel CT',
  'tab\there',
  '頭部',
  'x'.repeat(3000),
  `${'long text '.repeat(300)}chest`,
  '',
];

let folder: string;
let index: ArchiveIndex;
let visited = 0;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stored-text-'));
  index = await openSqlArchiveIndex(join(folder, 'index.db'), {
    fsync: false,
    onStep: (rows) => {
      visited += rows;
    },
  });
  for (let number = 0; number < 1000; number++) {
    const study = `1.2.${number}`;
    const ids = { study, series: `${study}.1`, sopInstance: `${study}.1.1` };
    const text = DESCRIPTIONS[number % DESCRIPTIONS.length] as string;
    const description = number < 20 ? text : text.slice(0, 60);
    const attributes = {
      StudyInstanceUID: study,
      StudyDescription: description,
      StudyID: number === 7 ? ['A', 'B chest'] : `${number}`,
      PatientID: '1',
    };
    const entry = { ...ids, sopClass: SopClass.CTImageStorage, transferSyntax: TransferSyntax.ExplicitVRLittleEndian };
    await index.add({ ...entry, length: 10 }, attributes as never);
  }
});
afterAll(async () => {
  await index[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function found(identifier: UntypedDataSet): Promise<UntypedDataSet[]> {
  const entities: UntypedDataSet[] = [];
  for await (const entity of index.find({ level: 'STUDY', identifier })) entities.push(entity);
  return entities;
}

test.each([
  ['*chest*'],
  ['CT of the chest'],
  ['ct*'],
  ['*KNEE*'],
  ['*"left"*'],
  ['*50%*'],
  ['*back\\slash?1'],
  ['*k\\slash_*'],
  ['Sch?del*'],
  ['*ä*'],
  ['*部'],
  ['tab\there'],
  ['*?x'],
  ['*long text long*chest'],
  ['?'],
  [['*knee*', '*chest']],
  [['*', 'nothing']],
])('finds what attribute matching finds: %j', async (key) => {
  const all = await found({});
  for (const identifier of [{ StudyDescription: key }, { StudyID: key }] as readonly UntypedDataSet[])
    expect(await found(identifier)).toEqual(all.filter((entity) => matchesIdentifier(entity, identifier)));
});

test('does not compare the time zone of the identifier', async () => {
  expect(await found({ TimezoneOffsetFromUTC: '+0000' })).toHaveLength(1000);
});

test('reads only the rows that have the text', async () => {
  visited = 0;
  expect(await found({ StudyDescription: '*of the knee*' })).toHaveLength(100);
  const few = visited;
  visited = 0;
  expect(await found({ StudyID: '?*' })).toHaveLength(1000);
  expect(few).toBeLessThan(visited / 2);
});
