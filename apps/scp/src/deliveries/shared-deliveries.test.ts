// Several processes deliver what arrives in one archive: everything once, whichever of them does it.

import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Status } from '@x/dimse';
import { testPostgres } from '@x/testing/services';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type DeliveringProcesses, deliveringProcesses } from '../../test/delivering-processes.ts';
import { type RecordingPeer, recordingPeer } from '../../test/recording-peer.ts';
import type { Deliveries } from './deliveries.ts';
import type { Destination, Rule } from './forward-rules.ts';

const server = await testPostgres();
/** Many instances take their time on a machine under load. */
const PATIENT = { timeout: 60_000 };

const destination = (name: string, { port }: RecordingPeer, more: Partial<Destination> = {}): Destination => ({
  ...{ name, place: '', host: '127.0.0.1', port, aet: 'PACS', tls: false, priority: 'medium', attempts: 3 },
  ...{ queue: 1000, associations: 1, window: 1, decompress: false, edits: [], removesPrivate: false, existing: false },
  ...more,
});
const toAll = (...destinations: readonly Destination[]) => {
  const rules: Rule[] = [{ name: 'all', match: {}, to: destinations.map(({ name }) => name) }];
  return { forwardRules: { destinations, rules } };
};
const key = (number: number, study = '1.2') => ({ study, series: `${study}.1`, sopInstance: `${study}.1.${number}` });
const uids = (count: number) => Array.from({ length: count }, (_, index) => `1.2.1.${index + 1}`).sort();
const waitingIn = (all: readonly Deliveries[]) =>
  all
    .flatMap(({ status }) => status.map(({ waiting, behind }) => waiting + behind))
    .reduce((sum, each) => sum + each, 0);

describe.skipIf(server === undefined)('processes that share a database', () => {
  let processes: DeliveringProcesses;
  const peers: RecordingPeer[] = [];
  beforeEach(async () => {
    processes = await deliveringProcesses(server ?? '');
  });
  afterEach(async () => {
    await processes[Symbol.asyncDispose]();
    for (const peer of peers.splice(0)) await peer[Symbol.asyncDispose]();
  });
  const peer = async (...given: Parameters<typeof recordingPeer>) => {
    const made = await recordingPeer(...given);
    peers.push(made);
    return made;
  };
  const startAll = (options: Parameters<DeliveringProcesses['start']>[0]) =>
    Promise.all([1, 2, 3].map(() => processes.start(options)));

  test('forward every instance once to each destination, one after the other in the order of their priorities', async () => {
    const [down, fast] = [await recordingPeer(), await peer()];
    await down[Symbol.asyncDispose]();
    const urgent: Rule = { name: 'urgent', match: { SOPInstanceUID: ['1.2.1.210'] }, to: ['DOWN'], priority: 'high' };
    const { forwardRules } = toAll(destination('DOWN', down), destination('FAST', fast));
    const all = await startAll({ forwardRules: { ...forwardRules, rules: [urgent, ...forwardRules.rules] } });
    // More than are sent on one association.
    for (let number = 1; number <= 210; number++) await processes.keep(key(number));
    const waiting = () => all.map(({ status }) => status.find((each) => each.destination === 'DOWN')?.waiting);
    await expect.poll(waiting, PATIENT).toEqual([210, 210, 210]);
    const working = { now: 0, most: 0 };
    const back = await peer({ port: down.port }, async () => {
      working.most = Math.max(working.most, ++working.now);
      await new Promise((resolve) => setImmediate(resolve));
      working.now--;
      return Status.Success;
    });
    await expect.poll(() => waitingIn(all), PATIENT).toBe(0);
    expect(back.requests).toEqual(['1.2.1.210', ...Array.from({ length: 209 }, (_, index) => `1.2.1.${index + 1}`)]);
    expect([[...fast.requests].sort(), working.most]).toEqual([uids(210), 1]);
    const sent = all.flatMap(({ status }) => status.map((each) => each.sent));
    expect(sent.reduce((sum, each) => sum + each)).toBe(420);
  }, 180_000);

  test('call a hook once for each instance, and once for each study that is quiet', async () => {
    const file = join(processes.instances.folder ?? '', 'calls');
    const path = join(processes.instances.folder ?? '', 'hook.sh');
    appendFileSync(file, '');
    writeFileSync(path, `#!/bin/sh\necho "$DIMSE_EVENT $1" >> ${file}\n`, { mode: 0o755 });
    const all = await startAll({
      onInstance: [`${path} {instance}`],
      onStudy: [`${path} {study}`],
      studyTimeout: 4000,
    });
    for (let number = 1; number <= 8; number++)
      for (const study of ['1.2', '1.3']) await processes.keep(key(number, study));
    const calls = () => readFileSync(file, 'utf8').trim().split('\n').sort();
    await expect.poll(() => calls().length).toBeGreaterThanOrEqual(18);
    await expect.poll(() => waitingIn(all)).toBe(0);
    const instances = ['1.2', '1.3'].flatMap((study) =>
      [1, 2, 3, 4, 5, 6, 7, 8].map((each) => `instance ${study}.1.${each}`),
    );
    expect(calls()).toEqual([...instances, 'study 1.2', 'study 1.3']);
  });

  test('leave to others the destinations and hooks that they do not have in their own rules', async () => {
    const [one, two] = [await peer(), await peer()];
    await processes.start(toAll(destination('ONE', one)));
    const second = await processes.start(toAll(destination('ONE', one), destination('TWO', two)));
    const none = await processes.start({});
    for (let number = 1; number <= 5; number++) await processes.keep(key(number));
    await expect.poll(() => [[...one.requests].sort(), [...two.requests].sort()]).toEqual([uids(5), uids(5)]);
    await second[Symbol.asyncDispose]();
    await processes.keep(key(6));
    await expect.poll(() => one.requests.length).toBe(6);
    // The process that knows it will forward it, so that no other one may delete the study.
    expect(await none.needOf('1.2')).toBe('for forwarding to TWO');
    await processes.start(toAll(destination('TWO', two)));
    await expect.poll(() => [...two.requests].sort()).toEqual(uids(6));
    await expect.poll(() => none.needOf('1.2')).toBeUndefined();
  });

  test('go on with the work of one that has ended', async () => {
    const pacs = await peer();
    const { port } = pacs;
    await pacs[Symbol.asyncDispose]();
    peers.length = 0;
    const options = toAll(destination('PACS', pacs));
    const [first, second] = [await processes.start(options), await processes.start(options)];
    for (let number = 1; number <= 20; number++) await processes.keep(key(number));
    await expect.poll(() => first.status[0]?.waiting).toBe(20);
    await first[Symbol.asyncDispose]();
    const again = await peer({ port });
    await expect.poll(() => [...again.requests].sort()).toEqual(uids(20));
    await expect.poll(() => waitingIn([second])).toBe(0);
  });
});
