// dimse-scu replay: requests to one archive, sent again to another.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@x/cli/program';
import { createScp, Status, serve, storage, verification } from '@x/dimse';
import { computedTomographySeries } from '@x/testing/computed-tomography-phantom';
import { jsonLines, runInProcess } from '@x/testing/run-in-process';
import { afterAll, afterEach, expect, test } from 'vitest';
import { createScuProgram } from '../program.ts';

/** Runs dimse-scu in this process. */
const scu = (args: readonly string[]) => runInProcess((context) => runProgram(createScuProgram(), context), args);

const folder = mkdtempSync(join(tmpdir(), 'replay-'));
afterAll(() => rmSync(folder, { recursive: true }));
const closed: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closed.splice(0)) await close();
});

async function archive(status: number = Status.Success): Promise<{ peer: string; stored: string[] }> {
  const stored: string[] = [];
  const store = ({ sopInstance }: { sopInstance: string }) => {
    stored.push(sopInstance);
    return status;
  };
  const scp = createScp({
    aeTitle: 'SCP',
    services: [serve(verification, { echo: () => Status.Success }), serve(storage, { store })],
  });
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  closed.push(() => scp.close());
  return { peer: `SCP@127.0.0.1:${port}`, stored };
}

async function record(): Promise<{ path: string; stored: string[] }> {
  const { peer, stored } = await archive();
  const files = [...computedTomographySeries({ slices: 2, size: 32 })].map(({ bytes }, index) => {
    const path = join(folder, `${index}.dcm`);
    writeFileSync(path, bytes);
    return path;
  });
  const path = join(folder, 'conversation.pcapng');
  const { exitCode } = await scu(['store', peer, ...files, '--capture', path, '--quiet']);
  expect(exitCode).toBe(0);
  return { path, stored };
}

test('stores the recorded instances again and gets the recorded responses', async () => {
  const { path, stored } = await record();
  const other = await archive();
  const { exitCode, stdout, stderr } = await scu(['replay', other.peer, path, '--timeout', '60']);
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout.trim().split('\n')).toHaveLength(2);
  expect(stdout).toMatch(/^#1 {2}C-STORE-RQ #1 CT Image Storage: success \(0000H\) \(as recorded\)$/m);
  expect(other.stored).toEqual(stored);
});

test('exits with 1 if a response differs from the recorded one, and prints both', async () => {
  const { path } = await record();
  const { peer } = await archive(Status.OutOfResources);
  const { exitCode, stdout } = await scu(['replay', peer, path, '--json']);
  expect(exitCode).toBe(1);
  expect(jsonLines(stdout)).toMatchObject([
    { conversation: 1, status: 'A700', recordedStatus: '0000' },
    { conversation: 1, status: 'A700', recordedStatus: '0000' },
  ]);
});

test.each([
  ['is not a capture', 'not a capture'],
  ['does not exist', undefined],
])('reports a file that %s in one line', async (_, content) => {
  const path = join(folder, 'other');
  if (content === undefined) rmSync(path, { force: true });
  else writeFileSync(path, content);
  const { exitCode, stderr } = await scu(['replay', 'SCP@127.0.0.1:9', path]);
  expect(exitCode).toBe(2);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).toContain(path);
});
