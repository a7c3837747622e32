import { type Association, associatedPair } from '@x/net';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { Status } from '../message/status.ts';
import { SopClass, TransferSyntax } from '../registry/uids.generated.ts';
import { studyRoot } from '../services/query-retrieve.ts';
import { storage } from '../services/storage.ts';
import { createScp, type Scp } from '../session/scp.ts';
import { openSession } from '../session/scu.ts';
import { type Handlers, type Service, serve } from '../session/service-class.ts';
import { Session } from '../session/session.ts';
import type { RetrievableInstance } from '../store/instance-source.ts';
import { performGet, performMove } from './retrieve.ts';

const MR_IMAGE_STORAGE = SopClass.MRImageStorage;
const JPEG = TransferSyntax.JPEGBaseline8Bit;

const closed: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closed.splice(0)) await close();
});

let opened = 0;
let open = 0;
function instance(number: number, overrides: Partial<RetrievableInstance> = {}): RetrievableInstance {
  const sopInstance = `1.2.${number}`;
  return {
    sopClass: CT_IMAGE_STORAGE,
    sopInstance,
    transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN,
    open: async () => {
      opened++;
      open++;
      return {
        source: syntheticDataSet({ sopClass: CT_IMAGE_STORAGE, sopInstance, pixelLength: 1000 }),
        close: async () => void open--,
      };
    },
    ...overrides,
  };
}
const instances = (count: number) => Array.from({ length: count }, (_, index) => instance(index + 1));

interface Received {
  readonly sopInstance: string;
  readonly originator: string | undefined;
  readonly originatorId: number | undefined;
}

/** A destination that answers with the status listed for the SOP instance, else Success. */
async function destination(statuses: Record<string, number> = {}, answer?: (received: Received) => Promise<number>) {
  const received: Received[] = [];
  let most = 0;
  let now = 0;
  const scp = createScp({
    aeTitle: 'DEST',
    asynchronousOperations: { invoke: 1, perform: 4 },
    services: [
      serve(storage, {
        async store({ sopInstance, data, moveOriginatorAeTitle, moveOriginatorMessageId }) {
          most = Math.max(most, ++now);
          for await (const _ of data);
          const one = { sopInstance, originator: moveOriginatorAeTitle, originatorId: moveOriginatorMessageId };
          received.push(one);
          const status = (await answer?.(one)) ?? statuses[sopInstance] ?? Status.Success;
          now--;
          return status;
        },
      }),
    ],
  });
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  closed.push(() => scp.close());
  return { received, port, scp, most: () => most };
}

/** A requestor, and a provider that sends the given instances. */
async function provider(handlers: Handlers<typeof studyRoot>, window = 1, others: readonly Service[] = []) {
  const scp: Scp = createScp({
    aeTitle: 'ARCHIVE',
    services: [serve(studyRoot, handlers), ...others],
    calls: [storage],
    asynchronousOperations: window,
  });
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  closed.push(() => scp.close());
  return { port };
}

async function requestor(
  port: number,
  received: string[] = [],
  statuses: Record<string, number> = {},
  window = 1,
  roles = { scu: false, scp: true },
) {
  const session = await openSession({
    host: '127.0.0.1',
    port,
    callingAeTitle: 'REQUESTOR',
    calledAeTitle: 'ARCHIVE',
    services: [studyRoot],
    serves: [
      serve(storage, {
        async store({ sopInstance, data }) {
          for await (const _ of data);
          received.push(sopInstance);
          return statuses[sopInstance] ?? Status.Success;
        },
      }),
    ],
    contexts: [
      ...Object.values(studyRoot.sopClasses).map(({ uid }) => ({
        abstractSyntax: uid,
        transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN],
      })),
      {
        abstractSyntax: CT_IMAGE_STORAGE,
        transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN],
        roles,
      },
    ],
    asynchronousOperations: { invoke: 1, perform: window },
  });
  closed.push(() => session.release().catch(() => session.abort()));
  return session;
}

const identifier = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '1' };

describe('C-MOVE', () => {
  async function mover(found: Iterable<RetrievableInstance>, port?: number, window = 1) {
    const archive = await provider({
      async *move({ destination }, context) {
        return yield* performMove(
          found,
          destination,
          (aeTitle) =>
            aeTitle === 'DEST' && port ? { host: '127.0.0.1', port, callingAeTitle: 'ARCHIVE' } : undefined,
          context,
          { interval: 1, window },
        );
      },
    });
    return requestor(archive.port);
  }

  test('sends all instances, names the requestor and counts', async () => {
    const target = await destination();
    const session = await mover(instances(5), target.port);
    const move = session.use(studyRoot).move({ destination: 'DEST', identifier });
    const pending: unknown[] = [];
    for await (const { remaining = 0, completed = 0, failed, warning } of move) {
      expect([remaining + completed, failed, warning]).toEqual([5, 0, 0]);
      pending.push(completed);
    }
    expect(await move.final).toMatchObject({ status: 0, completed: 5, failed: 0, warning: 0 });
    expect(target.received.map(({ sopInstance }) => sopInstance)).toEqual([
      '1.2.1',
      '1.2.2',
      '1.2.3',
      '1.2.4',
      '1.2.5',
    ]);
    for (const one of target.received) expect(one).toMatchObject({ originator: 'REQUESTOR', originatorId: 1 });
    expect(open).toBe(0);
  });

  test('without matching instances succeeds with counts of 0', async () => {
    const session = await mover([], (await destination()).port);
    expect(await session.use(studyRoot).move({ destination: 'DEST', identifier }).final).toMatchObject({
      status: 0,
      completed: 0,
      failed: 0,
    });
  });

  test.each([
    ['unknown is A801H', 'NOBODY', 0xa801, /unknown/],
    ['that cannot be reached is A702H', 'DEST', 0xa702, /cannot be reached/],
  ])('to a destination %s', async (_, name, status, words) => {
    const session = await mover(instances(2), name === 'DEST' ? 1 : undefined);
    await expect(session.use(studyRoot).move({ destination: name, identifier }).final).rejects.toMatchObject({
      status,
      errorComment: expect.stringMatching(words),
    });
  });

  test('continues after failures and warnings and lists the failed instances', async () => {
    const target = await destination({ '1.2.2': 0xa700, '1.2.3': 0xb000, '1.2.4': 0x0107 });
    const gone = instance(5, {
      open: async () => {
        throw new Error('the file is gone');
      },
    });
    const unwanted = instance(6, { transferSyntax: JPEG });
    const session = await mover([...instances(4), gone, unwanted], target.port);
    expect(await session.use(studyRoot).move({ destination: 'DEST', identifier }).final).toMatchObject({
      status: 0xb000,
      completed: 2,
      warning: 2,
      failed: 2,
      identifier: { FailedSOPInstanceUIDList: ['1.2.2', '1.2.5'] },
    });
    expect(open).toBe(0);
  });

  test('is answered with A702H if no instance arrived', async () => {
    const target = await destination({ '1.2.1': 0xa700, '1.2.2': 0xc000 });
    const session = await mover(instances(2), target.port);
    const final = session.use(studyRoot).move({ destination: 'DEST', identifier }).final;
    await expect(final).rejects.toMatchObject({ status: 0xa702 });
  });

  test('uses the window that the destination grants', async () => {
    let release = () => {};
    const all = new Promise<void>((resolve) => {
      release = resolve;
    });
    const target = await destination({}, async () => {
      if (target.received.length === 4) release();
      await all;
      return 0;
    });
    const session = await mover(instances(8), target.port, 4);
    expect(await session.use(studyRoot).move({ destination: 'DEST', identifier }).final).toMatchObject({
      completed: 8,
    });
    expect(target.most()).toBe(4);
  });

  test('reopens lost associations and sends all instances', async () => {
    const associations: Association[] = [];
    let losses = 0;
    const target = await destination({}, async () => {
      if (target.received.length % 3 === 0) {
        losses++;
        associations.at(-1)?.connection.destroy();
      }
      return 0;
    });
    target.scp.on('session', ({ association }) => associations.push(association));
    const session = await mover(instances(10), target.port);
    const final = await session.use(studyRoot).move({ destination: 'DEST', identifier }).final;
    // Each association is lost at its third instance, and the first of the next one repeats it.
    expect(losses).toBe(4);
    expect(final).toMatchObject({ status: 0, completed: 10, failed: 0 });
    expect(open).toBe(0);
  });

  test('completes running sub-operations after a cancel and reports the counts', async () => {
    const target = await destination();
    opened = 0;
    const session = await mover(instances(500), target.port);
    const controller = new AbortController();
    const move = session.use(studyRoot).move({ destination: 'DEST', identifier }, { signal: controller.signal });
    const leaving = (async () => {
      for await (const { completed = 0 } of move) if (completed > 2) controller.abort(new Error('enough'));
    })();
    await expect(leaving).rejects.toThrow('enough');
    expect(opened).toBeLessThan(500);
    expect(open).toBe(0);
    // The session continues.
    expect(await session.use(studyRoot).move({ destination: 'DEST', identifier }).final).toMatchObject({
      completed: 500,
    });
  });
});

describe('C-GET', () => {
  async function getter(found: Iterable<RetrievableInstance>, statuses: Record<string, number> = {}, window = 1) {
    const received: string[] = [];
    const archive = await provider(
      {
        async *get(_, context) {
          return yield* performGet(found, context, { interval: 1 });
        },
      },
      window,
    );
    return { session: await requestor(archive.port, received, statuses, window), received };
  }

  test('sends on the same association', async () => {
    for (const window of [1, 4]) {
      const { session, received } = await getter(instances(20), {}, window);
      expect(await session.use(studyRoot).get({ identifier }).final).toMatchObject({
        status: 0,
        completed: 20,
        failed: 0,
      });
      expect(received.sort()).toEqual(
        instances(20)
          .map(({ sopInstance }) => sopInstance)
          .sort(),
      );
    }
  });

  test('without role selection is answered with A702H, which names the role', async () => {
    const handlers: Handlers<typeof studyRoot> = {
      async *get(_, context) {
        return yield* performGet(instances(2), context);
      },
    };
    const { port } = await provider(handlers, 1, [serve(storage, { store: () => Status.Success })]);
    const session = await requestor(port, [], {}, 1, { scu: true, scp: false });
    await expect(session.use(studyRoot).get({ identifier }).final).rejects.toMatchObject({
      status: 0xa702,
      errorComment: expect.stringMatching(/^the requestor has no role of SCP in context \d+: propose it for/),
    });
  });

  test('fails instances without a context and does not transcode', async () => {
    const found = [instance(1), instance(2, { transferSyntax: JPEG }), instance(3, { sopClass: MR_IMAGE_STORAGE })];
    const { session, received } = await getter(found, { '1.2.1': 0xb007 });
    expect(await session.use(studyRoot).get({ identifier }).final).toMatchObject({
      status: 0xb000,
      completed: 0,
      warning: 1,
      failed: 2,
      errorComment: expect.stringContaining('no presentation context'),
      identifier: { FailedSOPInstanceUIDList: ['1.2.2', '1.2.3'] },
    });
    expect(received).toEqual(['1.2.1']);
  });
});

test('the counts are consistent in every response, whatever happens to the instances', async () => {
  const outcome = fc.constantFrom(0, 0, 0, 1, 0x0107, 0x0116, 0xb000, 0xbfff, 0xa700, 0xc001, 'gone' as const);
  await fc.assert(
    fc.asyncProperty(fc.array(outcome, { maxLength: 12 }), async (outcomes) => {
      const [requestor, acceptor] = await associatedPair({
        request: {
          contexts: [{ abstractSyntax: CT_IMAGE_STORAGE, transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN] }],
        },
      });
      const peer = new Session(acceptor, [
        serve(storage, { store: ({ sopInstance }) => outcomes[Number(sopInstance.slice(4)) - 1] as number }),
      ]);
      const session = new Session(requestor);
      const found = outcomes.map((each, index) =>
        instance(index + 1, each === 'gone' ? { open: () => Promise.reject(new Error('gone')) } : {}),
      );
      const context = {
        session,
        signal: new AbortController().signal,
        callingAeTitle: 'X',
        calledAeTitle: 'Y',
        messageId: 1,
        abstractSyntax: studyRoot.sopClasses.Get.uid,
      };
      const answers = performGet(found, context, { interval: 0 });
      let next = await answers.next();
      for (; !next.done; next = await answers.next()) {
        const { remaining, completed, failed, warning } = next.value;
        expect(remaining + completed + failed + warning).toBe(outcomes.length);
      }
      const isWarning = (each: unknown) => typeof each === 'number' && [1, 0x107, 0x116, 0xb000, 0xbfff].includes(each);
      const failed = outcomes.flatMap((each, index) => (each === 0 || isWarning(each) ? [] : [`1.2.${index + 1}`]));
      expect(next.value).toMatchObject({
        completed: outcomes.filter((each) => each === 0).length,
        warning: outcomes.filter(isWarning).length,
        failed: failed.length,
      });
      expect([...(next.value.identifier?.FailedSOPInstanceUIDList ?? [])].sort()).toEqual(failed.sort());
      const clean = failed.length === 0 && !outcomes.some(isWarning);
      expect(next.value.status).toBe(clean ? 0 : failed.length === outcomes.length ? 0xa702 : 0xb000);
      await session.release();
      await peer.ended;
    }),
    { numRuns: 60 },
  );
});
