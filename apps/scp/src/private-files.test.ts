// Permissions of everything that the archive writes, after a run of everything.

import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { computedTomographySeries } from '@x/testing/computed-tomography-phantom';
import { application, type Running, runScu, start } from '@x/testing/processes';
import { afterEach, beforeEach, expect, test } from 'vitest';

let folder: string;
let archive: Running | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'private-'));
});
afterEach(async () => {
  await archive?.stop('SIGKILL');
  archive = undefined;
  rmSync(folder, { recursive: true });
});

/** Starts the archive as a shell with this umask does. Returns its port. */
async function startUnder(umask: string, ...args: readonly string[]): Promise<string> {
  const options = ['--port', '0', '--host', '127.0.0.1', '--data', join(folder, 'data', 'archive')];
  const record = ['--capture', join(folder, 'data', 'record')];
  const command = `umask ${umask}; exec "$@"`;
  const program = [process.execPath, application('scp'), ...options, ...record, ...args];
  archive = start('sh', ['-c', command, 'sh', ...program]);
  return (await archive.printed(/^listening \S+:(\d+)\n/m))[1] as string;
}

/** Everything below the folder with its permissions in octal. */
function permissions(): Map<string, string> {
  const top = join(folder, 'data');
  const paths = readdirSync(top, { recursive: true, encoding: 'utf8' });
  return new Map(paths.map((path) => [path, (lstatSync(join(top, path)).mode & 0o777).toString(8)]));
}

async function useEverything(port: string): Promise<void> {
  const peer = `DIMSE@127.0.0.1:${port}`;
  const [slice] = [...computedTomographySeries({ slices: 1, size: 64 })];
  const file = join(folder, 'slice.dcm');
  writeFileSync(file, slice?.bytes ?? '');
  const outcomes = [
    await runScu('store', peer, file),
    await runScu('commit', peer, file),
    await runScu('print', peer, file),
    await runScu('ups', peer, 'create', '--uid', '1.2.3', '--key', 'ProcedureStepLabel=Segment'),
  ];
  for (const outcome of outcomes) expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
}

/** Patterns of everything that the run leaves behind while the archive is open. */
const KINDS = [
  /^archive$/,
  /^archive\/index\.db$/,
  /^archive\/index\.db-wal$/,
  /^archive\/workflow\.db$/,
  /^archive\/workflow\.db-wal$/,
  /^archive\/incoming$/,
  /^archive\/instances\/[\d.]+$/,
  /^archive\/instances\/[\d.]+\/[\d.]+$/,
  /^archive\/instances\/[\d.]+\/[\d.]+\/[\d.]+\.dcm$/,
  /^archive\/control\.sock$/,
  /^archive\/films$/,
  /^archive\/films\/.*\.png$/,
  /^archive\/films\/.*\.json$/,
  /^archive\/films\/spool$/,
  /^record$/,
  /^record\/.*\.pcapng$/,
];

test.each([
  ['000', [], '700', '600'],
  ['022', [], '700', '600'],
  ['000', ['--umask', '027'], '750', '640'],
])(
  'gives everything that it makes under umask %s with %j the permissions %s and %s',
  async (umask, args, ofFolders, ofFiles) => {
    await useEverything(await startUnder(umask, ...args));
    const found = permissions();
    const paths = [...found.keys()];
    for (const kind of KINDS) expect(paths.find((path) => kind.test(path)) ?? `nothing like ${kind}`).toMatch(kind);
    const isFolder = (path: string) => lstatSync(join(folder, 'data', path)).isDirectory();
    const wrong = (all: ReadonlyMap<string, string>) =>
      [...all].filter(([path, mode]) => mode !== (isFolder(path) ? ofFolders : ofFiles));
    // The socket is for the owner alone, whatever the mask.
    expect(found.get('archive/control.sock')).toBe('600');
    found.delete('archive/control.sock');
    expect(wrong(found)).toEqual([]);
    await archive?.stop();
    expect(wrong(permissions())).toEqual([]);
  },
);

test('leaves the permissions of an existing folder, and warns that others can look into it', async () => {
  const data = join(folder, 'data', 'archive');
  mkdirSync(data, { recursive: true });
  chmodSync(data, 0o755);
  await startUnder('022');
  expect(archive?.stderr()).toMatch(/the folder \S+ has mode 755/);
  expect((lstatSync(data).mode & 0o777).toString(8)).toBe('755');
  await archive?.stop();
});

test('gives the output of dimse-scu the permissions of its user', async () => {
  const port = await startUnder('022');
  const path = join(folder, 'scu.pcapng');
  const program = [process.execPath, application('scu'), 'echo', `DIMSE@127.0.0.1:${port}`, '--capture', path];
  const outcome = await start('sh', ['-c', 'umask 026; exec "$@"', 'sh', ...program]).outcome;
  expect(outcome.exitCode).toBe(0);
  expect(existsSync(path) && (lstatSync(path).mode & 0o777).toString(8)).toBe('640');
});
