import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { afterEach, describe, expect, test } from 'vitest';
import { DimseError, RequestError } from '../message/errors.ts';
import { Status } from '../message/status.ts';
import { SopClass, TransferSyntax } from '../registry/uids.generated.ts';
import { patientRoot, studyRoot } from '../services/query-retrieve.ts';
import { storage } from '../services/storage.ts';
import { createScp, type ScpOptions } from '../session/scp.ts';
import { openSession } from '../session/scu.ts';
import { serve } from '../session/service-class.ts';
import type { InstanceSource } from '../store/instance-source.ts';
import { get } from './get-instances.ts';
import { moveToSelf } from './move-to-self.ts';
import type { Retrieval } from './retrieval.ts';
import { type MoveDestination, performGet, performMove } from './retrieve.ts';

const closed: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closed.splice(0)) await close();
});

function instance(number: number, sopClass: string = CT_IMAGE_STORAGE, transferSyntax = EXPLICIT_VR_LITTLE_ENDIAN) {
  const sopInstance = `1.2.${number}`;
  const data = () => syntheticDataSet({ sopClass, sopInstance, pixelLength: 1000 });
  return { sopClass, sopInstance, transferSyntax, data };
}

interface ProviderState {
  gets: number;
  cancelled: number;
  associations: number;
  destination: MoveDestination | undefined;
}

/** A provider with these instances, which records its sub-operations. */
async function provider(instances: readonly InstanceSource[], options: Partial<ScpOptions> = {}) {
  const state: ProviderState = { gets: 0, cancelled: 0, associations: 0, destination: undefined };
  const scp = createScp({
    aeTitle: 'ARCHIVE',
    calls: [storage],
    ...options,
    services: [
      serve(studyRoot, {
        async *get(_, context) {
          state.gets++;
          context.signal.addEventListener('abort', () => state.cancelled++);
          return yield* performGet(instances, context, { interval: 0 });
        },
        async *move({ destination }, context) {
          context.signal.addEventListener('abort', () => state.cancelled++);
          return yield* performMove(instances, destination, () => state.destination, context, { interval: 0 });
        },
      }),
      ...(options.services ?? []),
    ],
  });
  scp.on('session', () => state.associations++);
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  closed.push(() => scp.close());
  const peer = { host: '127.0.0.1', port, callingAeTitle: 'ME', calledAeTitle: 'ARCHIVE' };
  const toSelf = {
    ...peer,
    identifier: STUDY,
    receiver: { host: '127.0.0.1' },
    onListening: (address: { host: string; port: number }) => {
      state.destination = { ...address, callingAeTitle: 'ARCHIVE' };
    },
  };
  return { state, scp, peer, toSelf };
}

const STUDY = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '1.2.3' };

/** The instances that arrive, read completely. */
async function collected(retrieval: Retrieval): Promise<string[]> {
  const received: string[] = [];
  for await (const { sopInstance, data } of retrieval) {
    let length = 0;
    for await (const chunk of data) length += chunk.length;
    expect(length).toBeGreaterThan(1000);
    received.push(sopInstance);
  }
  return received;
}

describe.each(['get', 'moveToSelf'] as const)('%s', (name) => {
  type Options = Partial<Parameters<typeof moveToSelf>[0]>;
  const retrieve = ({ peer, toSelf }: Awaited<ReturnType<typeof provider>>, options: Options = {}): Retrieval =>
    name === 'get'
      ? get({ ...peer, identifier: STUDY, ...(options as object) } as Parameters<typeof get>[0])
      : moveToSelf({ ...toSelf, ...options } as Parameters<typeof moveToSelf>[0]);

  test('yields the instances and reports the result', async () => {
    const archive = await provider([1, 2, 3].map((number) => instance(number)));
    const retrieval = retrieve(archive);
    expect(retrieval.report).toMatchObject({ status: Status.Pending, completed: 0 });
    expect(await collected(retrieval)).toEqual(['1.2.1', '1.2.2', '1.2.3']);
    expect(retrieval.report).toMatchObject({ status: Status.Success, completed: 3, failed: 0, failedSopInstances: [] });
    expect(() => retrieval[Symbol.asyncIterator]()).toThrow('once');
  });

  test('does nothing before the loop begins, and succeeds without matching instances', async () => {
    const archive = await provider([]);
    const retrieval = retrieve(archive);
    expect(archive.state.associations).toBe(0);
    expect(await collected(retrieval)).toEqual([]);
    expect(retrieval.report).toMatchObject({ status: Status.Success, completed: 0, failed: 0 });
  });

  test('answers each instance with the status that the loop sets', async () => {
    const answers: (number | undefined)[] = [];
    const instances = [1, 2, 3].map((number) => instance(number));
    const archive = await provider(instances);
    const retrieval = retrieve(archive);
    archive.scp.on('session', (session) =>
      session.on('message', (direction, { command }) => {
        if (direction === 'received' && command.commandField === 0x8001) answers.push(command.status);
      }),
    );
    const statuses = [Status.Success, 0xb000, Status.OutOfResources];
    for await (const received of retrieval) received.status = statuses.shift() as number;
    expect(retrieval.report).toMatchObject({ completed: 1, warning: 1, failed: 1, failedSopInstances: ['1.2.3'] });
    expect(retrieval.report.status).toBe(0xb000);
    if (name === 'get') expect(answers).toContain(Status.OutOfResources);
  });

  test('cancels and closes everything if the loop is left', async () => {
    const archive = await provider(Array.from({ length: 50 }, (_, index) => instance(index)));
    const retrieval = retrieve(archive);
    let count = 0;
    for await (const _ of retrieval) if (++count === 3) break;
    expect(archive.state.cancelled).toBe(1);
    expect(retrieval.report.completed).toBe(2);
    expect((await archive.scp.close({ drain: 5000 })).aborted).toBe(0);
  });

  test('answers a failure if the loop throws, and the error of the loop is thrown', async () => {
    const archive = await provider([instance(1), instance(2)]);
    const full = new Error('the disk is full');
    const retrieval = retrieve(archive);
    await expect(async () => {
      for await (const _ of retrieval) throw full;
    }).rejects.toBe(full);
    expect(retrieval.report).toMatchObject({ completed: 0 });
  });

  test('cancels if the signal aborts, and throws its reason', async () => {
    const controller = new AbortController();
    const archive = await provider(Array.from({ length: 50 }, (_, index) => instance(index)));
    const retrieval = retrieve(archive, { signal: controller.signal });
    const reason = new Error('enough');
    await expect(async () => {
      for await (const _ of retrieval) controller.abort(reason);
    }).rejects.toBe(reason);
    expect(archive.state.cancelled).toBe(1);
  });

  test('throws with the list of failed instances if each sub-operation failed', async () => {
    const unreadable = { ...instance(7), data: () => Promise.reject(new Error('gone')) };
    const archive = await provider([unreadable]);
    const error: DimseError = await collected(retrieve(archive)).then(
      () => expect.unreachable(),
      (caught) => caught,
    );
    expect(error).toBeInstanceOf(DimseError);
    expect(error.status).toBe(0xa702);
    expect(error.response).toEqual({ identifier: { FailedSOPInstanceUIDList: ['1.2.7'] } });
  });

  test('throws a failure of the peer', async () => {
    const archive = await provider([]);
    const failing = serve(patientRoot, {
      // biome-ignore lint/correctness/useYield: it fails before it can yield
      async *get() {
        throw new DimseError(Status.DataSetDoesNotMatchSopClass);
      },
      // biome-ignore lint/correctness/useYield: it fails before it can yield
      async *move() {
        throw new DimseError(Status.DataSetDoesNotMatchSopClass);
      },
    });
    const other = await provider([], { services: [failing] });
    void archive;
    await expect(collected(retrieve(other, { model: patientRoot as never }))).rejects.toMatchObject({
      name: 'DimseError',
      status: Status.DataSetDoesNotMatchSopClass,
    });
  });

  test('ends the loop with the cause if the association is lost', async () => {
    const archive = await provider([1, 2, 3].map((number) => instance(number)));
    archive.scp.on('session', (session) => {
      session.association.closed.catch(() => {});
      session.on('message', (direction, { command }) => {
        const isFirst = command.commandField === (name === 'get' ? 0x8001 : 0x8021);
        if (isFirst && direction === (name === 'get' ? 'received' : 'sent')) session.abort();
      });
    });
    await expect(collected(retrieve(archive))).rejects.toBeInstanceOf(RequestError);
  });

  test('holds back the peer while the loop is busy', async () => {
    const instances = Array.from({ length: 20 }, (_, index) => instance(index));
    let opened = 0;
    const counted = instances.map((each) => ({
      ...each,
      data: () => {
        opened++;
        return each.data();
      },
    }));
    const archive = await provider(counted);
    for await (const { sopInstance } of retrieve(archive)) {
      // The peer opens a few files ahead.
      expect(opened).toBeLessThanOrEqual(Number(sopInstance.slice(4)) + 5);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(opened).toBe(20);
  });
});

describe('get', () => {
  test('requests instances on further associations if their contexts did not fit on the first', async () => {
    const last = SopClass.RTBeamsDeliveryInstructionStorage;
    const instances = [instance(1), instance(2, last), instance(3, SopClass.MRImageStorage)];
    const { state, peer } = await provider(instances);
    const retrieval = get({ ...peer, identifier: STUDY });
    expect((await collected(retrieval)).sort()).toEqual(['1.2.1', '1.2.2', '1.2.3']);
    expect(state.gets).toBe(2);
    expect(retrieval.report).toMatchObject({ status: Status.Success, completed: 3, failed: 0 });
  });

  test('retrieves instances of each transfer syntax, none of them twice', async () => {
    const { JPEGBaseline8Bit, ImplicitVRLittleEndian, RLELossless } = TransferSyntax;
    const syntaxes = [EXPLICIT_VR_LITTLE_ENDIAN, ImplicitVRLittleEndian, JPEGBaseline8Bit, RLELossless];
    const instances = syntaxes.map((uid, index) => instance(index, CT_IMAGE_STORAGE, uid));
    const { state, peer } = await provider(instances);
    const all = get({ ...peer, identifier: STUDY });
    expect((await collected(all)).sort()).toEqual(['1.2.0', '1.2.1', '1.2.2', '1.2.3']);
    expect(all.report).toMatchObject({ status: Status.Success, completed: 4, failed: 0 });
    expect(state.gets).toBeGreaterThan(2);
    // If the SOP classes are given, one association is enough.
    state.gets = 0;
    const known = get({ ...peer, identifier: STUDY, sopClasses: [CT_IMAGE_STORAGE] });
    expect((await collected(known)).sort()).toEqual(['1.2.0', '1.2.1', '1.2.2', '1.2.3']);
    expect(state.gets).toBe(1);
  });

  test('does not yield an instance again that a transcoding peer sends twice', async () => {
    let gets = 0;
    const scp = createScp({
      aeTitle: 'ARCHIVE',
      calls: [storage],
      services: [
        serve(studyRoot, {
          async *get(_, { session }) {
            gets++;
            yield { remaining: 1, completed: 0, failed: 0, warning: 0 };
            for (const { transferSyntax } of session.association.contexts.values()) {
              const { data, ...request } = instance(1, CT_IMAGE_STORAGE, transferSyntax);
              await session
                .use(storage)
                .store({ ...request, data: data() })
                .catch(() => {});
            }
            const identifier = { FailedSOPInstanceUIDList: ['1.2.99'] };
            return { status: 0xb000, completed: 1, failed: 1, warning: 0, identifier };
          },
        }),
      ],
    });
    closed.push(() => scp.close());
    const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
    const sopClasses = [CT_IMAGE_STORAGE, ...Array.from({ length: 130 }, (_, index) => `1.2.3.${index}`)];
    const peer = { host: '127.0.0.1', port, callingAeTitle: 'ME', calledAeTitle: 'ARCHIVE', sopClasses };
    const retrieval = get({ ...peer, identifier: STUDY, transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN] });
    expect(await collected(retrieval)).toEqual(['1.2.1']);
    expect(gets).toBe(1);
    expect(retrieval.report).toMatchObject({ status: 0xb000, failed: 1, failedSopInstances: ['1.2.99'] });
  });

  test('receives several instances at once within a window', async () => {
    const instances = Array.from({ length: 12 }, (_, index) => instance(index));
    const { peer, scp } = await provider(instances, { asynchronousOperations: 4 });
    let [now, most] = [0, 0];
    scp.on('session', (session) =>
      session.on('message', (_, { command: { commandField } }) => {
        if (commandField === 0x0001) most = Math.max(most, ++now);
        if (commandField === 0x8001) now--;
      }),
    );
    const window = { invoke: 1, perform: 4 };
    expect(await collected(get({ ...peer, identifier: STUDY, asynchronousOperations: window }))).toHaveLength(12);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(4);
  });
});

describe('moveToSelf', () => {
  test('refuses instances of another Move Originator', async () => {
    const strangers: number[] = [];
    const { toSelf } = await provider([instance(1)]);
    const retrieval = moveToSelf({
      ...toSelf,
      onListening: async (address) => {
        await toSelf.onListening(address);
        const session = await openSession({
          ...address,
          callingAeTitle: 'STRANGER',
          calledAeTitle: 'ME',
          services: [storage],
          contexts: [{ abstractSyntax: CT_IMAGE_STORAGE, transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN] }],
        });
        const { data, ...request } = instance(66);
        const stored = session
          .use(storage)
          .store({ ...request, data: data(), moveOriginatorAeTitle: 'SOMEBODY', moveOriginatorMessageId: 1 });
        strangers.push(
          await stored.then(
            ({ status }) => status,
            (error) => error.status,
          ),
        );
        await session.release();
      },
    });
    expect(await collected(retrieval)).toEqual(['1.2.1']);
    expect(strangers).toEqual([Status.NotAuthorized]);
  });

  test('throws the failure of a peer that does not know the destination', async () => {
    const { toSelf } = await provider([instance(1)]);
    await expect(collected(moveToSelf({ ...toSelf, onListening: () => {} }))).rejects.toMatchObject({ status: 0xa801 });
  });

  test('is not aborted without responses while instances arrive', async () => {
    const instances = Array.from({ length: 6 }, (_, index) => instance(index));
    const state: { destination?: MoveDestination } = {};
    const silent = createScp({
      aeTitle: 'ARCHIVE',
      services: [
        serve(studyRoot, {
          async *move({ destination }, context) {
            return yield* performMove(instances, destination, () => state.destination, context, { interval: 60_000 });
          },
        }),
      ],
    });
    closed.push(() => silent.close());
    const { port } = await silent.listen({ port: 0, host: '127.0.0.1' });
    const timeout = 240;
    const retrieval = moveToSelf({
      host: '127.0.0.1',
      port,
      callingAeTitle: 'ME',
      calledAeTitle: 'ARCHIVE',
      identifier: STUDY,
      receiver: { host: '127.0.0.1' },
      timeouts: { retrieve: timeout },
      onListening: (address) => {
        state.destination = { ...address, callingAeTitle: 'ARCHIVE' };
      },
    });
    let received = 0;
    for await (const _ of retrieval) {
      received++;
      // Each wait is shorter than the timeout; all of them together are longer.
      await new Promise((resolve) => setTimeout(resolve, timeout / 4));
    }
    expect(received).toBe(6);
  });
});
