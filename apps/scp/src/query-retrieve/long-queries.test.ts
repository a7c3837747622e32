// Queries that take long, while another association is used.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@x/cli/logger';
import {
  createScp,
  openSession,
  type Scp,
  type Session,
  Status,
  serve,
  studyRoot,
  type UntypedDataSet,
  verification,
} from '@x/dimse';
import Database from 'libsql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ArchiveIndex } from '../instances/archive-index/archive-index.ts';
import { openSqlArchiveIndex } from '../instances/archive-index/sql-archive-index.ts';
import { queryRetrieveServices } from './query-retrieve-services.ts';

const STUDIES = 20_000;

let folder: string;
let index: ArchiveIndex;
let archive: Scp;
let session: Session;
let other: Session;
let steps = 0;
/** Called at the first step of a query. */
let onFirstStep: (() => void) | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'long-queries-'));
  const path = join(folder, 'index.db');
  await (await openSqlArchiveIndex(path, { fsync: false }))[Symbol.asyncDispose]();
  const database = new Database(path);
  database.exec(`insert into patient (id, patient_key, patient_id, patient_name, attributes)
    values (1, 'P', 'P', 'doe', json_object('PatientID', 'P', 'PatientName', 'Doe'))`);
  database.exec(`with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${STUDIES})
    insert into study (id, patient, study_instance_uid, study_date, accession_number, attributes)
    select n, 1, '1.' || n, '20200101', '', json_object('StudyInstanceUID', '1.' || n, 'StudyDescription', 'head') from numbers;
    insert into study_text (id, text) select id, 'head' from study`);
  database.close();
  index = await openSqlArchiveIndex(path, {
    fsync: false,
    onStep: () => {
      if (++steps === 1) onFirstStep?.();
    },
  });
  const logger = createLogger({ verbosity: 0, format: 'json', quiet: true });
  archive = createScp({
    aeTitle: 'ARCHIVE',
    services: [
      ...queryRetrieveServices({ aet: 'ARCHIVE', window: 1 } as never, { index } as never, () => {}, logger),
      serve(verification, { echo: () => Status.Success }),
    ],
  });
  const { port } = await archive.listen({ port: 0, host: '127.0.0.1' });
  const peer = { host: '127.0.0.1', port, callingAeTitle: 'SCU', calledAeTitle: 'ARCHIVE' };
  session = await openSession({ ...peer, services: [studyRoot] });
  other = await openSession({ ...peer, services: [verification] });
}, 60_000);
afterAll(async () => {
  session.abort();
  other.abort();
  await archive.close();
  await index[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const manyKeys: UntypedDataSet = Object.fromEntries(
  Array.from({ length: 4000 }, (_, number) => [`0009${(0x1000 + number).toString(16)}`, { vr: 'LO', value: '' }]),
);

test.each<[string, UntypedDataSet, number]>([
  ['a date that no index finds', { PatientBirthDate: '19000101' }, 0],
  ['a key without a column', { StudyDescription: 'foot*' }, 0],
  ['thousands of keys that nothing has, and 51 matches', { StudyInstanceUID: studies(51), ...manyKeys }, 51],
])('a query for %s leaves turns to an echo of another association', async (_, keys, expected) => {
  steps = 0;
  let answeredAt: number | undefined;
  const echoed = new Promise<void>((resolve, reject) => {
    onFirstStep = () => {
      other
        .use(verification)
        .echo()
        .then(() => {
          answeredAt = steps;
          resolve();
        }, reject);
    };
  });
  let found = 0;
  for await (const { identifier } of session
    .use(studyRoot)
    .find({ identifier: { QueryRetrieveLevel: 'STUDY', ...keys } })) {
    // The keys that the archive does not know are not in a response.
    expect(Object.keys(identifier as UntypedDataSet).length).toBeLessThan(20);
    found++;
  }
  expect(found).toBe(expected);
  if (expected > 0) return;
  await echoed;
  expect(answeredAt).toBeLessThan(steps);
});

function studies(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `1.${at + 1}`);
}
