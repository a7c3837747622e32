// Printing: our verb and DCMTK's print client with the virtual printer of dimse-scp; our verb with DCMTK's print server.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { computedTomographySeries } from '@x/testing/computed-tomography-phantom';
import { isInstalled, type Listening, run, runScu, startPeer, startScp } from '@x/testing/processes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'print-'));
const films = join(folder, 'data', 'films');
const files: string[] = [];
let archive: Listening;

beforeAll(async () => {
  for (const { bytes } of computedTomographySeries({ slices: 5, size: 128 })) {
    files.push(join(folder, `${files.length}.dcm`));
    writeFileSync(files.at(-1) as string, bytes);
  }
  archive = await startScp(['--data', join(folder, 'data'), '--aet', 'PRINTER']);
});
afterAll(async () => {
  await archive?.stop();
  rmSync(folder, { recursive: true });
});

/** Width and height of a picture (PNG, IHDR), and the attributes of its film. */
function filmsSince(before: readonly string[]) {
  const names = readdirSync(films).filter((name) => name.endsWith('.png') && !before.includes(name));
  return names.sort().map((name) => {
    const png = readFileSync(join(films, name));
    const asked = JSON.parse(readFileSync(join(films, name.replace(/png$/, 'json')), 'utf8'));
    return { size: [png.readUInt32BE(16), png.readUInt32BE(20)], length: png.length, asked };
  });
}

test('our print verb fills several films, and waits until each is printed', async () => {
  const layout = ['--layout', 'STANDARD\\2,1', '--orientation', 'LANDSCAPE', '--film-size', '8INX10IN'];
  const options = ['--annotation', 'Knie', '--calling', 'CT01', '--json'];
  const outcome = await runScu('print', `PRINTER@127.0.0.1:${archive.port}`, ...files, ...layout, ...options);
  expect([outcome.exitCode, outcome.stderr]).toEqual([0, '']);
  const lines = outcome.stdout.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject(
    [2, 2, 1].map((images) => ({ status: '0000', images, executionStatus: 'DONE' })),
  );
  const printed = filmsSince([]);
  expect(printed.map(({ size }) => size)).toEqual(Array(3).fill([1270, 1016]));
  expect(printed[0]?.asked).toMatchObject({
    callingAeTitle: 'CT01',
    filmBox: { '20100010': { vr: 'ST', Value: ['STANDARD\\2,1'] }, '20100040': { vr: 'CS', Value: ['LANDSCAPE'] } },
    annotationBoxes: [{ '20300020': { vr: 'LO', Value: ['Knie'] } }],
  });
  // The last film has one image; a picture of two images is larger.
  expect(printed[2]?.asked.imageBoxes[1]).toBeNull();
  expect(printed[0]?.length).toBeGreaterThan(printed[2]?.length as number);
  // Orders are removed after printing.
  expect(readdirSync(join(films, 'spool'))).toEqual([]);
});

test('prints in color, and reports images that cannot be printed', async () => {
  const peer = `PRINTER@127.0.0.1:${archive.port}`;
  expect(await runScu('print', peer, files[2] as string, '--color')).toMatchObject({ exitCode: 0 });
  const layout = await runScu('print', peer, files[0] as string, '--layout', 'SLIDE');
  expect([layout.exitCode, layout.stderr]).toEqual([2, expect.stringContaining("'SLIDE' is not a layout")]);
  const none = join(folder, 'none.dcm');
  expect(await runScu('print', peer, none)).toMatchObject({ exitCode: 2, stdout: '' });
});

describe.runIf(['dcmpsprt', 'dcmprscu', 'dcmprscp'].every(isInstalled))('with DCMTK', () => {
  const [database, spool, received, config] = ['database', 'spool', 'received', 'dcmpstat.cfg'].map((name) =>
    join(folder, name),
  ) as [string, string, string, string];
  let theirs: Listening;

  beforeAll(async () => {
    for (const path of [database, spool, received]) mkdirSync(path);
    theirs = await startPeer('dcmprscp', (port) => {
      writeFileSync(config, configuration(database, archive.port, port));
      const theirConfig = join(folder, 'dcmprscp.cfg');
      writeFileSync(theirConfig, configuration(received, archive.port, port));
      return ['-c', theirConfig, '-p', 'THEIRS'];
    });
  });
  afterAll(async () => {
    await theirs?.stop();
  });

  test('its client prints an annotated film with a presentation LUT', async () => {
    const before = readdirSync(films);
    const annotation = ['--annotation', 'from DCMTK', '--print-no-date', '--print-no-name', '--print-no-lighting'];
    const options = ['--layout', '2', '2', '--identity', '--trim', '--max-density', '310', ...annotation];
    const stored = await run('dcmpsprt', ['-c', config, '-p', 'OURS', ...options, ...files.slice(0, 3)]);
    expect(stored.exitCode).toBe(0);
    const job = readdirSync(database).find((name) => name.startsWith('SP_')) ?? '';
    const printed = await run('dcmprscu', ['-c', config, '-p', 'OURS', join(database, job)]);
    expect(printed.exitCode).toBe(0);
    const [film, ...others] = filmsSince(before);
    expect(others).toEqual([]);
    expect(film?.asked.filmBox).toMatchObject({
      '20100010': { Value: ['STANDARD\\2,2'] },
      '20100130': { Value: [310] },
      '20100140': { Value: ['YES'] },
      '20500020': { Value: ['IDENTITY'] },
    });
    // The client always sets the first box, whatever the position.
    expect(film?.asked.annotationBoxes[0]).toMatchObject({
      '20300010': { Value: [2] },
      '20300020': { Value: ['from DCMTK'] },
    });
    expect(film?.asked.imageBoxes.filter((each: unknown) => each)).toHaveLength(3);
    // An entirely black film would take a few kilobytes.
    expect(film?.length).toBeGreaterThan(20_000);
  });

  test('its server takes our films', async () => {
    const peer = `THEIRS@127.0.0.1:${theirs.port}`;
    const options = ['--layout', 'STANDARD\\2,1', '--film-size', '14INX17IN', '--json'];
    const outcome = await runScu('print', peer, ...files.slice(0, 2), ...options);
    // The server does not support print jobs, so only the response can be checked.
    expect([outcome.exitCode, outcome.stdout]).toEqual([0, '{"status":"0000","images":2}\n']);
    const names = readdirSync(received);
    expect(names.filter((name) => name.startsWith('HG_'))).toHaveLength(2);
    const storedPrint = names.find((name) => name.startsWith('SP_')) ?? '';
    const dumped = await run('dcmdump', [join(received, storedPrint)]);
    expect(dumped.stdout).toContain('[STANDARD\\2,1]');
    const annotated = await runScu('print', peer, files[0] as string, '--annotation', 'Knie');
    expect([annotated.exitCode, annotated.stderr]).toEqual([
      2,
      expect.stringContaining('does not support annotations'),
    ]);
  });

  test('its server is asked for a film size only by an option, and an attribute that it refuses is named', async () => {
    const peer = `THEIRS@127.0.0.1:${theirs.port}`;
    const plain = await runScu('print', peer, files[0] as string);
    expect([plain.exitCode, plain.stderr]).toEqual([0, '']);
    const refused = await runScu('print', peer, files[0] as string, '--film-size', '10INX12IN');
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringMatching(/\(0106H\).*: .*FilmSizeID/)]);
  });

  /** The configuration of DCMTK's print client and server: PS3.4 Annex H leaves much to the printer. */
  function configuration(files: string, ourPort: number, theirPort: number): string {
    const abilities = `BorderDensity = 150\\20\\BLACK\\WHITE
DisplayFormat = 1,1\\2,1\\2,2
EmptyImageDensity = 20\\BLACK\\WHITE
FilmSizeID = 8INX10IN\\14INX17IN
MagnificationType = REPLICATE\\BILINEAR\\CUBIC\\NONE
MaxDensity = 320\\310
MinDensity = 20
MediumType = PAPER\\CLEAR FILM
PresentationLUTMatchRequired = false
Supports12Bit = true
SupportsPresentationLUT = true
SupportsTrim = true`;
    return `[[GENERAL]]
[PRINT]
Directory = ${spool}
[DATABASE]
Directory = ${files}
[NETWORK]
Aetitle = DCMPSTATE
[APPLICATION]
LogDirectory = ${folder}
[[COMMUNICATION]]
[OURS]
Aetitle = PRINTER
Description = ours
Hostname = 127.0.0.1
Port = ${ourPort}
Type = PRINTER
Annotation = 2\\ANNOTATION
${abilities}
[THEIRS]
Aetitle = THEIRS
Description = theirs
Hostname = localhost
Port = ${theirPort}
Type = LOCALPRINTER
${abilities}
`;
  }
});
