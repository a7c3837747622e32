// The demo: starts dimse-scp, verifies and stores with dimse-scu, and compares the stored files with those sent.

import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { computedTomographySeries } from '@x/testing/computed-tomography-phantom';
import { runScu, type ScuRun, startScp } from './applications.ts';
import { compareDataSets } from './compare.ts';
import { drawLadder, type Utterance } from './ladder.ts';
import { type InputFile, intoRounds, listFiles } from './rounds.ts';

const say = (line = '') => process.stdout.write(`${line}\n`);

/** The result of a round. */
interface RoundReport {
  readonly stored: number;
  readonly bytes: number;
  readonly milliseconds: number;
  readonly faults: number;
}

const SHOWN_FILES = 40;

const folder = await mkdtemp(join(tmpdir(), 'dimse-demo-'));
try {
  process.exitCode = await demonstrate(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`demo: ${(error as Error).message}\n`);
  process.exitCode = 2;
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function demonstrate(paths: readonly string[]): Promise<number> {
  const inputs = paths.length > 0 ? paths : [await generateSeries()];
  const files = await listFiles(inputs);
  const rounds = intoRounds(files);
  if (rounds.length === 0) throw new Error(`no DICOM files in ${inputs.join(', ')}`);
  const reports: RoundReport[] = [];
  for (const [index, round] of rounds.entries()) {
    if (rounds.length > 1) {
      say(
        `Archive ${index + 1} of ${rounds.length}: ${round.length} files${index > 0 ? ', other encodings of instances above' : ''}`,
      );
      say();
    }
    reports.push(await playRound(join(folder, `archive-${index + 1}`), round, index === 0));
  }
  return summarize(files, reports);
}

async function generateSeries(): Promise<string> {
  const series = join(folder, 'series');
  await mkdir(series);
  let number = 0;
  for (const { bytes } of computedTomographySeries())
    await writeFile(join(series, `slice-${String(++number).padStart(2, '0')}.dcm`), bytes);
  say(`A synthetic CT series of ${number} slices was generated.`);
  return series;
}

async function playRound(archive: string, files: readonly InputFile[], isShown: boolean): Promise<RoundReport> {
  const scp = await startScp(archive);
  let runs: ScuRun[];
  try {
    if (isShown) {
      say(`dimse-scp listens as ${scp.peer}. dimse-scu verifies, then stores ${files.length} files.`);
      say();
    }
    const echo = await runScu('echo', scp.peer, [], true);
    if (echo.exitCode !== 0) throw new Error(`the verification failed: ${echo.errors.join(' ')}`);
    const paths = files.map(({ path }) => path);
    runs = [echo, await runScu('store', scp.peer, paths, true)];
  } finally {
    await scp.stop();
  }
  const [, store] = runs as [ScuRun, ScuRun];
  if (isShown) showLadders(runs, scp.said());
  return account(archive, store);
}

/** Shows a ladder for each association. */
function showLadders(runs: readonly ScuRun[], scpSaid: readonly Utterance[]): void {
  const scpAssociations = [
    ...new Set(scpSaid.filter(({ event }) => event === 'pdu').map(({ association }) => association)),
  ];
  const scuAssociations = runs.flatMap(({ said }) =>
    [...new Set(said.map(({ association }) => association))].map((id) => ({ id, said })),
  );
  scuAssociations.forEach(({ id, said }, index) => {
    const mine = said.filter(({ association }) => association === id);
    const theirs = scpSaid.filter(({ association }) => association === scpAssociations[index]);
    for (const line of drawLadder([...mine, ...theirs])) say(line);
    say();
  });
}

/** Shows the result for each file, and compares the stored files with those sent. */
async function account(archive: string, { results }: ScuRun): Promise<RoundReport> {
  const stored = await storedFiles(join(archive, 'instances'));
  const report = { stored: 0, bytes: 0, milliseconds: 0, faults: 0 };
  for (const { file, result, sopInstance, reason, milliseconds, bytes } of results) {
    if (milliseconds !== undefined) {
      report.milliseconds = milliseconds as number;
      report.bytes = bytes as number;
      continue;
    }
    if (result !== 'sent' && result !== 'warning') {
      // Files that are not complete instances are correctly refused; every other failure is a fault.
      const isRight = result === 'skipped' || /^not sent: /.test(String(reason));
      if (!isRight) report.faults++;
      say(`  ${isRight ? 'refused  ' : 'FAILED   '} ${file}: ${String(reason).replace(/^not sent: /, '')}`);
      continue;
    }
    const path = stored.get(`${sopInstance}.dcm`);
    const difference = path ? await compareDataSets(file as string, path) : 'it is not in the archive';
    if (difference) report.faults++;
    else report.stored++;
    if (difference || results.length <= SHOWN_FILES)
      say(`  ${difference ? 'DIFFERENT' : 'identical'} ${file}${difference ? `: ${difference}` : ''}`);
  }
  if (report.stored > 0 && results.length > SHOWN_FILES) say(`  identical ${report.stored} instances, byte for byte`);
  say();
  return report;
}

function summarize(files: readonly InputFile[], reports: readonly RoundReport[]): number {
  for (const { path, reason } of files) if (reason !== undefined) say(`  not DICOM ${path}: ${reason}`);
  const sum = (of: (report: RoundReport) => number) => reports.reduce((total, report) => total + of(report), 0);
  const [stored, faults, bytes] = [sum((r) => r.stored), sum((r) => r.faults), sum((r) => r.bytes)];
  const seconds = sum(({ milliseconds }) => milliseconds) / 1000;
  const notDicom = files.filter(({ reason }) => reason !== undefined).length;
  const rest = files.length - stored - faults - notDicom;
  say();
  say(
    `${files.length} files: ${stored} stored and identical byte for byte, ${rest} refused with a reason, ${notDicom} not DICOM, ${faults} faults.`,
  );
  say(
    `${(bytes / 1e6).toFixed(1)} MB in ${seconds.toFixed(2)} s with every PDU logged: ${(stored / seconds).toFixed(0)} instances/s, ${(bytes / 1e6 / seconds).toFixed(1)} MB/s.`,
  );
  return faults === 0 && stored > 0 ? 0 : 1;
}

async function storedFiles(instances: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(instances, { recursive: true, withFileTypes: true });
  return new Map(
    entries.filter((entry) => entry.isFile()).map((entry) => [entry.name, join(entry.parentPath, entry.name)]),
  );
}
