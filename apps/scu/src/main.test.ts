// dimse-scu against an SCP of the library and against misbehaving peers.

import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@x/cli/program';
import { createScp, type Scp, Status, serve, storage, verification } from '@x/dimse';
import { AbortSource, UserRejectReason } from '@x/net';
import { listenWith, type ScriptedPeer } from '@x/net/testing';
import { computedTomographySeries } from '@x/testing/computed-tomography-phantom';
import { type Running, startScu } from '@x/testing/processes';
import { jsonLines, runInProcess } from '@x/testing/run-in-process';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createScuProgram } from './program.ts';

/** Runs dimse-scu in this process. */
const scu = (args: readonly string[]) => runInProcess((context) => runProgram(createScuProgram(), context), args);

let folder: string;
let series: string;
let scp: Scp | undefined;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dimse-scu-'));
  series = join(folder, 'series');
  mkdirSync(join(series, 'deeper'), { recursive: true });
  [...computedTomographySeries({ slices: 6, size: 32 })].forEach(({ bytes }, index) => {
    writeFileSync(join(series, index < 3 ? `${index}.dcm` : join('deeper', `${index}.dcm`)), bytes);
  });
  writeFileSync(join(series, 'notes.txt'), 'no image');
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  await scp?.close();
  scp = undefined;
});

async function startScp(options: Partial<Parameters<typeof createScp>[0]> = {}): Promise<string> {
  scp = createScp({
    aeTitle: 'SCP',
    services: [serve(verification, { echo: () => Status.Success }), serve(storage, { store: () => Status.Success })],
    ...options,
  });
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  return `SCP@127.0.0.1:${port}`;
}

describe('echo', () => {
  test('prints the time of each response', async () => {
    const peer = await startScp();
    const { exitCode, stdout, stderr } = await scu(['echo', peer, '--repeat', '3']);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout.trim().split('\n')).toHaveLength(3);
    expect(stdout).toMatch(/^SCP@127\.0\.0\.1:\d+ answered: success \(0000H\), [\d.]+ ms$/m);
  });

  test('prints JSON, and the negotiation with -v', async () => {
    const peer = await startScp();
    const { stdout, stderr } = await scu(['echo', peer, '--json', '-v', '--user', 'me']);
    expect(jsonLines(stdout)).toEqual([{ peer, status: '0000', milliseconds: expect.any(Number) }]);
    expect(stderr).toContain('context 1: 1.2.840.10008.1.1 Verification SOP Class');
    expect(stderr).toContain("user identity        user name 'me'");
  });

  test('exits with 1 on a failure status', async () => {
    const peer = await startScp({ services: [serve(verification, { echo: () => Status.NotAuthorized })] });
    expect(await scu(['echo', peer])).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: `dimse-scu: ${peer} answered: not authorized (0124H)\n`,
    });
  });
});

describe('reports a peer that', () => {
  const script = async (play: (peer: ScriptedPeer) => void, args: readonly string[] = []) => {
    const server = await listenWith(async (peer) => {
      await peer.nextPdu();
      play(peer);
    });
    const outcome = await scu(['echo', `X@127.0.0.1:${server.port}`, ...args]);
    await server.close();
    expect(outcome.stderr.trim().split('\n')).toHaveLength(1);
    expect([outcome.exitCode, outcome.stdout]).toEqual([3, '']);
    return outcome.stderr;
  };

  test('closes the connection', async () =>
    expect(await script((peer) => peer.end())).toContain('closed the connection in Sta5'));
  test('resets the connection', async () =>
    expect(await script((peer) => peer.reset())).toContain('closed the connection in Sta5'));
  test('speaks HTTP', async () =>
    expect(await script((peer) => peer.send(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')))).toContain(
      'speaks HTTP, not DICOM. Is this the right port?',
    ));
  test('aborts', async () =>
    expect(await script((peer) => peer.send(Buffer.from('07000000000400000200', 'hex')))).toContain(
      'aborted the association',
    ));
  test('never answers', async () =>
    expect(await script(() => {}, ['--timeout', '0.2'])).toContain("within 200 ms (timeout 'association')"));
  test('rejects the association, with advice', async () => {
    const peer = await startScp({
      accept: () => ({ result: 1, source: 1, reason: UserRejectReason.CallingAeTitleNotRecognized }),
    });
    const { exitCode, stderr } = await scu(['echo', peer, '--calling', 'ME']);
    expect([exitCode, stderr]).toEqual([
      3,
      `dimse-scu: ${peer} rejected the association: calling AE title not recognized (permanent, by the service user). It knows you as 'ME': use --calling, or ask its administrator.\n`,
    ]);
  });
});

describe('store', () => {
  test('sends files and folders, counts files that are not DICOM, and writes a report', async () => {
    const peer = await startScp();
    const reportFile = join(folder, 'report.jsonl');
    const { exitCode, stdout } = await scu([
      'store',
      peer,
      series,
      '--json',
      '--parallel',
      '2',
      '--window',
      '2',
      '--report',
      reportFile,
    ]);
    expect(exitCode).toBe(0);
    const results = jsonLines(stdout);
    expect(results.at(-1)).toMatchObject({ summary: { sent: 6, warning: 0, failed: 0, skipped: 1 } });
    const report = jsonLines(readFileSync(reportFile, 'utf8'));
    expect(report.map(({ result }) => result).sort()).toEqual([...Array(6).fill('sent'), 'skipped']);
    expect(report.filter(({ status }) => status === '0000')).toHaveLength(6);
  });

  test('resumes from a report and sends the missing files', async () => {
    let received = 0;
    let refused = true;
    const store = () => (refused && ++received > 2 ? Status.OutOfResources : Status.Success);
    const peer = await startScp({ services: [serve(storage, { store })] });
    const report = join(folder, 'resumed.jsonl');
    const args = ['store', peer, series, '--report', report];
    expect((await scu(args)).stdout).toMatch(/^2 sent, 4 failed, 1 skipped/m);
    // As if it had been interrupted in the middle of a line.
    appendFileSync(report, '{"file":"');
    refused = false;
    expect((await scu([...args, '--resume'])).stdout).toMatch(/^4 sent, 0 failed, 3 skipped/m);
    expect((await scu([...args, '--resume'])).stdout).toMatch(/^0 sent, 0 failed, 7 skipped/m);
    expect(await scu(['store', peer, series, '--resume'])).toMatchObject({ exitCode: 2 });
    const none = await scu(['store', peer, series, '--resume', '--report', join(folder, 'none.jsonl')]);
    expect([none.exitCode, none.stderr]).toEqual([2, expect.stringContaining('cannot be resumed')]);
  });

  test('continues after a failure, and reports each one', async () => {
    let number = 0;
    const peer = await startScp({
      services: [serve(storage, { store: () => (++number === 2 ? 0xa700 : number === 3 ? 0xb000 : 0) })],
    });
    const { exitCode, stdout, stderr } = await scu(['store', peer, series]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^failed .*: out of resources \(A700H\)\n$/);
    expect(stdout).toMatch(/^warning .*: coercion of data elements \(B000H\)$/m);
    expect(stdout).toMatch(/^5 sent, 1 with warnings, 1 failed, 1 skipped: /m);
  });

  test('opens another association if one is lost, and sends the rest on it', async () => {
    let number = 0;
    const peer = await startScp({
      services: [
        serve(storage, {
          store: (_request, { session }) => {
            if (++number === 3) session.association.abort({ source: AbortSource.ServiceUser, reason: 0 });
            return Status.Success;
          },
        }),
      ],
    });
    const { exitCode, stdout } = await scu(['store', peer, series]);
    expect([exitCode, /^6 sent, 0 failed/m.test(stdout)]).toEqual([0, true]);
  });

  test('gives up if every association fails, and lists the files that were not sent', async () => {
    const peer = await startScp({
      services: [
        serve(storage, {
          store(_request, { session }) {
            session.abort();
            return 0;
          },
        }),
      ],
    });
    const { exitCode, stdout, stderr } = await scu(['store', peer, series]);
    expect(exitCode).toBe(3);
    expect(stderr.match(/^failed /gm)).toHaveLength(6);
    expect(stdout).toMatch(/^0 sent, 6 failed, 1 skipped: /m);
    expect(stderr).toContain('aborted the association');
  });

  test('reports a presentation context that the peer does not accept, with the reason', async () => {
    const peer = await startScp({ services: [serve(verification, { echo: () => 0 })] });
    const { exitCode, stderr } = await scu(['store', peer, series]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      'no presentation context for C-STORE of CT Image Storage in Explicit VR Little Endian: context 1',
    );
    expect(stderr).toContain('abstract syntax not supported');
  });

  test('aborts the association on an interruption, and exits with 130', async () => {
    let isAborted: Promise<unknown> | undefined;
    let running: Running | undefined;
    const peer = await startScp({
      services: [
        serve(storage, {
          store: (_request, { session }) => {
            isAborted = session.association.closed;
            running?.child.kill('SIGINT');
            return new Promise(() => {});
          },
        }),
      ],
    });
    running = startScu(['store', peer, series]);
    const { exitCode, stderr } = await running.outcome;
    expect([exitCode, stderr]).toEqual([130, 'dimse-scu: interrupted\n']);
    expect(await isAborted).toMatchObject({ how: 'aborted', by: 'peer' });
  });

  test.each<[string, (path: string) => string[], string]>([
    ['a file that is not DICOM', (path) => [join(path, 'series', 'notes.txt')], 'is not a DICOM file'],
    ['a missing file', (path) => [join(path, 'none')], 'file or folder does not exist'],
    ['a folder without DICOM files', (path) => [join(path, 'empty')], 'no DICOM files found in'],
  ])('exits with 2 for %s', async (_, paths, message) => {
    mkdirSync(join(folder, 'empty'), { recursive: true });
    const { exitCode, stdout, stderr } = await scu(['store', 'X@127.0.0.1:1', ...paths(folder)]);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  test('does not send a truncated file', async () => {
    const peer = await startScp();
    const path = join(folder, 'cut.dcm');
    writeFileSync(path, readFileSync(join(series, '0.dcm')).subarray(0, -10));
    const { exitCode, stderr } = await scu(['store', peer, path]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('not sent: (7FE0,0010) is cut short');
  });
});

test.each([
  [['echo'], "missing required argument 'peer'"],
  [['echo', 'A@h:99999'], 'not a port'],
  [['echo', 'h', '--repeat', '0'], 'a whole number from 1 on is needed'],
  [['echo', 'h', '--max-pdu', '10'], '4096 bytes and more'],
  [['echo', 'h', '--password-file', '/x'], '--password-file needs --user'],
  // A misspelled option is reported first, whatever else is missing.
  [['find', 'h', '--kye', 'x'], "unknown option '--kye' (Did you mean --key?)"],
  [['get', 'h', '--kye', 'x'], "unknown option '--kye' (Did you mean --key?)"],
  [['get', 'h', '--otu', 'x', '--key', 'PatientID=1'], "unknown option '--otu' (Did you mean --out?)"],
  [['get', 'h', '--out', 'x'], "required option '-k, --key <key>' not specified"],
  // Everything that is missing is named at once.
  [['get', 'h'], "required options '-k, --key <key>' and '--out <folder>' not specified"],
  [['get'], "missing required argument 'peer'; required options '-k, --key <key>' and '--out <folder>' not specified"],
  [['store'], "missing required arguments 'peer' and 'path'"],
  [['move', 'h'], "required option '-k, --key <key>' not specified; --dest is needed: "],
  [['mpps', 'h', 'set'], '--uid is needed: '],
  [['ups', 'h', 'set'], 'set needs --uid and --key'],
  [['ups', 'h', 'change-state'], 'change-state needs --uid and --state'],
  [['ups', 'h', 'change-state', '--state', 'COMPLETED'], 'change-state needs --uid and --transaction'],
  [['echo', '--repaet', '3'], "unknown option '--repaet' (Did you mean --repeat?)"],
  // The peer as the tools of DCMTK take it.
  [['echo', '10.0.0.5', '104'], 'write: dimse-scu echo ANY-SCP@10.0.0.5:104\n'],
  [['echo', '-aec', 'ARCH', 'h', '104'], 'write: dimse-scu echo ARCH@h:104\n'],
  [
    ['find', '-v', '-aet', 'ME', '-aec', 'ARCH', '-k', '0010,0010=A*', 'h', '104'],
    "write: dimse-scu find ARCH@h:104 -v -k '0010,0010=A*' --calling ME\n",
  ],
  [['find', '--call', 'ARCH', '--aetitle', 'ME', '::1', '104'], 'write: dimse-scu find ARCH@[::1]:104 --calling ME\n'],
  [['move', '-aem', 'WS', '-aec', 'A', 'h', '104', '-k', 'PatientID=1'], 'move A@h:104 -k PatientID=1 --dest WS\n'],
  [['store', '-aec', 'A', 'A@h:104', 'x.dcm'], 'store A@h:104 x.dcm\n'],
  [['-aec', 'ARCH', 'h', '104'], 'the first word is a verb, such as echo; '],
  [['-aec', 'ARCH', 'h', '104'], 'write: dimse-scu echo ARCH@h:104\n'],
  // A peer in the place of a verb.
  [['127.0.0.1', '11112'], 'the first word is a verb, such as echo; '],
  [['127.0.0.1', '11112'], 'write: dimse-scu echo ANY-SCP@127.0.0.1:11112\n'],
  [['archive', '104'], 'write: dimse-scu echo ANY-SCP@archive:104\n'],
  [['::1', '104'], 'write: dimse-scu echo ANY-SCP@[::1]:104\n'],
  [['ARCH@h:104'], 'write: dimse-scu echo ARCH@h:104\n'],
  [['ARCH@h:104', 'find', '-k', 'PatientID=1'], 'write: dimse-scu find ARCH@h:104 -k PatientID=1\n'],
  [['archive.example', '--repeat', '2'], 'write: dimse-scu echo archive.example --repeat 2\n'],
  [['localhost:11112', 'get', '--out', 'x'], 'write: dimse-scu get localhost:11112 --out x\n'],
  [['seek', 'h'], "unknown command 'seek'"],
  [['store', 'h'], "missing required argument 'path'"],
])('rejects the arguments %j', async (args, message) => {
  const { exitCode, stderr } = await scu(args);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
});
