// The applications as npm has installed them in a folder: an archive that runs while something else is tried, and a file to send.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Run where @x/dimse is installed: writes `image.dcm` into the working folder. */
export const WRITE_IMAGE = `
  import { writeFileSync } from 'node:fs';
  import { encodeDataSet, SopClass, TransferSyntax } from '@x/dimse';
  import { encodeFileMetaInformation } from '@x/dimse/data-set';
  const [transferSyntax, sopClass, sopInstance] = [TransferSyntax.ExplicitVRLittleEndian, SopClass.CTImageStorage, '2.25.1'];
  const uids = { SOPClassUID: sopClass, SOPInstanceUID: sopInstance, StudyInstanceUID: '2.25.2', SeriesInstanceUID: '2.25.3' };
  const dataSet = encodeDataSet({ ...uids, PatientID: '42', PatientName: 'Doe^Jane' }, transferSyntax);
  const meta = encodeFileMetaInformation({ transferSyntax, sopClass, sopInstance });
  writeFileSync('image.dcm', Buffer.concat([meta, dataSet]));`;

/** Installs packages with npm: from the registry, or from tarballs. */
export function install(place, packages, { options = [], settings = {} } = {}) {
  mkdirSync(place, { recursive: true });
  // Without it, npm installs into the folder above.
  writeFileSync(join(place, 'package.json'), JSON.stringify({ private: true, ...settings }));
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error', '--ignore-scripts'];
  execFileSync('npm', ['install', ...quiet, ...options, ...packages], {
    cwd: place,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** A command of the packages that are installed in a folder, run to its end. @returns its output */
export function runInstalled(place, command, args) {
  const path = join(place, 'node_modules/.bin', command);
  return execFileSync(path, args, {
    cwd: place,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 120_000,
  });
}

/** Runs the archive that is installed in a folder while `use` takes the places where it listens, which are at least one. */
export async function withArchive(place, options, use) {
  const data = options.includes('--data') ? [] : ['--data', mkdtempSync(join(place, 'data-'))];
  const args = ['--port', '0', '--host', '127.0.0.1', ...data, ...options];
  const scp = spawn(join(place, 'node_modules/.bin/dimse-scp'), args, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const places = [];
    for await (const line of createInterface({ input: scp.stdout }))
      if (places.push(line.replace('listening ', '')) === (options.includes('--http') ? 2 : 1)) break;
    await use(places);
  } finally {
    scp.kill();
    if (scp.exitCode === null) await once(scp, 'exit');
  }
}
