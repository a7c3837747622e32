// Rehearses an upgrade: installs the tarballs of an older commit, stores with them, installs those of today, and finds, retrieves and
// stores again on the same data folder. Then the older archive is started on it once more: it must work, or refuse in one line.
// Run after the build. Without the history of the repository it is skipped with a message.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install, runInstalled, WRITE_IMAGE, withArchive } from './installed-applications.mjs';

const top = fileURLToPath(new URL('../../..', import.meta.url));
/** Stands for the previous release until there is one. */
const OLDER = process.argv[2] ?? '4719020c';
const PLACES = ['packages/pdu', 'packages/net', 'packages/dimse', 'apps/scu', 'apps/scp'];
const say = (line) => process.stdout.write(`${line}\n`);
const run = (file, args, cwd) =>
  execFileSync(file, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
const pnpm = (args, cwd) => run('npm', ['exec', '--yes', '--package=pnpm@10.34.8', '--', 'pnpm', ...args], cwd);

if (spawnSync('git', ['cat-file', '-e', `${OLDER}^{commit}`], { cwd: top }).status !== 0) {
  say(`skipped: the history here does not have the commit ${OLDER}`);
  process.exit(0);
}

const scratch = mkdtempSync(join(tmpdir(), 'upgrade-'));
try {
  const source = join(scratch, 'source');
  run('git', ['clone', '--quiet', '--shared', '--no-checkout', top, source]);
  run('git', ['checkout', '--quiet', OLDER], source);
  pnpm(['install', '--frozen-lockfile', '--prefer-offline'], source);
  run(
    join(source, 'node_modules/.bin/turbo'),
    ['run', 'build', '--output-logs=errors-only', '--filter=@x/scu', '--filter=@x/scp'],
    source,
  );
  const [older, newer] = [installed('older', source), installed('newer', top)];
  const data = join(scratch, 'data');
  const options = ['--aet', 'ARCHIVE', '--data', data];
  run(process.execPath, ['--input-type=module', '--eval', WRITE_IMAGE], older);

  await withArchive(older, options, ([archive]) =>
    say(runInstalled(older, 'dimse-scu', ['store', archive, 'image.dcm'])),
  );
  await withArchive(newer, options, ([archive]) => {
    const found = runInstalled(newer, 'dimse-scu', ['find', archive, '--key', 'PatientID', '--json']);
    if (!found.includes('"42"')) throw new Error(`today's archive does not find what the older one stored: ${found}`);
    runInstalled(newer, 'dimse-scu', [
      'get',
      archive,
      '--key',
      'StudyInstanceUID=2.25.2',
      '--out',
      join(scratch, 'got'),
    ]);
    const got = readdirSync(join(scratch, 'got'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      /dcm|2\.25\.1/.test(name),
    );
    if (got.length === 0) throw new Error("today's archive does not give what the older one stored");
    say(runInstalled(newer, 'dimse-scu', ['store', archive, join(older, 'image.dcm')]));
  });
  say("today's version finds, gives and stores on the data folder of the older one");

  const again = spawnSync(
    join(older, 'node_modules/.bin/dimse-scp'),
    ['--port', '0', '--host', '127.0.0.1', ...options],
    {
      encoding: 'utf8',
      timeout: 15_000,
    },
  );
  if (again.stdout.includes('listening'))
    say('the older version can still use the folder: no database has changed its form');
  else if (again.status === 2 && /^dimse-scp: .*made by a newer version.*\n$/.test(again.stderr))
    say(again.stderr.trim());
  else throw new Error(`the older version ended with ${again.status}: ${again.stderr}`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** Packs the packages of a tree and installs them. @returns the folder */
function installed(name, tree) {
  const tarballs = join(scratch, `${name}-tarballs`);
  mkdirSync(tarballs);
  for (const place of PLACES) pnpm(['pack', '--pack-destination', tarballs], join(tree, place));
  const place = join(scratch, name);
  install(
    place,
    readdirSync(tarballs).map((file) => join(tarballs, file)),
  );
  return place;
}
