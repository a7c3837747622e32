// Interruptions of dimse-scu: Ctrl-C, once or twice, and a reader that closes the pipe.

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { createScp, type Scp, type Service, serve, studyRoot, verification } from '@x/dimse';
import { type Running, startScu } from '@x/testing/processes';
import { afterAll, afterEach, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'dimse-scu-interruption-'));
afterAll(() => rmSync(folder, { recursive: true }));
let scp: Scp | undefined;
afterEach(() => scp?.close());

async function startScp(...services: readonly Service[]): Promise<string> {
  scp = createScp({ aeTitle: 'SCP', services });
  return `SCP@127.0.0.1:${(await scp.listen({ port: 0, host: '127.0.0.1' })).port}`;
}

test('aborts a query if the reader of its results closes the pipe', async () => {
  let closed: Promise<unknown> | undefined;
  const peer = await startScp(
    serve(studyRoot, {
      async *rawFind(_request, { session, signal }) {
        closed = session.association.closed;
        for (let number = 0; !signal.aborted; number++) {
          yield { identifier: { PatientID: `${number}` } };
          await turn();
        }
      },
    }),
  );
  const running = startScu(['find', peer, '--key', 'PatientID']);
  await running.printed(/\n/);
  running.child.stdout?.destroy();
  const { exitCode, stderr } = await running.outcome;
  expect([exitCode, stderr]).toEqual([130, 'dimse-scu: interrupted: the reader of the results has closed the pipe\n']);
  expect(await closed).toMatchObject({ how: 'aborted', by: 'peer' });
});

test('aborts on the second Ctrl-C if the peer is slow to cancel', async () => {
  let running: Running | undefined;
  let closed: Promise<unknown> | undefined;
  const peer = await startScp(
    serve(studyRoot, {
      async *get(_request, { session, signal }) {
        closed = session.association.closed;
        running?.child.kill('SIGINT');
        await new Promise((settle) => signal.addEventListener('abort', settle));
        running?.child.kill('SIGINT');
        // A program that waited for this response would release the association.
        await new Promise((settle) => setTimeout(settle, 4000));
        yield {};
      },
    }),
  );
  const out = join(folder, 'out');
  const args = ['get', peer, '--key', 'StudyInstanceUID=1.2', '--out', out];
  running = startScu(args);
  const { exitCode, stderr } = await running.outcome;
  expect([exitCode, stderr, readdirSync(out)]).toEqual([130, 'dimse-scu: interrupted\n', []]);
  expect(await closed).toMatchObject({ how: 'aborted', by: 'peer' });
});

test('ends doctor at the current step', async () => {
  let running: Running | undefined;
  let closed: Promise<unknown> | undefined;
  const peer = await startScp(
    serve(verification, {
      echo: (_request, { session }) => {
        closed = session.association.closed;
        running?.child.kill('SIGINT');
        return new Promise(() => {});
      },
    }),
  );
  running = startScu(['doctor', peer]);
  const { exitCode, stdout, stderr } = await running.outcome;
  expect([exitCode, stderr]).toEqual([130, 'dimse-scu: interrupted\n']);
  expect(stdout).toMatch(/^ok {6}TCP: [^\n]*\n$/);
  expect(await closed).toMatchObject({ how: 'aborted', by: 'peer' });
});
