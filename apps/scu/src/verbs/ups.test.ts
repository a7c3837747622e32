// dimse-scu ups, against a provider of the library.

import { runProgram } from '@x/cli/program';
import { createScp, type Scp } from '@x/dimse';
import {
  createWorkItemStore,
  EventDelivery,
  UnifiedProcedureStepProvider,
  type WorkItemStore,
} from '@x/dimse/workflow';
import { startScu } from '@x/testing/processes';
import { jsonLines, runInProcess } from '@x/testing/run-in-process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createScuProgram } from '../program.ts';

/** Runs dimse-scu in this process. */
const scu = (args: readonly string[]) => runInProcess((context) => runProgram(createScuProgram(), context), args);

let scp: Scp;
let delivery: EventDelivery;
let peer: string;
let store: WorkItemStore;
beforeEach(async () => {
  delivery = new EventDelivery({ resolvePeer: () => undefined });
  store = createWorkItemStore();
  const provider = new UnifiedProcedureStepProvider({ store, delivery });
  scp = createScp({ aeTitle: 'MANAGER', services: [provider.service] });
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  peer = `MANAGER@127.0.0.1:${port}`;
});
afterEach(async () => {
  await delivery.close();
  await scp.close();
});

const ups = (action: string, ...args: readonly string[]) => scu(['ups', peer, action, ...args]);
const json = async (action: string, ...args: readonly string[]) =>
  jsonLines((await ups(action, ...args, '--json')).stdout)[0];

test('takes a work item from creation to completion', async () => {
  const created = await ups('create', '--uid', '1.2.3', '--key', 'WorklistLabel=AI', '--key', 'PatientID=P7');
  expect([created.exitCode, created.stderr]).toEqual([0, '']);
  expect(created.stdout).toBe(`${peer} answered: success (0000H): 1.2.3 is SCHEDULED\n`);
  const found = await ups('query', '--key', 'WorklistLabel=AI', '--key', 'PatientID');
  expect(found.stdout).toMatch(/^AI +P7$/m);
  const claimed = await json('change-state', '--uid', '1.2.3', '--state', 'IN PROGRESS');
  const transaction = String(claimed?.transactionUid);
  expect(transaction).toMatch(/^2\.25\.\d+$/);
  const again = await ups('change-state', '--uid', '1.2.3', '--state', 'IN PROGRESS');
  expect([again.exitCode, again.stderr]).toEqual([
    1,
    expect.stringContaining('the transaction UID is not correct (C301H): "IN PROGRESS by another transaction"'),
  ]);
  const early = await ups('change-state', '--uid', '1.2.3', '--state', 'COMPLETED', '--transaction', transaction);
  expect([early.exitCode, early.stderr]).toEqual([1, expect.stringContaining('(C304H)')]);
  const performed = 'UnifiedProcedureStepPerformedProcedureSequence';
  const keys = [
    ...['StationName', 'Workitem'].flatMap((name) => {
      const code = `${performed}.Performed${name}CodeSequence`;
      return [`${code}.CodeValue=1`, `${code}.CodingSchemeDesignator=99X`, `${code}.CodeMeaning=one`];
    }),
    `${performed}.PerformedProcedureStepStartDateTime=20261121`,
    `${performed}.PerformedProcedureStepEndDateTime=20261121`,
    `${performed}.OutputInformationSequence=`,
  ].flatMap((key) => ['--key', key]);
  expect(await ups('set', '--uid', '1.2.3', '--transaction', transaction, ...keys)).toMatchObject({ exitCode: 0 });
  const done = await ups('change-state', '--uid', '1.2.3', '--state', 'COMPLETED', '--transaction', transaction);
  expect([done.exitCode, done.stdout]).toEqual([0, expect.stringContaining('1.2.3 is COMPLETED')]);
  const read = await ups('get', '--uid', '1.2.3', '--key', 'PatientID', '--key', 'PatientName');
  expect(read.stdout).toBe('PatientID: P7\n');
  const got = await json('get', '--uid', '1.2.3', '--key', 'ProcedureStepState');
  expect(got).toMatchObject({ status: '0000', dataSet: { '00741000': { vr: 'CS', Value: ['COMPLETED'] } } });
});

test('watch prints events as they happen', async () => {
  const watching = ups('watch', '--calling', 'WATCHER', '--limit', '3', '--json');
  // Creates work items until the subscription is active and the limit of events is reached.
  for (let number = 1; ; number++) {
    await ups('create', '--uid', `1.9.${number}`);
    const isOver = await Promise.race([
      watching.then(() => true),
      new Promise((resolve) => setTimeout(resolve, 300, false)),
    ]);
    if (isOver) break;
    expect(number).toBeLessThan(20);
  }
  const { exitCode, stdout } = await watching;
  expect(exitCode).toBe(0);
  const events = jsonLines(stdout);
  expect(events.slice(0, 3)).toMatchObject(Array(3).fill({ eventType: 1, event: 'state' }));
});

test('watch unsubscribes on an interruption', async () => {
  const watching = startScu(['ups', peer, 'watch', '--calling', 'WATCHER']);
  await expect.poll(() => store.subscribers(), { timeout: 20_000 }).toEqual(['WATCHER']);
  watching.child.kill('SIGINT');
  const { exitCode, stderr } = await watching.outcome;
  expect([exitCode, stderr]).toEqual([130, 'dimse-scu: interrupted\n']);
  expect(await store.subscribers()).toEqual([]);
});

test('requests cancellation, subscribes, and rejects missing options', async () => {
  await ups('create', '--uid', '1.2.4');
  expect(await ups('subscribe', '--uid', '1.2.4', '--lock')).toMatchObject({ exitCode: 0 });
  expect(await ups('unsubscribe')).toMatchObject({ exitCode: 0 });
  expect((await ups('request-cancel', '--uid', '1.2.4', '--key', 'ReasonForCancellation=late')).exitCode).toBe(0);
  expect((await ups('request-cancel', '--uid', '1.2.4')).stdout).toContain('(B304H)');
  for (const args of [
    ['get'],
    ['set'],
    ['set', '--uid', '1.2.4'],
    ['change-state', '--uid', '1.2.4'],
    ['dance'],
  ] as const) {
    const { exitCode, stderr } = await ups(...(args as unknown as [string]));
    expect([exitCode, stderr.trim().split('\n').length]).toEqual([2, 1]);
  }
  expect((await ups('change-state', '--uid', '1.2.4', '--state', 'COMPLETED')).stderr).toContain('needs --transaction');
});
