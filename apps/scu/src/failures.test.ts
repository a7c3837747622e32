// Failures of dimse-scu: each is told, each costs only itself, and each verb tells it also with --quiet.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@x/cli/program';
import {
  createScp,
  DimseError,
  type Scp,
  type Service,
  Status,
  serve,
  storage,
  studyRoot,
  verification,
} from '@x/dimse';
import { encodeFileMetaInformation } from '@x/dimse/data-set';
import { computedTomographySeries } from '@x/testing/computed-tomography-phantom';
import { EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { jsonLines, runInProcess } from '@x/testing/run-in-process';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createScuProgram } from './program.ts';
import { VERBS } from './verb-list.ts';

/** Runs dimse-scu in this process. */
const scu = (args: readonly string[]) => runInProcess((context) => runProgram(createScuProgram(), context), args);

let folder: string;
const good: string[] = [];
const scps: Scp[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dimse-scu-failures-'));
  [...computedTomographySeries({ slices: 2, size: 32 })].forEach(({ bytes }, index) => {
    good.push(file(`good-${index}.dcm`, bytes));
  });
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  for (const scp of scps.splice(0)) await scp.close();
});

function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** A file with this SOP class. */
function instance(name: string, sopClass: string, transferSyntax = EXPLICIT_VR_LITTLE_ENDIAN): string {
  const sopInstance = '1.2.3.4';
  const meta = encodeFileMetaInformation({ sopClass, sopInstance, transferSyntax });
  return file(name, Buffer.concat([meta, syntheticDataSet({ sopClass, sopInstance, pixelLength: 100 })]));
}

async function startScp(services: readonly Service[]): Promise<string> {
  const scp = createScp({ aeTitle: 'SCP', services, calls: [storage] });
  scps.push(scp);
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  return `SCP@127.0.0.1:${port}`;
}

describe('store sends the other files', () => {
  test.each<[string, () => string, string]>([
    ['a SOP Class UID that is not a UID', () => instance('name.dcm', 'CT Image'), 'SOP Class UID "CT Image" is not'],
    ['a SOP Class UID that is too long', () => instance('long.dcm', `1.${'2'.repeat(70)}`), 'is not a UID'],
    ['an empty SOP Class UID', () => instance('empty.dcm', ''), 'SOP Class UID'],
    ['a truncated data set', () => file('cut.dcm', readFileSync(good[0] ?? '').subarray(0, -9)), 'is cut short'],
    ['a path that does not exist', () => join(folder, 'none'), 'does not exist'],
  ])('beside %s', async (_, bad, reason) => {
    const received: string[] = [];
    const store = ({ sopInstance }: { readonly sopInstance: string }) => {
      received.push(sopInstance);
      return Status.Success;
    };
    const peer = await startScp([serve(storage, { store })]);
    const path = bad();
    const [first = '', second = ''] = good;
    const plain = await scu(['store', peer, first, path, second]);
    expect(plain).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(reason) });
    expect(plain.stderr.trim().split('\n')).toEqual([expect.stringContaining(path)]);
    expect(received).toHaveLength(2);
    const quiet = await scu(['store', peer, first, path, second, '--quiet']);
    expect([quiet.stdout, quiet.stderr]).toEqual(['', plain.stderr]);
    const json = await scu(['store', peer, first, path, second, '--json']);
    expect(json.stderr).toBe(plain.stderr);
    expect(jsonLines(json.stdout).find(({ result }) => result === 'failed')).toMatchObject({ file: path });
  });

  test('and skips those that are not instances', async () => {
    const peer = await startScp([serve(storage, { store: () => Status.Success })]);
    const notes = file('notes.txt', Buffer.from('not an image'));
    const directory = instance('DICOMDIR', '1.2.840.10008.1.3.10');
    const { exitCode, stdout, stderr } = await scu(['store', peer, notes, directory, ...good]);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^skipped .*notes\.txt/m);
    expect(stdout).toMatch(/^skipped .*DICOMDIR: it is a DICOMDIR, not an instance$/m);
    expect(stdout).toMatch(/^2 sent, 0 failed, 2 skipped/m);
  });

  test('and names an instance on which the peer aborts, also in the report', async () => {
    let bad: string | undefined;
    const peer = await startScp([
      serve(storage, {
        store({ sopInstance }, { session }) {
          bad ??= sopInstance;
          if (sopInstance === bad) session.abort();
          return Status.Success;
        },
      }),
    ]);
    const report = join(folder, 'report.jsonl');
    const { exitCode, stdout, stderr } = await scu(['store', peer, ...good, '--report', report]);
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/^failed .*aborted the association.*\n$/)]);
    expect(stdout).toMatch(/^1 sent, 1 failed/m);
    const failed = jsonLines(readFileSync(report, 'utf8')).filter(({ result }) => result === 'failed');
    expect(failed).toMatchObject([{ sopInstance: bad, reason: expect.stringContaining('aborted the association') }]);
    bad = '';
    const resumed = await scu(['store', peer, ...good, '--report', report, '--resume']);
    expect([resumed.exitCode, resumed.stdout]).toEqual([0, expect.stringMatching(/^1 sent, 0 failed, 1 skipped/m)]);
  });
});

describe('with --quiet, a failure is told on stderr:', () => {
  const refusal = () => {
    throw new DimseError(Status.OutOfResources);
  };
  const missing = {
    sopClass: '1.2.840.10008.5.1.4.1.1.2',
    sopInstance: '1.2.77',
    transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN,
    data: () => Promise.reject(new Error('gone')),
  };
  const study = ['--key', 'StudyInstanceUID=1.2.3'];
  const out = () => ['--out', join(folder, 'out')];
  const capture = () => join(folder, 'conversation.pcapng');

  /** For each verb, the arguments with which its operation fails at the peer. */
  const FAILING: Readonly<Record<string, () => readonly string[]>> = {
    echo: () => [],
    store: () => [...good],
    find: () => study,
    get: () => [...study, ...out()],
    move: () => [...study, '--dest', 'NOWHERE'],
    worklist: () => [],
    mpps: () => ['create'],
    ups: () => ['create'],
    print: () => [...good],
    commit: () => [...good],
    doctor: () => [],
    replay: () => [capture()],
    dump: () => [file('broken', Buffer.from('0100000000020001ffff00000000', 'hex'))],
  };
  const LOCAL_WITHOUT_FAILURE = ['peers', 'completion'];

  test('every verb has a row', () => {
    expect([...Object.keys(FAILING), ...LOCAL_WITHOUT_FAILURE].sort()).toEqual(VERBS.map(({ name }) => name).sort());
  });

  test.each(Object.keys(FAILING))('%s', async (verb) => {
    const working = await startScp([serve(storage, { store: () => Status.Success })]);
    await scu(['store', working, ...good, '--capture', capture(), '--quiet']);
    const peer = await startScp([
      serve(verification, { echo: refusal }),
      serve(storage, { store: refusal }),
      serve(studyRoot, { rawFind: refusal, get: refusal, move: refusal }),
    ]);
    const takesPeer = VERBS.find(({ name }) => name === verb)?.takesPeer;
    const { exitCode, stdout, stderr } = await scu([
      verb,
      ...(takesPeer ? [peer] : []),
      ...(FAILING[verb]?.() ?? []),
      '--quiet',
    ]);
    expect([verb, exitCode === 0, stdout, stderr.trim() === '']).toEqual([verb, false, '', false]);
  });

  test('get retrieves the rest if the association is lost on an instance', async () => {
    const { performGet } = await import('@x/dimse');
    const sopInstances = ['1.2.3.1', '1.2.3.2', '1.2.3.3'];
    const sopClass = '1.2.840.10008.5.1.4.1.1.2';
    const given = sopInstances.map((sopInstance) => ({
      sopClass,
      sopInstance,
      transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN,
      data: syntheticDataSet({ sopClass, sopInstance, pixelLength: 100 }),
    }));
    const peer = await startScp([
      serve(studyRoot, {
        async *rawFind({ identifier }) {
          if (identifier.QueryRetrieveLevel === 'SERIES') yield { identifier: { SeriesInstanceUID: '1.2.3' } };
          else
            for (const SOPInstanceUID of sopInstances) yield { identifier: { SOPInstanceUID, SOPClassUID: sopClass } };
        },
        async *get({ identifier }, context) {
          const wanted = identifier.SOPInstanceUID;
          const found = given.filter(({ sopInstance }) => wanted === undefined || wanted === sopInstance);
          const lose = ({ sopInstance }: { readonly sopInstance?: string }) => {
            if (sopInstance === '1.2.3.1') context.session.abort();
          };
          if (wanted === '1.2.3.2') context.session.abort();
          return yield* performGet(found, context, { onSubOperation: lose });
        },
      }),
    ]);
    const to = join(folder, 'rest');
    const got = await scu(['get', peer, ...study, '--out', to, '--template', '{SOPInstanceUID}']);
    expect(got).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('failed   1.2.3.2') });
    expect(readdirSync(to).sort()).toEqual(['1.2.3.1', '1.2.3.3']);
  });

  test('get and move name each instance', async () => {
    const { performGet } = await import('@x/dimse');
    const peer = await startScp([
      serve(studyRoot, {
        get: (_, context) => performGet([...good, missing], context),
        async *move() {
          yield { remaining: 3, completed: 0, failed: 0, warning: 0 };
          return { status: 0xb000, completed: 2, failed: 1, warning: 0 };
        },
      }),
    ]);
    const got = await scu(['get', peer, ...study, ...out(), '--quiet']);
    expect(got).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('1.2.77') });
    // The peer tells how many failed, but not which.
    const moved = await scu(['move', peer, ...study, '--dest', 'OTHER', '--quiet']);
    expect(moved).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringMatching(/^2 moved, 1 failed/) });
  });
});
