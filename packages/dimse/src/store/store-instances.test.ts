import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { DimseError } from '../message/errors.ts';
import { Status } from '../message/status.ts';
import { encodeFileMetaInformation } from '../part10/file-meta-information.ts';
import { storage } from '../services/storage.ts';
import { createScp, type ScpOptions } from '../session/scp.ts';
import { serve } from '../session/service-class.ts';
import type { Session } from '../session/session.ts';
import type { InstanceData } from './instance-source.ts';
import { type StoreInstancesOptions, storeInstances } from './store-instances.ts';
import type { StoreOutcome } from './store-outcome.ts';
import { sentBefore, storeReportLine } from './store-report.ts';

const closed: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closed.splice(0)) await close();
});

interface Peer {
  readonly received: string[];
  readonly sessions: Session[];
  /** The largest number at once, over all associations. */
  most: number;
  /** Called for each instance before the response. */
  answer: (sopInstance: string, session: Session) => number | Promise<number>;
  readonly options: StoreInstancesOptions;
}

async function provider(options: Partial<ScpOptions> = {}): Promise<Peer> {
  let now = 0;
  const scp = createScp({
    aeTitle: 'ARCHIVE',
    ...options,
    services: [
      serve(
        storage,
        {
          async store({ sopInstance, data }, { session }) {
            peer.most = Math.max(peer.most, ++now);
            try {
              for await (const _ of data);
              const status = await peer.answer(sopInstance, session as Session);
              peer.received.push(sopInstance);
              return status;
            } finally {
              now--;
            }
          },
        },
        { otherSopClasses: () => true },
      ),
    ],
  });
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  closed.push(() => scp.close());
  const peer: Peer = {
    received: [],
    sessions: [],
    most: 0,
    answer: () => Status.Success,
    options: { host: '127.0.0.1', port, callingAeTitle: 'ME', calledAeTitle: 'ARCHIVE' },
  };
  scp.on('session', (session) => peer.sessions.push(session));
  return peer;
}

function instance(number: number, overrides: Partial<InstanceData> = {}): InstanceData {
  const sopInstance = `1.2.${number}`;
  const data = () => syntheticDataSet({ sopClass: CT_IMAGE_STORAGE, sopInstance, pixelLength: 1000 });
  return { sopClass: CT_IMAGE_STORAGE, sopInstance, transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN, data, ...overrides };
}
const instances = (count: number) => Array.from({ length: count }, (_, index) => instance(index));

async function all(outcomes: AsyncIterable<StoreOutcome>): Promise<StoreOutcome[]> {
  const list: StoreOutcome[] = [];
  for await (const outcome of outcomes) list.push(outcome);
  return list;
}
const resultsOf = (outcomes: readonly StoreOutcome[]) =>
  Object.fromEntries(outcomes.map(({ sopInstance, result }) => [sopInstance, result]));

test('sends the first instances while later ones are not known yet, and opens further associations for their kinds', async () => {
  const peer = await provider();
  let arrived = () => {};
  const first = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  peer.answer = () => {
    arrived();
    return Status.Success;
  };
  async function* source() {
    yield* instances(3);
    // If all instances were taken first, this would never settle.
    await first;
    yield instance(3, { sopClass: '1.2.840.10008.5.1.4.1.1.4' });
    yield instance(4);
  }
  const outcomes = await all(storeInstances(source(), { ...peer.options, plannedFirst: 3 }));
  expect(outcomes.map(({ sopInstance, result }) => [sopInstance, result])).toEqual(
    [0, 1, 2, 3, 4].map((number) => [`1.2.${number}`, 'sent']),
  );
  expect(peer.sessions).toHaveLength(2);
});

test('sends kinds that become known late to a peer that serves one association at a time', async () => {
  const peer = await provider({
    admit: async () => {
      while (peer.sessions.some(({ association }) => association.isEstablished)) await new Promise(setImmediate);
      return true;
    },
  });
  async function* source() {
    for (let number = 0; number < 30; number++)
      yield instance(number, { sopClass: `1.2.840.10008.5.1.4.1.1.${number < 10 ? 2 : number % 3 === 0 ? 4 : 2}` });
  }
  const outcomes = await all(storeInstances(source(), { ...peer.options, plannedFirst: 3 }));
  expect(outcomes.map(({ result }) => result)).toEqual(Array.from({ length: 30 }, () => 'sent'));
  expect(peer.received).toHaveLength(30);
});

describe('the outcome of each instance', () => {
  test('is yielded: sent, warning, failed with the reason, skipped', async () => {
    const peer = await provider();
    const statuses: Record<string, number> = { '1.2.1': 0xb000, '1.2.2': Status.OutOfResources };
    peer.answer = (sopInstance) => statuses[sopInstance] ?? Status.Success;
    const skipped = new Set(['1.2.3']);
    const outcomes = await all(storeInstances(instances(4), { ...peer.options, skipped }));
    expect(outcomes.map(storeReportLine)).toEqual([
      { result: 'sent', sopClass: CT_IMAGE_STORAGE, sopInstance: '1.2.0', status: '0000' },
      {
        result: 'warning',
        sopClass: CT_IMAGE_STORAGE,
        sopInstance: '1.2.1',
        status: 'B000',
        reason: 'coercion of data elements (B000H)',
      },
      {
        result: 'failed',
        sopClass: CT_IMAGE_STORAGE,
        sopInstance: '1.2.2',
        status: 'A700',
        reason: 'out of resources (A700H)',
      },
      { result: 'skipped', sopClass: CT_IMAGE_STORAGE, sopInstance: '1.2.3' },
    ]);
    expect(outcomes[2]?.error).toBeInstanceOf(DimseError);
    expect(peer.received).toEqual(['1.2.0', '1.2.1', '1.2.2']);
  });

  test('names the path of a file, also of one that is not a DICOM file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'store-'));
    closed.push(() => rm(folder, { recursive: true }));
    const dataSet = syntheticDataSet({ sopClass: CT_IMAGE_STORAGE, sopInstance: '1.2.3', pixelLength: 100 });
    const meta = { sopClass: CT_IMAGE_STORAGE, sopInstance: '1.2.3', transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN };
    const [whole, cut, text] = ['whole.dcm', 'cut.dcm', 'text.txt'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const bytes = Buffer.concat([encodeFileMetaInformation(meta), dataSet]);
    await writeFile(whole, bytes);
    await writeFile(cut, bytes.subarray(0, -30));
    await writeFile(text, 'not one');
    const peer = await provider();
    const outcomes = await all(storeInstances([whole, cut, text, join(folder, 'none')], peer.options));
    expect(outcomes.map(({ path, result }) => [path, result])).toEqual([
      [whole, 'sent'],
      [cut, 'failed'],
      [text, 'failed'],
      [join(folder, 'none'), 'failed'],
    ]);
    expect(outcomes.map(({ reason }) => reason)).toEqual([
      undefined,
      expect.stringContaining('(7FE0,0010)'),
      expect.stringContaining('is not a DICOM file'),
      expect.stringContaining('ENOENT'),
    ]);
    expect(outcomes[0]?.length).toBe(dataSet.length);
    expect(peer.received).toEqual(['1.2.3']);
  });

  test('can be written to a report from which another run continues', async () => {
    const peer = await provider();
    peer.answer = (sopInstance) => (sopInstance === '1.2.1' ? Status.OutOfResources : Status.Success);
    const first = await all(storeInstances(instances(3), peer.options));
    const report = [...first.map((outcome) => JSON.stringify(storeReportLine(outcome))), '', '{"result":"se'];
    peer.answer = () => Status.Success;
    const skipped = await sentBefore(report);
    const second = await all(storeInstances(instances(4), { ...peer.options, skipped }));
    expect(resultsOf(second)).toEqual({ '1.2.0': 'skipped', '1.2.1': 'sent', '1.2.2': 'skipped', '1.2.3': 'sent' });
    // The report continues after the incomplete line.
    const whole = [...report, '', '{"result":"sent","sopInstance":"1.2.9"}'];
    expect([...(await sentBefore(whole))]).toEqual(['1.2.0', '1.2.2', '1.2.9']);
    const third = await sentBefore(second.map((outcome) => JSON.stringify(storeReportLine(outcome))));
    expect(third.size).toBe(4);
    await expect(sentBefore(['{"result":"sent"', '{"result":"sent"}'])).rejects.toThrow(
      'line 1 is not part of a report',
    );
  });
});

describe('associations', () => {
  test('are as few as possible, in whatever order the kinds arrive', async () => {
    const peer = await provider();
    // Each kind has a context of its transfer syntax and one of Implicit VR.
    const many = Array.from({ length: 600 }, (_, index) => instance(index, { sopClass: `1.2.3.${index % 50}` }));
    const outcomes = await all(storeInstances(many, peer.options));
    expect(outcomes.every(({ result }) => result === 'sent')).toBe(true);
    expect(peer.sessions).toHaveLength(1);
    expect(peer.sessions[0]?.association.contexts.size).toBe(100);
  });

  test('are several if one cannot hold all contexts', async () => {
    const peer = await provider();
    const many = Array.from({ length: 300 }, (_, index) => instance(index, { sopClass: `1.2.3.${index}` }));
    expect((await all(storeInstances(many, peer.options))).every(({ result }) => result === 'sent')).toBe(true);
    expect(peer.sessions.map(({ association }) => association.contexts.size)).toEqual([128, 128, 128, 128, 88]);
  });

  test('work in parallel, each within its window', async () => {
    const window = { invoke: 3, perform: 3 };
    const peer = await provider({ asynchronousOperations: window });
    let release = () => {};
    const full = new Promise<void>((resolve) => {
      release = resolve;
    });
    peer.answer = async () => {
      // No response is sent before the windows are full.
      if (peer.most === 12) release();
      await full;
      return Status.Success;
    };
    const options = { ...peer.options, parallel: 4, asynchronousOperations: { invoke: 3, perform: 1 } };
    const outcomes = await all(storeInstances(instances(60), options));
    expect(outcomes.every(({ result }) => result === 'sent')).toBe(true);
    expect([peer.most, peer.sessions.length]).toEqual([12, 4]);
    expect(new Set(peer.received).size).toBe(60);
  });

  test('that are rejected leave the work to the others', async () => {
    const peer = await provider({ maximumAssociations: 2 });
    const outcomes = await all(storeInstances(instances(40), { ...peer.options, parallel: 6 }));
    expect(outcomes.every(({ result }) => result === 'sent')).toBe(true);
    expect(peer.sessions).toHaveLength(2);
    expect(new Set(outcomes.map(({ sopInstance }) => sopInstance)).size).toBe(40);
  });

  test('that have ended their work are released while others wait for their turn', async () => {
    // A peer that serves one association at a time.
    const waiting = await provider({
      admit: async () => {
        while (waiting.sessions.some(({ association }) => association.isEstablished)) await new Promise(setImmediate);
        return true;
      },
    });
    const outcomes = await all(storeInstances(instances(10), { ...waiting.options, parallel: 3 }));
    expect(outcomes.every(({ result }) => result === 'sent')).toBe(true);
  });

  test('that are lost are reopened', async () => {
    const peer = await provider();
    const doomed = new Set(['1.2.3', '1.2.7', '1.2.11', '1.2.15']);
    peer.answer = (sopInstance, session) => {
      // Each association is lost once.
      if (doomed.delete(sopInstance)) session.abort();
      return Status.Success;
    };
    const outcomes = await all(storeInstances(instances(20), peer.options));
    expect(outcomes.every(({ result }) => result === 'sent')).toBe(true);
    expect(peer.sessions).toHaveLength(5);
  });

  test('that send nothing are reopened for ten instances in a row, not for ever', async () => {
    const peer = await provider();
    peer.answer = (_, session) => {
      session.abort();
      return Status.Success;
    };
    const outcomes = await all(storeInstances(instances(20), peer.options));
    expect(outcomes.every(({ result }) => result === 'failed')).toBe(true);
    expect(peer.sessions.length).toBeLessThanOrEqual(20);
  });

  test('that cannot be opened fail each instance with the reason', async () => {
    const peer = await provider();
    const outcomes = await all(storeInstances(instances(3), { ...peer.options, calledAeTitle: 'OTHER', parallel: 3 }));
    expect(outcomes.map(({ result, reason }) => [result, reason])).toEqual(
      Array(3).fill(['failed', expect.stringContaining('called AE title not recognized')]),
    );
  });
});

test('a slow loop holds back the source and the peer', async () => {
  const peer = await provider();
  let given = 0;
  function* source() {
    for (const each of instances(2000)) {
      given++;
      yield each;
    }
  }
  let count = 0;
  for await (const _ of storeInstances(source(), peer.options)) {
    if (++count > 20) break;
    await new Promise((resolve) => setImmediate(resolve));
    expect(peer.received.length).toBeLessThanOrEqual(count + 4);
    expect(given).toBeLessThan(700);
  }
});

test('leaving the loop completes the instances that are being sent and releases', async () => {
  const peer = await provider();
  for await (const _ of storeInstances(instances(100), peer.options)) break;
  expect(peer.received.length).toBeLessThan(10);
  expect((await peer.sessions[0]?.association.closed)?.how).toBe('released');
});

test('a signal aborts the associations and the loop throws its reason', async () => {
  const peer = await provider();
  const controller = new AbortController();
  const reason = new Error('enough');
  peer.answer = () => new Promise<number>(() => {});
  const running = all(storeInstances(instances(5), { ...peer.options, signal: controller.signal }));
  while (peer.most === 0) await new Promise((resolve) => setImmediate(resolve));
  controller.abort(reason);
  await expect(running).rejects.toBe(reason);
  expect((await peer.sessions[0]?.association.closed)?.how).toBe('aborted');
});

test('throws the error of the source after the outcomes of the instances before it', async () => {
  const peer = await provider();
  const fault = new Error('the list is gone');
  async function* source() {
    yield* instances(3);
    throw fault;
  }
  await expect(all(storeInstances(source(), peer.options))).rejects.toBe(fault);
  expect(peer.received).toHaveLength(3);
});

test.each([0, 65, 1.5])('rejects %s parallel associations', async (parallel) => {
  const peer = await provider();
  await expect(all(storeInstances([], { ...peer.options, parallel }))).rejects.toThrow(RangeError);
});

test('each instance has one outcome, and those sent have arrived, whatever is lost or rejected', async () => {
  const peer = await provider({ asynchronousOperations: 4 });
  const fates = fc.array(fc.constantFrom('take', 'take', 'take', 'refuse', 'lose'), { minLength: 1, maxLength: 25 });
  const shape = fc.record({ fates, parallel: fc.integer({ min: 1, max: 4 }), window: fc.integer({ min: 1, max: 4 }) });
  await fc.assert(
    fc.asyncProperty(shape, async ({ fates, parallel, window }) => {
      peer.received.length = 0;
      const lost = new Set<string>();
      peer.answer = (sopInstance, session) => {
        const fate = fates[Number(sopInstance.slice(4))];
        if (fate === 'refuse') return Status.OutOfResources;
        if (fate === 'lose' && !lost.has(sopInstance)) {
          lost.add(sopInstance);
          session.abort();
        }
        return Status.Success;
      };
      const options = { ...peer.options, parallel, asynchronousOperations: { invoke: window, perform: 1 } };
      const outcomes = await all(storeInstances(instances(fates.length), options));
      expect(outcomes.map(({ sopInstance }) => sopInstance).sort()).toEqual(
        instances(fates.length)
          .map(({ sopInstance }) => sopInstance)
          .sort(),
      );
      for (const { sopInstance = '', result } of outcomes) {
        if (result === 'sent') expect(peer.received).toContain(sopInstance);
        if (fates[Number(sopInstance.slice(4))] === 'refuse') expect(result).toBe('failed');
      }
    }),
    { numRuns: 40 },
  );
});
