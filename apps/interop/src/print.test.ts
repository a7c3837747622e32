// Printing: our print verb, and DCMTK's print client, to the virtual printer of dimse-scp.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { computedTomographySeries } from '@x/testing/computed-tomography-phantom';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isInstalled, type Running, run, runScu, startScp } from './processes.ts';

const folder = mkdtempSync(join(tmpdir(), 'print-'));
const films = join(folder, 'data', 'films');
const files: string[] = [];
let archive: Running;

beforeAll(async () => {
  for (const { bytes } of computedTomographySeries({ slices: 5, size: 128 })) {
    files.push(join(folder, `${files.length}.dcm`));
    writeFileSync(files.at(-1) as string, bytes);
  }
  archive = await startScp(join(folder, 'data'), '--aet', 'PRINTER');
});
afterAll(async () => {
  await archive?.stop();
  rmSync(folder, { recursive: true });
});

/** Width and height of a picture (PNG, IHDR), and what was asked for. */
function filmsSince(before: readonly string[]) {
  const names = readdirSync(films).filter((name) => name.endsWith('.png') && !before.includes(name));
  return names.sort().map((name) => {
    const png = readFileSync(join(films, name));
    const asked = JSON.parse(readFileSync(join(films, name.replace(/png$/, 'json')), 'utf8'));
    return { size: [png.readUInt32BE(16), png.readUInt32BE(20)], length: png.length, asked };
  });
}

test('our print verb fills film after film', async () => {
  const layout = ['--layout', 'STANDARD\\2,1', '--orientation', 'LANDSCAPE', '--film-size', '8INX10IN'];
  const outcome = await runScu('print', `PRINTER@127.0.0.1:${archive.port}`, ...files, ...layout, '--calling', 'CT01');
  expect([outcome.exitCode, outcome.stderr]).toEqual([0, '']);
  expect(outcome.stdout.trim().split('\n')).toHaveLength(3);
  const printed = filmsSince([]);
  expect(printed.map(({ size }) => size)).toEqual(Array(3).fill([1600, 1280]));
  expect(printed[0]?.asked).toMatchObject({
    callingAeTitle: 'CT01',
    filmBox: { '20100010': { vr: 'ST', Value: ['STANDARD\\2,1'] }, '20100040': { vr: 'CS', Value: ['LANDSCAPE'] } },
  });
  // The last one has one image, and a picture of two takes more room than one of one.
  expect(printed[2]?.asked.imageBoxes[1]).toBeNull();
  expect(printed[0]?.length).toBeGreaterThan(printed[2]?.length as number);
});

test('in color, and what cannot be printed', async () => {
  const peer = `PRINTER@127.0.0.1:${archive.port}`;
  expect(await runScu('print', peer, files[2] as string, '--color')).toMatchObject({ exitCode: 0 });
  const layout = await runScu('print', peer, files[0] as string, '--layout', 'SLIDE');
  expect([layout.exitCode, layout.stderr]).toEqual([2, expect.stringContaining("'SLIDE' is no layout")]);
  const none = join(folder, 'none.dcm');
  expect(await runScu('print', peer, none)).toMatchObject({ exitCode: 2, stdout: '' });
});

test.runIf(['dcmpsprt', 'dcmprscu'].every(isInstalled))("DCMTK's print client prints", async () => {
  const before = readdirSync(films);
  const [database, spool] = ['database', 'spool'].map((name) => join(folder, name)) as [string, string];
  for (const path of [database, spool]) mkdirSync(path);
  const config = join(folder, 'dcmpstat.cfg');
  writeFileSync(config, configuration(database, spool, archive.port));
  const stored = await run('dcmpsprt', ['-c', config, '-p', 'OURS', '--layout', '2', '2', ...files.slice(0, 3)]);
  expect(stored.exitCode).toBe(0);
  const job = readdirSync(database).find((name) => name.startsWith('SP_')) ?? '';
  const printed = await run('dcmprscu', ['-c', config, '-p', 'OURS', join(database, job)]);
  expect(printed.exitCode).toBe(0);
  const [film, ...others] = filmsSince(before);
  expect(others).toEqual([]);
  expect(film?.asked.filmBox['20100010'].Value).toEqual(['STANDARD\\2,2']);
  expect(film?.asked.imageBoxes.filter((each: unknown) => each)).toHaveLength(3);
  // A film of black alone would take a few kilobytes.
  expect(film?.length).toBeGreaterThan(20_000);
});

/** What DCMTK's print client has to know: PS3.4 Annex H leaves much to the printer. */
function configuration(database: string, spool: string, port: number): string {
  return `[[GENERAL]]
[PRINT]
Directory = ${spool}
[DATABASE]
Directory = ${database}
[NETWORK]
Aetitle = DCMPSTATE
[[COMMUNICATION]]
[OURS]
Aetitle = PRINTER
Description = ours
Hostname = 127.0.0.1
Port = ${port}
Type = PRINTER
BorderDensity = 150\\20\\BLACK\\WHITE
DisplayFormat = 1,1\\2,2
EmptyImageDensity = 20\\BLACK\\WHITE
FilmSizeID = 8INX10IN\\14INX17IN
MagnificationType = REPLICATE\\BILINEAR\\CUBIC\\NONE
MediumType = PAPER\\CLEAR FILM
Supports12Bit = true
SupportsPresentationLUT = false
`;
}
