// Instances on which the peer ends the association: each costs itself, and never the rest of the transfer.

import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { computedTomographySeries } from '@x/testing/computed-tomography-phantom';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { afterEach, describe, expect, test } from 'vitest';
import { NotSentError, PeerLostError, RequestError } from '../message/errors.ts';
import { storage } from '../services/storage.ts';
import { createScp, type ScpOptions } from '../session/scp.ts';
import { serve } from '../session/service-class.ts';
import type { Session } from '../session/session.ts';
import type { InstanceSource } from './instance-source.ts';
import { type StoreInstancesOptions, storeInstances } from './store-instances.ts';
import type { StoreOutcome } from './store-outcome.ts';

const closed: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closed.splice(0)) await close();
});

/** How a peer ends an association. */
type Blow = (session: Session, sessions: ReadonlySet<Session>) => void | Promise<void>;

const abort: Blow = (session) => session.abort();
const closeSocket: Blow = ({ association }) => association.connection.destroy();
/** As a process that serves all associations and crashes. */
const crash: Blow = (_, sessions) => {
  for (const { association } of sessions) association.connection.destroy();
};
const hang: Blow = () => new Promise<void>(() => {});

/** A peer that ends the association on some instances. */
async function provider(
  isBad: (sopInstance: string) => boolean,
  blow: Blow = abort,
  options: Partial<ScpOptions> = {},
) {
  const received: string[] = [];
  const sessions = new Set<Session>();
  let opened = 0;
  const scp = createScp({
    aeTitle: 'ARCHIVE',
    asynchronousOperations: 8,
    ...options,
    services: [
      serve(storage, {
        async store({ sopInstance, data }, { session }) {
          for await (const _ of data);
          if (isBad(sopInstance)) await blow(session as Session, sessions);
          else received.push(sopInstance);
          return 0;
        },
      }),
    ],
  });
  scp.on('session', (session) => {
    opened++;
    sessions.add(session);
    void session.ended.then(() => sessions.delete(session));
  });
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  closed.push(() => scp.close());
  const to: StoreInstancesOptions = {
    host: '127.0.0.1',
    port,
    callingAeTitle: 'ME',
    calledAeTitle: 'ARCHIVE',
    recovery: { reconnectionDelay: 1 },
  };
  return { scp, received, to, opened: () => opened };
}

const uid = (number: number) => `1.2.${number}`;
const instance = (number: number): InstanceSource => ({
  sopClass: CT_IMAGE_STORAGE,
  sopInstance: uid(number),
  transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN,
  data: syntheticDataSet({ sopClass: CT_IMAGE_STORAGE, sopInstance: uid(number), pixelLength: 500 }),
});
const instances = (count: number) => Array.from({ length: count }, (_, index) => instance(index + 1));

async function all(outcomes: AsyncIterable<StoreOutcome>): Promise<StoreOutcome[]> {
  const list: StoreOutcome[] = [];
  for await (const outcome of outcomes) list.push(outcome);
  return list;
}
const failures = (outcomes: readonly StoreOutcome[]) =>
  outcomes.filter(({ result }) => result === 'failed').map(({ sopInstance }) => sopInstance);

const CASES: readonly (readonly [string, readonly number[]])[] = [
  ['the first', [1]],
  ['the 5th and the 12th', [5, 12]],
  ['the last', [20]],
  ['two neighbours', [8, 9]],
  ['the first five', [1, 2, 3, 4, 5]],
];
const SHAPES = [
  { parallel: 1, window: 1 },
  { parallel: 1, window: 8 },
  { parallel: 4, window: 1 },
  { parallel: 4, window: 4 },
];
const BLOWS: readonly (readonly [string, Blow])[] = [
  ['aborts', abort],
  ['closes the socket', closeSocket],
  ['crashes with all its associations', crash],
];

describe.each(BLOWS)('a peer that %s', (_, blow) => {
  describe.each(SHAPES)('$parallel associations with a window of $window', ({ parallel, window }) => {
    test.each(CASES)('on %s of 20 instances receives all others', async (_, bad) => {
      const uids = bad.map(uid);
      const peer = await provider((sopInstance) => uids.includes(sopInstance), blow);
      const options = { ...peer.to, parallel, asynchronousOperations: { invoke: window, perform: 1 } };
      const outcomes = await all(storeInstances(instances(20), options));
      expect(outcomes).toHaveLength(20);
      expect(failures(outcomes).sort()).toEqual([...uids].sort());
      expect(new Set(peer.received).size).toBe(20 - bad.length);
      for (const { error } of outcomes.filter(({ result }) => result === 'failed'))
        expect(error).toBeInstanceOf(RequestError);
    });
  });
});

test('an instance on which the peer hangs fails alone, after it timed out', async () => {
  const peer = await provider((sopInstance) => sopInstance === uid(3), hang);
  const options = {
    ...peer.to,
    timeouts: { response: 100 },
    asynchronousOperations: { invoke: 4, perform: 1 },
  };
  const outcomes = await all(storeInstances(instances(8), options));
  expect(failures(outcomes)).toEqual([uid(3)]);
  expect(outcomes.find(({ result }) => result === 'failed')?.reason).toContain("timeout 'response'");
  expect(new Set(peer.received).size).toBe(7);
});

describe('the transfer ends', () => {
  test.each(SHAPES)(
    'if no instance gets a response ($parallel associations with a window of $window)',
    async ({ parallel, window }) => {
      const peer = await provider(() => true);
      const options = { ...peer.to, parallel, asynchronousOperations: { invoke: window, perform: 1 } };
      const outcomes = await all(storeInstances(instances(200), options));
      expect(failures(outcomes)).toHaveLength(200);
      expect(peer.opened()).toBeLessThanOrEqual(20 + parallel);
      const { error, reason } = outcomes.at(-1) as StoreOutcome;
      expect(error).toBeInstanceOf(NotSentError);
      expect(error?.cause).toBeInstanceOf(PeerLostError);
      expect(reason).toMatch(/^not sent: 20 associations in a row were lost without a response; the last one: /);
    },
  );

  test('after the number of lost associations that the caller sets', async () => {
    const peer = await provider(() => true);
    const options = { ...peer.to, recovery: { lostAssociations: 4 } };
    const outcomes = await all(storeInstances(instances(10), options));
    expect(peer.opened()).toBe(4);
    expect(outcomes.map(({ error }) => error instanceof NotSentError)).toEqual([
      ...Array(2).fill(false),
      ...Array(8).fill(true),
    ]);
  });

  test('if the peer rejects every further association for good', async () => {
    let admitted = 0;
    const peer = await provider((sopInstance) => sopInstance === uid(3), abort, {
      accept: () => (admitted++ === 0 ? true : { result: 1, source: 1, reason: 3 }),
    });
    const outcomes = await all(storeInstances(instances(6), peer.to));
    expect(failures(outcomes)).toHaveLength(4);
    expect([peer.received.length, admitted]).toEqual([2, 2]);
    expect(outcomes.at(-1)?.reason).toContain('calling AE title not recognized');
  });

  test('if an association cannot be opened again after the last attempt', async () => {
    const peer = await provider(
      (sopInstance) => sopInstance === uid(3),
      () => void peer.scp.close(),
    );
    const outcomes = await all(storeInstances(instances(6), peer.to));
    expect(failures(outcomes)).toHaveLength(4);
    expect(outcomes.at(-1)?.reason).toContain('connection refused');
  });
});

test('goes on if the peer accepts an association at a later attempt', async () => {
  let asked = 0;
  const peer = await provider((sopInstance) => sopInstance === uid(3), abort, {
    // Busy after each loss: two transient rejections, then a place.
    accept: () => (asked++ % 3 === 0 ? true : { result: 2, source: 3, reason: 1 }),
  });
  const outcomes = await all(storeInstances(instances(6), peer.to));
  expect(failures(outcomes)).toEqual([uid(3)]);
  expect(asked).toBe(7);
});

test('a loop that is left while a suspect waits ends', async () => {
  const peer = await provider((sopInstance) => sopInstance === uid(1));
  const options = { ...peer.to, parallel: 2, asynchronousOperations: { invoke: 4, perform: 1 } };
  let count = 0;
  for await (const _ of storeInstances(instances(50), options)) if (++count === 3) break;
  expect(count).toBe(3);
});

describe('a file that', () => {
  const SLICES = 5;
  async function files(): Promise<string[]> {
    const folder = await mkdtemp(join(tmpdir(), 'bad-instances-'));
    closed.push(() => rm(folder, { recursive: true }));
    const slices = [...computedTomographySeries({ slices: SLICES, size: 64 })];
    const paths = slices.map((_, index) => join(folder, `${index}.dcm`));
    await Promise.all(slices.map(({ bytes }, index) => writeFile(paths[index] ?? '', bytes)));
    return paths;
  }
  /** The files, described before the third one is changed. */
  async function described(paths: readonly string[]): Promise<InstanceSource[]> {
    const { openDicomFile } = await import('../part10/open-dicom-file.ts');
    return Promise.all(
      paths.map(async (path) => {
        await using file = await openDicomFile(path);
        const { sopClass = '', sopInstance = '', transferSyntax, dataSet } = file;
        return { path, sopClass, sopInstance, transferSyntax, length: dataSet.length };
      }),
    );
  }

  test.each<[string, string, (path: string) => Promise<void>]>([
    ['disappears', 'ENOENT', (path) => rm(path)],
    ['becomes shorter', 'has changed', (path) => truncate(path, 5000)],
    ['becomes longer', 'has changed', (path) => writeFile(path, Buffer.alloc(100), { flag: 'a' })],
    ['becomes empty', 'empty', (path) => truncate(path, 0)],
  ])('%s after it was described fails alone', async (_, reason, change) => {
    const paths = await files();
    const sources = await described(paths);
    await change(paths[2] ?? '');
    const peer = await provider(() => false);
    const outcomes = await all(storeInstances(sources, peer.to));
    expect(outcomes.filter(({ result }) => result === 'failed').map(({ path }) => path)).toEqual([paths[2]]);
    expect(outcomes[2]?.reason).toContain(reason);
    expect([peer.received.length, peer.opened()]).toEqual([SLICES - 1, 1]);
  });

  test('becomes shorter while it is sent fails alone, also in a window', async () => {
    const peer = await provider(() => false);
    const sources = instances(12);
    const length = 4_000_000;
    let reads = 0;
    sources[4] = {
      sopClass: CT_IMAGE_STORAGE,
      sopInstance: uid(5),
      transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN,
      data: () => ({
        length,
        // The end of the file is reached too early.
        readv: async (buffers: readonly Uint8Array[]) =>
          reads++ < 2 ? buffers.reduce((sum, { length }) => sum + length, 0) : 0,
      }),
    } as InstanceSource;
    const options = { ...peer.to, asynchronousOperations: { invoke: 4, perform: 1 } };
    const outcomes = await all(storeInstances(sources, options));
    expect(failures(outcomes)).toEqual([uid(5)]);
    expect(new Set(peer.received).size).toBe(11);
  });
});

describe('an instance that cannot be proposed', () => {
  test.each<[string, object, string]>([
    ['a SOP Class UID that is not a UID', { sopClass: 'CT Image' }, 'the SOP Class UID "CT Image" is not a UID'],
    ['an empty SOP Class UID', { sopClass: '' }, 'the SOP Class UID "" is not a UID'],
    ['a SOP Class UID that is too long', { sopClass: `1.${'2'.repeat(70)}` }, 'is not a UID'],
    ['a transfer syntax that is not a UID', { transferSyntax: 'raw' }, 'the Transfer Syntax UID "raw" is not a UID'],
    ['an empty SOP Instance UID', { sopInstance: '' }, 'SOP Instance UID is empty'],
  ])('for %s fails alone', async (_, wrong, reason) => {
    const peer = await provider(() => false);
    const given = [instance(1), { ...(instance(2) as object), ...wrong } as InstanceSource, instance(3)];
    const outcomes = await all(storeInstances(given, peer.to));
    expect(outcomes.map(({ result }) => result).sort()).toEqual(['failed', 'sent', 'sent']);
    expect(outcomes.find(({ result }) => result === 'failed')?.reason).toContain(reason);
    expect(peer.received).toEqual([uid(1), uid(3)]);
  });
});
