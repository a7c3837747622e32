// A power failure: a recorded run of the archive is cut off at many moments, and the disk that may result is opened.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modalityPerformedProcedureStep, openSession, SopClass, storage } from '@x/dimse';
import { PerformedProcedureStepUser } from '@x/dimse/workflow';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { application, isInstalled, start } from '@x/testing/processes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Keeps, RecordedDisk } from '../test/recorded-disk.ts';
import { TRACED, type TraceStep, traceSteps } from '../test/system-call-trace.ts';
import { type InstanceArchive, openInstanceArchive } from './instances/instance-archive.ts';
import { sqlPerformedProcedureStepStore } from './workflow/workflow-database/sql-performed-procedure-step-store.ts';
import { openWorkflowDatabase } from './workflow/workflow-database/workflow-database.ts';

/** DIMSE_PROPERTY_RUNS multiplies the moments, with more load. The end of the run has a checkpoint of each database. */
const RUNS = Number(process.env.DIMSE_PROPERTY_RUNS ?? 1);
const MOMENTS = RUNS > 1 ? 10 * RUNS : 16;
const ASSOCIATIONS = 4;
const INSTANCES_EACH = RUNS > 1 ? 20 : 6;

let top: string;
beforeAll(() => {
  // In memory if possible: the disk is simulated, so that real syncs only take time.
  top = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'power-loss-'));
});
afterAll(() => rmSync(top, { recursive: true }));

interface Recording {
  readonly disk: () => RecordedDisk;
  readonly steps: readonly TraceStep[];
  readonly instances: ReadonlyMap<string, Uint8Array>;
  readonly performedSteps: readonly string[];
}

/** Series 1 is sent by all associations, so that each instance arrives several times at the same moment. */
function instancesOf(association: number): Map<string, Uint8Array> {
  const instances = new Map<string, Uint8Array>();
  for (let number = 0; number < INSTANCES_EACH; number++) {
    const series = number % 3 === 0 ? '7.1' : `7.${association + 2}`;
    const study = number % 3 === 2 ? `6.${association}` : '6';
    const sopInstance = `${study}.${series}.${number}.99`;
    const uids = { sopClass: CT_IMAGE_STORAGE, sopInstance, study, series };
    instances.set(sopInstance, syntheticDataSet({ ...uids, pixelLength: 500 + 400 * (number % 5) }));
  }
  return instances;
}

/** @param faults of strace, injected into system calls */
async function record({
  options = [],
  faults = [],
}: {
  options?: string[];
  faults?: string[];
} = {}): Promise<Recording> {
  const place = mkdtempSync(join(top, 'run-'));
  const [data, trace] = [join(place, 'new', 'data'), join(top, `${place.slice(-6)}.trace`)];
  // With -D, the archive is the child of this process, and gets the signal.
  const injected = faults.flatMap((fault) => ['-e', `inject=${fault}`]);
  const strace = [
    '-D',
    '-f',
    '-xx',
    '-s',
    '4194304',
    '-e',
    'signal=none',
    '-e',
    `trace=${TRACED}`,
    '-o',
    trace,
    ...injected,
  ];
  const archive = ['--port', '0', '--host', '127.0.0.1', '--data', data, ...options];
  const running = start('strace', [...strace, process.execPath, application('scp'), ...archive], {
    env: { UV_USE_IO_URING: '0' },
  });
  const [, port] = await running.printed(/^listening \S+:(\d+)\n/m);
  const instances = new Map<string, Uint8Array>();
  const performedSteps: string[] = [];
  await Promise.all(
    Array.from({ length: ASSOCIATIONS }, async (_, association) => {
      const session = await openSession({
        ...{ host: '127.0.0.1', port: Number(port), callingAeTitle: 'SCU', calledAeTitle: 'DIMSE' },
        services: [storage, modalityPerformedProcedureStep],
        contexts: [CT_IMAGE_STORAGE, SopClass.ModalityPerformedProcedureStep].map((abstractSyntax) => ({
          ...{ abstractSyntax, transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN] },
        })),
      });
      for (const [sopInstance, data] of instancesOf(association)) {
        instances.set(sopInstance, data);
        const request = { sopClass: CT_IMAGE_STORAGE, sopInstance, transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN, data };
        expect(await session.use(storage).store(request)).toMatchObject({ status: 0 });
      }
      performedSteps.push((await new PerformedProcedureStepUser().begin(session, performed)).sopInstance);
      await session.release();
    }),
  );
  expect(await running.stop()).toMatchObject({ exitCode: 0 });
  await expect.poll(() => readFileSync(trace, 'utf8'), { timeout: 20_000 }).toMatch(/\+\+\+ exited with 0 \+\+\+\n$/);
  return {
    disk: () => new RecordedDisk(place),
    steps: traceSteps(readFileSync(trace, 'utf8')),
    instances,
    performedSteps,
  };
}

const performed = {
  ScheduledStepAttributesSequence: [
    {
      ...{ StudyInstanceUID: '6', ReferencedStudySequence: [], AccessionNumber: '', RequestedProcedureID: '' },
      ...{ RequestedProcedureDescription: '', ScheduledProcedureStepID: '', ScheduledProcedureStepDescription: '' },
      ScheduledProtocolCodeSequence: [],
    },
  ],
  ...{ PatientName: 'A', PerformedProcedureStepID: 'X1', PerformedStationAETitle: 'CT1', Modality: 'CT' },
  ...{ PerformedProcedureStepStartDate: '20260105', PerformedProcedureStepStartTime: '1005' },
};

/**
 * Opens what the disk holds. Returns how many of the acknowledged UIDs are missing, and how many entries had no file; nothing
 * else may be wrong.
 */
async function missing(
  disk: RecordedDisk,
  keeps: Keeps,
  acknowledged: ReadonlySet<string>,
  { instances, performedSteps }: Recording,
) {
  const folder = mkdtempSync(join(top, 'after-'));
  disk.writeTo(folder, keeps);
  const data = join(folder, 'new', 'data');
  let [lost, removed] = [0, 0];
  {
    await using archive = await openInstanceArchive(data, { fsync: false, reindex: false });
    // Entries of acknowledged instances are there before the comparison with the files, unless the index says that they may not.
    const acknowledgedAtOnce = archive.index.isComplete ? await foundIn(archive) : undefined;
    const compared = await archive.compare();
    expect(compared.unreadable).toEqual([]);
    removed = compared.removed;
    for await (const indexed of archive.index.instances({ level: 'IMAGE', identifier: {} })) {
      await using file = await archive.open(indexed);
      const { study, series, sopInstance } = indexed;
      const expected = instances.get(sopInstance) as Uint8Array;
      const bytes = readFileSync(join(data, 'instances', study, series, `${sopInstance}.dcm`));
      expect(file.dataSet.length).toBe(expected.length);
      expect(bytes.subarray(-expected.length).equals(expected)).toBe(true);
    }
    await using workflow = await openWorkflowDatabase(data);
    const found = acknowledgedAtOnce ?? (await foundIn(archive));
    expect(new Set(found).size).toBe(found.length);
    const stepsKept = sqlPerformedProcedureStepStore(workflow);
    for (const uid of acknowledged) {
      const isKept = performedSteps.includes(uid)
        ? (await stepsKept.get(uid)) !== undefined
        : found.includes(uid) && (await archive.index.locate(uid)).length === 1;
      if (!isKept) lost++;
    }
  }
  rmSync(folder, { recursive: true });
  return { lost, removed };
}

async function foundIn({ index }: InstanceArchive): Promise<unknown[]> {
  const matches = await collected(index.find({ level: 'IMAGE', identifier: { SOPInstanceUID: '' } }));
  return matches.map(({ SOPInstanceUID }) => SOPInstanceUID);
}

async function collected<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** A sequence of decisions that is the same in every run. */
function decisions(seed: number): Keeps {
  let state = seed + 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >= 0x80000000;
  };
}

/**
 * Cuts the recording off after the steps that are asked for. Returns how many acknowledged UIDs were lost, and how many entries
 * had no file, in all.
 */
async function afterPowerFailures(
  recording: Recording,
  isMoment: (step: TraceStep, number: number) => boolean,
  choices: (number: number) => readonly Keeps[],
) {
  const { steps, instances, performedSteps } = recording;
  const disk = recording.disk();
  const acknowledged = new Set<string>();
  const uids = [...instances.keys(), ...performedSteps];
  const sum = { lost: 0, removed: 0 };
  for (const [number, step] of steps.entries()) {
    const sent = disk.take(step);
    for (const uid of sent ? uids : []) if (sent?.includes(uid)) acknowledged.add(uid);
    if (!isMoment(step, number)) continue;
    for (const keeps of choices(number)) {
      const { lost, removed } = await missing(disk, keeps, acknowledged, recording);
      sum.lost += lost;
      sum.removed += removed;
    }
  }
  expect(acknowledged).toEqual(new Set(uids));
  return sum;
}

/** `MOMENTS` moments that are spread evenly, and the last one. */
function spreadMoments({ steps }: Recording): (step: TraceStep, number: number) => boolean {
  let due = 0;
  return (_, number) => {
    if (number < (due * steps.length) / MOMENTS && number < steps.length - 1) return false;
    due++;
    return true;
  };
}

describe.runIf(isInstalled('strace'))('after a power failure at any moment', () => {
  test(
    'everything that was acknowledged is there, whole, and nothing is there in part',
    async () => {
      const recording = await record();
      const choices = (number: number) => [() => false, () => true, decisions(number)];
      expect((await afterPowerFailures(recording, spreadMoments(recording), choices)).lost).toBe(0);
    },
    120_000 * RUNS,
  );

  test(
    'an entry that was on disk before the name of its file is removed, and everything that was acknowledged is there',
    async () => {
      // Folders are slower than the log of the index: entries are on disk first, though not before the first one of a folder.
      const recording = await record({ faults: ['fsync:delay_enter=20000'] });
      let synced = 0;
      const isMoment = ({ is, call }: TraceStep) => is === 'end' && call.name === 'fdatasync' && ++synced % 2 === 0;
      const { lost, removed } = await afterPowerFailures(recording, isMoment, () => [() => false]);
      expect(lost).toBe(0);
      expect(removed).toBeGreaterThan(0);
    },
    120_000 * RUNS,
  );

  test('instances that were acknowledged with --no-fsync may be lost', async () => {
    const recording = await record({ options: ['--no-fsync'] });
    const disk = recording.disk();
    for (const step of recording.steps) disk.take(step);
    const all = new Set(recording.instances.keys());
    expect((await missing(disk, () => false, all, recording)).lost).toBeGreaterThan(0);
  });
});
