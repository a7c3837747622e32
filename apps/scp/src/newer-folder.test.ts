// A data folder that a newer version has used: the archive refuses it with one line, and keeps the form of the database.

import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runScp, startScp } from '@x/testing/processes';
import Database from 'libsql';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'newer-'));
  const archive = await startScp(['--data', join(folder, 'data'), '--on-instance', 'true {path}']);
  await archive.stop();
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each(['index.db', 'workflow.db', 'deliveries.db'])('whose %s has a later form is refused', async (name) => {
  // A copy for each: the library closes a database only when its statements are collected as garbage.
  const data = join(folder, `data of ${name}`);
  cpSync(join(folder, 'data'), data, { recursive: true });
  const path = join(data, name);
  const ask = (statement: string) => {
    const database = new Database(path);
    const found = database.prepare(statement);
    const answer = found.reader ? found.all() : found.run();
    database.close();
    return JSON.stringify(answer);
  };
  const FORM = 'select type, name, sql from sqlite_master order by name';
  ask("insert into kysely_migration values ('999-later', '2030-01-01T00:00:00Z')");
  const before = ask(FORM);
  const options = ['--data', data, '--on-instance', 'true {path}'];
  const { exitCode, stdout, stderr } = await runScp('--port', '0', '--host', '127.0.0.1', ...options);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toMatch(/^dimse-scp: .*was made by a newer version, which has '999-later': .+\n$/);
  expect(stderr.split('\n')).toHaveLength(2);
  expect(ask(FORM)).toBe(before);
});
