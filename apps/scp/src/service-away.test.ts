// A start of an archive whose database or store does not answer: service managers try again, unless an option is wrong.

import { runProgram } from '@x/cli/program';
import { ObjectServer } from '@x/testing/object-server';
import { freePort } from '@x/testing/processes';
import { runInProcess } from '@x/testing/run-in-process';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { scpProgram } from './program.ts';

beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'key');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
});
afterEach(() => vi.unstubAllEnvs());

async function start(index: string, store: string) {
  const { exitCode, stderr } = await runInProcess(
    (context) => runProgram(scpProgram(), context),
    ['--port', '0', '--host', '127.0.0.1', '--index', index, '--store', store],
  );
  return { exitCode, stderr };
}

test('a store that does not answer ends the start with 1', async () => {
  const port = await freePort();
  const outcome = await start('postgres://me@127.0.0.1/archive', `s3://bucket?endpoint=http://127.0.0.1:${port}`);
  expect(outcome).toEqual({ exitCode: 1, stderr: expect.stringMatching(/^dimse-scp: .*object store.*\n$/) });
});

test('a database that does not answer ends the start with 1', async () => {
  await using server = await ObjectServer.start();
  const outcome = await start(`postgres://me:secret@127.0.0.1:${await freePort()}/archive`, server.url);
  expect(outcome).toEqual({ exitCode: 1, stderr: expect.stringMatching(/^dimse-scp: the database .*\n$/) });
  expect(outcome.stderr).not.toContain('secret');
});

test('an option that is wrong ends the start with 2', async () => {
  expect(await start('postgres://me@127.0.0.1/archive', 's3://')).toMatchObject({ exitCode: 2 });
  expect(await start('http://127.0.0.1/archive', 's3://bucket')).toMatchObject({ exitCode: 2 });
});
