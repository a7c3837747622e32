// The comparison of files and index behind a running archive, and the queries that must wait for it.

import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@x/cli/logger';
import {
  createScp,
  encodeDataSet,
  openSession,
  SopClass,
  studyRoot,
  TransferSyntax,
  type UntypedDataSet,
} from '@x/dimse';
import { encodeFileMetaInformation } from '@x/dimse/data-set';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { arriving } from '../../test/arriving-data.ts';
import { makeEarlier } from '../../test/earlier-index.ts';
import { queryRetrieveServices } from '../query-retrieve/query-retrieve-services.ts';
import { openSqlArchiveIndex } from './archive-index/sql-archive-index.ts';
import { openFolderInstanceStore } from './folder-instance-store.ts';
import { IndexComparison } from './index-comparison.ts';
import { type InstanceArchive, openInstanceArchive } from './instance-archive.ts';

const EXPLICIT = TransferSyntax.ExplicitVRLittleEndian;

let folder: string;
let archive: InstanceArchive | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'index-comparison-'));
});
afterEach(async () => {
  await close();
  rmSync(folder, { recursive: true });
});

async function open({ fsync = true, reindex = false } = {}): Promise<InstanceArchive> {
  await close();
  archive = await openInstanceArchive(folder, { fsync, reindex });
  return archive;
}

async function close(): Promise<void> {
  await archive?.[Symbol.asyncDispose]();
  archive = undefined;
}

const description = (sopInstance: string) => ({
  sopClass: SopClass.CTImageStorage,
  sopInstance,
  transferSyntax: EXPLICIT,
  sourceAeTitle: 'SCU',
});

/** Instance n is in study n / 10. */
function dataSet(number: number, attributes: UntypedDataSet = {}): Uint8Array {
  const study = `1.2.${Math.floor(number / 10)}`;
  const uids = { StudyInstanceUID: study, SeriesInstanceUID: `${study}.1`, SOPInstanceUID: `1.2.3.${number}` };
  return encodeDataSet({ SOPClassUID: SopClass.CTImageStorage, ...uids, PatientID: '42', ...attributes }, EXPLICIT);
}

const keep = (number: number, attributes?: UntypedDataSet) =>
  archive?.keep(description(`1.2.3.${number}`), arriving(dataSet(number, attributes)));

/** Writes files as an earlier process left them. */
function putFiles(count: number, data = folder): void {
  for (let number = 0; number < count; number++) {
    const study = `1.2.${Math.floor(number / 10)}`;
    const series = join(data, 'instances', study, `${study}.1`);
    mkdirSync(series, { recursive: true });
    const meta = encodeFileMetaInformation(description(`1.2.3.${number}`));
    writeFileSync(join(series, `1.2.3.${number}.dcm`), Buffer.concat([meta, dataSet(number)]));
  }
}

async function found(): Promise<unknown[]> {
  const uids: unknown[] = [];
  for await (const entity of archive?.index.find({ level: 'IMAGE', identifier: {} }) ?? [])
    uids.push(entity.SOPInstanceUID);
  return uids;
}

function change(statement: string): void {
  const database = new Database(join(folder, 'index.db'));
  database.exec(statement);
  database.close();
}

const value = () => {
  const database = new Database(join(folder, 'index.db'));
  try {
    return database.prepare('select value from completeness').pluck().all();
  } finally {
    database.close();
  }
};

describe('the index is complete', () => {
  test('at once in an empty folder, and at the next start before the comparison', async () => {
    expect((await open()).index.isComplete).toBe(true);
    for (let number = 0; number < 30; number++) await keep(number);
    await open();
    expect(archive?.index.isComplete).toBe(true);
    expect(await found()).toHaveLength(30);
    expect(await archive?.compare()).toEqual({ added: 0, removed: 0, unreadable: [] });
    expect(archive?.comparison).toEqual({ state: 'passed', compared: 3, studies: 3 });
  });

  test('without fsync, until the machine restarts', async () => {
    await open({ fsync: false });
    await keep(1);
    for (const fsync of [false, true]) {
      await open({ fsync });
      expect(archive?.index.isComplete).toBe(true);
    }
    await close();
    expect(value()).toEqual(['complete']);
    await open({ fsync: false });
    await close();
    expect(value()).toEqual([expect.stringMatching(/^complete since boot \S+$/)]);
    change("update completeness set value = 'complete since boot 0'");
    await open();
    expect(archive?.index.isComplete).toBe(false);
    expect(archive?.incompleteness).toBe('index incomplete: 0 of 0 studies compared');
    await archive?.compare();
    expect(archive?.incompleteness).toBeUndefined();
  });

  test.each([
    [
      'was lost',
      () =>
        readdirSync(folder)
          .filter((name) => /^index/.test(name))
          .map((name) => rmSync(join(folder, name))),
    ],
    [
      'was made by an earlier version',
      () => {
        const database = new Database(join(folder, 'index.db'));
        makeEarlier(database);
        database.close();
      },
    ],
    ['is made again', undefined],
  ])('only after the comparison if it %s', async (_, damage) => {
    await open();
    for (let number = 0; number < 30; number++) await keep(number);
    await close();
    damage?.();
    await open({ reindex: damage === undefined });
    expect(archive?.index.isComplete).toBe(false);
    // A process that ends before the comparison has passed leaves the index incomplete.
    await open();
    expect(archive?.index.isComplete).toBe(false);
    await archive?.compare();
    expect(archive?.index.isComplete).toBe(true);
    expect(await found()).toHaveLength(30);
    await open();
    expect(archive?.index.isComplete).toBe(true);
  });
});

describe('while the comparison runs', () => {
  test('an instance that arrives keeps the file that is there, which is entered', async () => {
    putFiles(200);
    await open();
    const comparing = archive?.compare();
    for (const number of [199, 0]) expect((await keep(number, { PatientID: 'other' }))?.isDuplicate).toBe(true);
    expect((await keep(300))?.isDuplicate).toBe(false);
    await comparing;
    expect(await found()).toHaveLength(201);
    for await (const { PatientID } of archive?.index.find({ level: 'PATIENT', identifier: {} }) ?? [])
      expect(PatientID).toBe('42');
  });

  test('instances whose entries have no file arrive again and stay', async () => {
    await open();
    for (let number = 0; number < 40; number++) await keep(number);
    await close();
    for (const study of ['1.2.0', '1.2.1', '1.2.2']) rmSync(join(folder, 'instances', study), { recursive: true });
    await open();
    const comparing = archive?.compare();
    for (let number = 0; number < 20; number++) await keep(number);
    await comparing;
    const uids = await found();
    for (let number = 0; number < 20; number++) expect(uids).toContain(`1.2.3.${number}`);
    for (let number = 20; number < 30; number++) expect(uids).not.toContain(`1.2.3.${number}`);
  });

  test('a process that is killed continues at the next start', async () => {
    putFiles(500);
    await open();
    const comparing = archive?.compare();
    await expect.poll(() => archive?.comparison.compared, { interval: 1 }).toBeGreaterThan(5);
    // Without the end of the process, what it leaves is what its files are now.
    const left = mkdtempSync(join(tmpdir(), 'index-comparison-'));
    cpSync(folder, left, { recursive: true });
    await close();
    await expect(comparing).rejects.toMatchObject({ name: 'AbortError' });
    rmSync(folder, { recursive: true });
    folder = left;
    await open();
    expect(archive?.index.isComplete).toBe(false);
    const before = (await archive?.index.counts())?.instances ?? 0;
    expect(await archive?.compare()).toMatchObject({ added: 500 - before, removed: 0 });
    expect(await found()).toHaveLength(500);
  });

  test('entries for an index that is complete already are synced before it has passed', async () => {
    putFiles(100);
    const index = await openSqlArchiveIndex(join(folder, 'index.db'), { fsync: true });
    const store = await openFolderInstanceStore(folder, { fsync: true });
    await index.setComplete(true);
    const calls: string[] = [];
    const { sync, setComplete } = index;
    index.sync = () => {
      calls.push('sync');
      return sync.call(index);
    };
    index.setComplete = (isComplete) => {
      calls.push('setComplete');
      return setComplete.call(index, isComplete);
    };
    const comparison = new IndexComparison({ store, index, enterFiles: async () => [] });
    await comparison.run(new AbortController().signal);
    await index[Symbol.asyncDispose]();
    expect(calls).toEqual(['sync', 'setComplete']);
  });

  test('its steps are bounded, whatever the number of instances', async () => {
    putFiles(1000);
    const index = await openSqlArchiveIndex(join(folder, 'index.db'), { fsync: false });
    const store = await openFolderInstanceStore(folder, { fsync: false });
    const steps: number[] = [];
    const entered: string[] = [];
    const comparison = new IndexComparison({
      store,
      index,
      enterFiles: async (keys) => {
        entered.push(...keys.map(({ sopInstance }) => sopInstance));
        return [];
      },
      onStep: (visited) => steps.push(visited),
    });
    await comparison.run(new AbortController().signal);
    await index[Symbol.asyncDispose]();
    expect(entered).toHaveLength(1000);
    expect(steps.length).toBeGreaterThan(10);
    expect(Math.max(...steps)).toBeLessThan(600);
  });
});

test('C-FIND, C-GET and C-MOVE are refused with the progress until the comparison has passed', async () => {
  putFiles(25);
  const instances = await open();
  const logger = createLogger({ verbosity: 0, format: 'json', quiet: true });
  const options = { aet: 'ARCHIVE', window: 1 } as never;
  await using scp = createScp({
    aeTitle: 'ARCHIVE',
    services: queryRetrieveServices(options, instances, () => {}, logger),
  });
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  const peer = { host: '127.0.0.1', port, callingAeTitle: 'SCU', calledAeTitle: 'ARCHIVE' };
  await using session = await openSession({ ...peer, services: [studyRoot] });
  const identifier = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '1.2.0' };
  const user = session.use(studyRoot);
  const errorComment = 'index incomplete: 0 of 0 studies compared';
  await expect(user.find({ identifier }).final).rejects.toMatchObject({ status: 0xa700, errorComment });
  await expect(user.get({ identifier }).final).rejects.toMatchObject({ status: 0xa701, errorComment });
  const move = user.move({ destination: 'NOBODY', identifier });
  await expect(move.final).rejects.toMatchObject({ status: 0xa702, errorComment });
  await instances.compare();
  expect(await user.find({ identifier }).final).toMatchObject({ status: 0 });
});

test('the files of an index that fails are reported, and the comparison can be seen to have failed', async () => {
  putFiles(5);
  const instances = await open();
  await instances.index[Symbol.asyncDispose]();
  await expect(instances.compare()).rejects.toThrow();
  expect(instances.comparison.state).toBe('failed');
  expect(readFileSync(join(folder, 'instances/1.2.0/1.2.0.1/1.2.3.4.dcm')).length).toBeGreaterThan(0);
  archive = undefined;
});
