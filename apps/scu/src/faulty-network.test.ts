// dimse-scu over a network that breaks the conversation at many bytes: it ends, and tells the truth.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@x/cli/program';
import { createScp, openDicomFile, performGet, type Scp, Status, serve, storage, studyRoot } from '@x/dimse';
import { type Fault, type FaultDirection, startFaultProxy } from '@x/net/testing';
import { computedTomographySeries } from '@x/testing/computed-tomography-phantom';
import { isInstalled, startPeer } from '@x/testing/processes';
import { jsonLines, runInProcess } from '@x/testing/run-in-process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createScuProgram } from './program.ts';

/** Runs dimse-scu in this process. */
const scu = (args: readonly string[]) => runInProcess((context) => runProgram(createScuProgram(), context), args);

const SLICES = 4;
let folder: string;
let files: string[];
let uids: string[];
let scp: Scp;
let port: number;
/** The instances that the peer has received whole. */
const received = new Set<string>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'faulty-network-'));
  const slices = [...computedTomographySeries({ slices: SLICES, size: 64 })];
  uids = slices.map(({ sopInstanceUid }) => sopInstanceUid);
  files = slices.map(({ bytes }, index) => {
    const path = join(folder, `${index}.dcm`);
    writeFileSync(path, bytes);
    return path;
  });
  scp = createScp({
    aeTitle: 'SCP',
    calls: [storage],
    services: [
      serve(storage, {
        async store({ sopInstance, data }) {
          for await (const _ of data);
          received.add(sopInstance);
          return Status.Success;
        },
      }),
      serve(studyRoot, {
        async *rawFind({ identifier }) {
          const { QueryRetrieveLevel: level } = identifier;
          for (const SOPInstanceUID of uids)
            if (level !== 'SERIES') yield { identifier: { SOPInstanceUID, PatientName: `Match^${SOPInstanceUID}` } };
          if (level === 'SERIES') yield { identifier: { SeriesInstanceUID: '1.2' } };
        },
        async *get({ identifier }, context) {
          const wanted = identifier.SOPInstanceUID;
          return yield* performGet(
            files.filter((_, index) => wanted === undefined || wanted === uids[index]),
            context,
          );
        },
        async *move() {
          yield { remaining: SLICES, completed: 0, failed: 0, warning: 0 };
          return { status: 0, completed: SLICES, failed: 0, warning: 0 };
        },
      }),
    ],
  });
  ({ port } = await scp.listen({ port: 0, host: '127.0.0.1' }));
});
afterAll(async () => {
  await scp.close();
  rmSync(folder, { recursive: true });
});

const DIRECTIONS: readonly FaultDirection[] = ['to server', 'to client'];
/** Places in each direction; a stall takes as long as its timeout. */
const STEPS = { cut: 10, reset: 10, stall: 4 };

type Conversation = (address: string) => Promise<{ readonly exitCode: number }>;

/**
 * Has a conversation without a fault, then with one at some places in each direction of its first connection.
 * `check` is called after each.
 */
async function sweep(
  target: number,
  kind: 'cut' | 'reset' | 'stall',
  converse: Conversation,
  check: (exitCode: number) => void | Promise<void>,
): Promise<void> {
  const lengths = new Map<FaultDirection, number>();
  {
    await using clean = await startFaultProxy({ target: { port: target } });
    expect((await converse(`SCP@127.0.0.1:${clean.port}`)).exitCode).toBe(0);
    for (const direction of DIRECTIONS) lengths.set(direction, clean.passed(direction));
  }
  await check(0);
  for (const direction of DIRECTIONS)
    for (let step = 0; step < STEPS[kind]; step++) {
      const at = Math.floor(((lengths.get(direction) ?? 0) * step) / STEPS[kind]);
      const fault: Fault = { kind, direction, at };
      await using proxy = await startFaultProxy({
        target: { port: target },
        faults: (connection) => (connection === 0 ? [fault] : []),
      });
      const { exitCode } = await converse(`SCP@127.0.0.1:${proxy.port}`);
      expect([0, 1, 3], `${kind} ${direction} at ${at}`).toContain(exitCode);
      await check(exitCode);
    }
}

const TIMEOUT = ['--timeout', '0.5'];
const STUDY = ['--key', 'StudyInstanceUID=1.2'];

/** A verb whose result is all of its lines, or an error. */
function expectTold(outcome: { readonly exitCode: number; readonly stdout: string; readonly stderr: string }): void {
  if (outcome.exitCode === 0) expect(outcome.stderr).toBe('');
  else expect(outcome.stderr).not.toBe('');
}

describe.each(['cut', 'reset', 'stall'] as const)('a network with a %s', (kind) => {
  test('store reports as sent only what has arrived, and sends everything again', { timeout: 60_000 }, async () => {
    let told: string[] = [];
    await sweep(
      port,
      kind,
      async (address) => {
        received.clear();
        const outcome = await scu(['store', address, ...files, '--json', ...TIMEOUT]);
        expectTold(outcome);
        told = jsonLines(outcome.stdout).flatMap(({ result, sopInstance }) =>
          result === 'sent' ? [String(sopInstance)] : [],
        );
        return outcome;
      },
      (exitCode) => {
        for (const uid of told) expect(received).toContain(uid);
        expect(told.length === SLICES).toBe(exitCode === 0);
      },
    );
  });

  test('find succeeds only with all matches', { timeout: 60_000 }, async () => {
    let shown = 0;
    await sweep(
      port,
      kind,
      async (address) => {
        const outcome = await scu(['find', address, ...STUDY, '--key', 'PatientName', '--json', '-v', ...TIMEOUT]);
        shown = outcome.stdout.split('\n').filter((line) => line.includes('Match^')).length;
        return outcome;
      },
      (exitCode) => {
        expect(shown).toBeLessThanOrEqual(SLICES);
        if (exitCode === 0) expect(shown).toBe(SLICES);
      },
    );
  });

  test('get keeps only whole instances, and succeeds only with all of them', { timeout: 60_000 }, async () => {
    const whole = await Promise.all(files.map(dataSetOf));
    let out = '';
    await sweep(
      port,
      kind,
      async (address) => {
        out = mkdtempSync(join(folder, 'out-'));
        const outcome = await scu([
          'get',
          address,
          ...STUDY,
          '--out',
          out,
          '--template',
          '{SOPInstanceUID}',
          ...TIMEOUT,
        ]);
        expectTold(outcome);
        return outcome;
      },
      async (exitCode) => {
        const names = readdirSync(out);
        for (const name of names) expect(whole).toContain(await dataSetOf(join(out, name)));
        if (exitCode === 0) expect(names.sort()).toEqual([...uids].sort());
      },
    );
  });

  test('move succeeds only with the final response', { timeout: 60_000 }, async () => {
    let summary: unknown;
    await sweep(
      port,
      kind,
      async (address) => {
        const outcome = await scu(['move', address, ...STUDY, '--dest', 'OTHER', '--json', ...TIMEOUT]);
        expectTold(outcome);
        summary = outcome.stdout === '' ? undefined : jsonLines(outcome.stdout).at(-1)?.summary;
        return outcome;
      },
      (exitCode) => {
        if (exitCode === 0) expect(summary).toEqual({ completed: SLICES, failed: 0, warning: 0 });
        else expect(summary).toBeUndefined();
      },
    );
  });
});

test.runIf(isInstalled('storescp'))(
  'storescp has every file that store reports as sent',
  { timeout: 60_000 },
  async () => {
    const out = mkdtempSync(join(folder, 'storescp-'));
    const peer = await startPeer('storescp', (free) => ['+xa', '+B', '-od', out, `${free}`]);
    let told: string[] = [];
    try {
      await sweep(
        peer.port,
        'cut',
        async (address) => {
          for (const name of readdirSync(out)) rmSync(join(out, name));
          const outcome = await scu(['store', address, ...files, '--json', ...TIMEOUT]);
          told = jsonLines(outcome.stdout).flatMap(({ result, sopInstance }) =>
            result === 'sent' ? [String(sopInstance)] : [],
          );
          return outcome;
        },
        async (exitCode) => {
          const stored = readdirSync(out);
          for (const uid of told) expect(stored.some((name) => name.endsWith(uid))).toBe(true);
          expect(told.length === SLICES).toBe(exitCode === 0);
        },
      );
    } finally {
      await peer.stop();
    }
  },
);

async function dataSetOf(path: string): Promise<string> {
  await using file = await openDicomFile(path);
  return readFileSync(path).subarray(file.dataSetOffset).toString('base64');
}
