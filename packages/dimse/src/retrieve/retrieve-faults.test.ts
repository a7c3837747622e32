import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { computedTomographySeries } from '@x/testing/computed-tomography-phantom';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import {
  createScp,
  DimseError,
  type InstanceData,
  type InstanceSource,
  openSession,
  performGet,
  performMove,
  type RetrieveOptions,
  type Scp,
  type Session,
  Status,
  type StoreOutcome,
  serve,
  storage,
  studyRoot,
} from '../index.ts';
import { SopClass, TransferSyntax } from '../registry/uids.generated.ts';

const CT = SopClass.CTImageStorage;
const MR = SopClass.MRImageStorage;
const EXPLICIT = TransferSyntax.ExplicitVRLittleEndian;
const JPEG = TransferSyntax.JPEGBaseline8Bit;
const identifier = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '1.2.3' };

const scps: Scp[] = [];
const sessions: Session[] = [];
afterEach(async () => {
  for (const session of sessions.splice(0)) session.abort();
  await Promise.all(scps.splice(0).map((scp) => scp.close()));
});

const instance = (number: number, kind: Partial<InstanceData> = {}): InstanceData => ({
  sopClass: CT,
  transferSyntax: EXPLICIT,
  sopInstance: `1.2.3.${number}`,
  data: new Uint8Array(64),
  ...kind,
});
const instances = (count: number) => Array.from({ length: count }, (_, index) => instance(index + 1));

interface Stored {
  readonly uid: string;
  readonly transferSyntax: string;
  readonly originator: string | undefined;
  readonly originatorMessage: number | undefined;
  readonly session: unknown;
}

/** A destination that answers each instance as the test tells it. */
async function startDestination(
  answer: (uid: string, session: { abort(): void }) => number | Promise<number> = () => Status.Success,
  options: Partial<Parameters<typeof createScp>[0]> = {},
) {
  const stored: Stored[] = [];
  const service = serve(storage, {
    async store(request, { session }) {
      for await (const _ of request.data);
      const { sopInstance: uid, transferSyntax } = request;
      const { moveOriginatorAeTitle: originator, moveOriginatorMessageId: originatorMessage } = request;
      stored.push({ uid, transferSyntax, originator, originatorMessage, session });
      return answer(uid, session);
    },
  });
  const scp = createScp({ aeTitle: 'DESTINATION', services: [service], ...options });
  scps.push(scp);
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  return { scp, stored, address: { host: '127.0.0.1', port } };
}

interface ArchiveOptions extends RetrieveOptions {
  readonly window?: number;
  readonly destination?: object | undefined;
}

/** An archive with these instances, and the session of a user. */
async function startArchive(
  given: () => Iterable<InstanceSource> | AsyncIterable<InstanceSource>,
  { destination, window = 1, ...options }: ArchiveOptions = {},
) {
  const outcomes: StoreOutcome[] = [];
  const resolve = async (title: string) =>
    title === 'DESTINATION' ? ({ callingAeTitle: 'ARCHIVE', ...destination } as never) : undefined;
  const watched = { ...options, onSubOperation: (outcome: StoreOutcome) => void outcomes.push(outcome) };
  const archive = createScp({
    aeTitle: 'ARCHIVE',
    calls: [storage],
    services: [
      serve(studyRoot, {
        get: (_, context) => performGet(given(), context, watched),
        move: (request, context) => performMove(given(), request.destination, resolve, context, { ...watched, window }),
      }),
    ],
  });
  scps.push(archive);
  const { port } = await archive.listen({ port: 0, host: '127.0.0.1' });
  return { outcomes, host: '127.0.0.1', port, callingAeTitle: 'USER', calledAeTitle: 'ARCHIVE' };
}

async function connect(at: Awaited<ReturnType<typeof startArchive>>, extra: object = {}): Promise<Session> {
  const { outcomes: _, ...address } = at;
  const session = await openSession({ ...address, services: [studyRoot], ...extra });
  sessions.push(session);
  return session;
}

type Counts = Readonly<Record<'remaining' | 'completed' | 'failed' | 'warning', number | undefined>>;

/** Retrieves and returns all pending responses and the final one, whatever its status. */
async function retrieve(session: Session, operation: 'move' | 'get' = 'move', destination = 'DESTINATION') {
  const client = session.use(studyRoot);
  const responses = operation === 'move' ? client.move({ destination, identifier }) : client.get({ identifier });
  const pending: Counts[] = [];
  try {
    for await (const { remaining, completed, failed, warning } of responses)
      pending.push({ remaining, completed, failed, warning });
    return { pending, final: { ...(await responses.final) } };
  } catch (error) {
    if (!(error instanceof DimseError)) throw error;
    const { status, errorComment } = error;
    return { pending, final: { status, errorComment, ...error.response } as Awaited<typeof responses.final> };
  }
}

describe('C-MOVE', () => {
  test('sends all instances, names the Move Originator and counts', async () => {
    const { stored, address } = await startDestination();
    const session = await connect(await startArchive(() => instances(5), { destination: address, interval: 0 }));
    const { pending, final } = await retrieve(session);
    expect(final).toMatchObject({ status: Status.Success, completed: 5, failed: 0, warning: 0 });
    expect(final.remaining).toBeUndefined();
    expect(final.identifier).toBeUndefined();
    expect(pending[0]).toEqual({ remaining: 5, completed: 0, failed: 0, warning: 0 });
    expect(stored.map(({ uid }) => uid)).toEqual(instances(5).map(({ sopInstance }) => sopInstance));
    expect(new Set(stored.map(({ originator, originatorMessage }) => `${originator} ${originatorMessage}`))).toEqual(
      new Set(['USER 1']),
    );
    expect(new Set(stored.map((each) => each.session)).size).toBe(1);
  });

  test('without matching instances succeeds without sub-operations', async () => {
    const { address } = await startDestination();
    const session = await connect(await startArchive(() => [], { destination: address }));
    const { pending, final } = await retrieve(session);
    expect(pending).toEqual([]);
    expect(final).toMatchObject({ status: Status.Success, completed: 0, failed: 0, warning: 0 });
  });

  test('has consistent counts in each response, whatever happens to the instances', async () => {
    const statuses = [0x0000, 0x0001, 0x0107, 0x0116, 0xb000, 0xb007, 0xa700, 0xa900, 0xc000, 0x0110, 0x0111, 0x0122];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...statuses), { maxLength: 12 }),
        fc.constantFrom(1, 3),
        fc.boolean(),
        async (answers, window, isStreamed) => {
          const { address } = await startDestination((uid) => answers[Number(uid.slice(6)) - 1] as number, {
            asynchronousOperations: window,
          });
          const given = async function* () {
            yield* instances(answers.length);
          };
          const at = await startArchive(() => (isStreamed ? given() : instances(answers.length)), {
            destination: address,
            window,
            ...(isStreamed && { total: answers.length }),
            interval: 0,
          });
          const { pending, final } = await retrieve(await connect(at));
          const sum = ({ completed = 0, failed = 0, warning = 0 }: Partial<Counts>) => completed + failed + warning;
          for (const each of pending) expect(sum(each) + (each.remaining ?? 0)).toBe(answers.length);
          const warnings = answers.filter((status) => [0x0001, 0x0107, 0x0116, 0xb000, 0xb007].includes(status)).length;
          const successes = answers.filter((status) => status === 0).length;
          const failedUids = instances(answers.length)
            .filter((_, index) => ![0, 0x0001, 0x0107, 0x0116, 0xb000, 0xb007].includes(answers[index] as number))
            .map(({ sopInstance }) => sopInstance);
          expect(final).toMatchObject({ completed: successes, warning: warnings, failed: failedUids.length });
          const list = final.identifier?.FailedSOPInstanceUIDList ?? [];
          expect([list].flat().sort()).toEqual([...failedUids].sort());
          const isClean = successes === answers.length;
          const isHopeless = failedUids.length > 0 && failedUids.length === answers.length;
          expect(final.status).toBe(isClean ? 0x0000 : isHopeless ? 0xa702 : 0xb000);
          await Promise.all(scps.splice(0).map((scp) => scp.close()));
        },
      ),
      { numRuns: 15 },
    );
  }, 30_000);

  test('to an unknown destination is answered with A801H', async () => {
    const session = await connect(await startArchive(() => instances(1)));
    const { final } = await retrieve(session, 'move', 'NOWHERE');
    expect(final).toMatchObject({ status: 0xa801, errorComment: "the move destination 'NOWHERE' is unknown" });
  });

  test('to a destination that does not listen is answered with A702H and lists all instances as failed', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    server.close();
    await once(server, 'close');
    const session = await connect(await startArchive(() => instances(3), { destination: { host: '127.0.0.1', port } }));
    const { final } = await retrieve(session);
    expect(final).toMatchObject({ status: 0xa702, completed: 0, failed: 3 });
    expect(final.identifier?.FailedSOPInstanceUIDList).toEqual(['1.2.3.1', '1.2.3.2', '1.2.3.3']);
  });

  test('to a destination that rejects the association is answered with A702H', async () => {
    const { address } = await startDestination(undefined, { accept: () => false });
    const session = await connect(await startArchive(() => instances(2), { destination: address }));
    expect((await retrieve(session)).final).toMatchObject({ status: 0xa702, failed: 2 });
  });

  test('to a destination that refuses a transfer syntax fails only those instances, with the reason', async () => {
    const service = serve(storage, { store: () => Status.Success }, { transferSyntaxes: [EXPLICIT] });
    const { address } = await startDestination(undefined, { services: [service] });
    const given = () => [instance(1), instance(2, { transferSyntax: JPEG }), instance(3)];
    const at = await startArchive(given, { destination: address });
    const { final } = await retrieve(await connect(at));
    expect(final).toMatchObject({ status: 0xb000, completed: 2, failed: 1 });
    expect([final.identifier?.FailedSOPInstanceUIDList].flat()).toEqual(['1.2.3.2']);
    expect(at.outcomes.find(({ result }) => result === 'failed')?.reason).toMatch(/JPEG Baseline.*transfer syntax/i);
  });

  test('of several kinds of instances works with a destination that serves one association at a time', async () => {
    const { stored, address } = await startDestination(undefined, { maximumAssociations: 1 });
    const given = () => [instance(1), instance(2, { transferSyntax: JPEG }), instance(3, { sopClass: MR })];
    const at = await startArchive(given, { destination: address, window: 16 });
    expect((await retrieve(await connect(at))).final).toMatchObject({ status: 0, completed: 3, failed: 0 });
    expect(new Set(stored.map((each) => each.session)).size).toBe(1);
  });

  test('continues on a new association if the destination is lost once', async () => {
    let drops = 1;
    const { stored, address } = await startDestination((uid, session) => {
      if (uid === '1.2.3.3' && drops-- > 0) session.abort();
      return Status.Success;
    });
    const session = await connect(await startArchive(() => instances(6), { destination: address }));
    expect((await retrieve(session)).final).toMatchObject({ status: Status.Success, completed: 6, failed: 0 });
    expect(new Set(stored.map((each) => each.session)).size).toBe(2);
  });

  test('fails only the instance on which the destination is lost twice', async () => {
    const { stored, address } = await startDestination((uid, session) => {
      if (uid === '1.2.3.3') session.abort();
      return Status.Success;
    });
    const session = await connect(await startArchive(() => instances(6), { destination: address }));
    const { final } = await retrieve(session);
    expect(final).toMatchObject({ status: 0xb000, completed: 5, failed: 1 });
    expect([final.identifier?.FailedSOPInstanceUIDList].flat()).toEqual(['1.2.3.3']);
    expect(new Set(stored.map((each) => each.session)).size).toBe(3);
  });

  test.each([1, 8])('fails only the bad instances with a window of %i, wherever they are', async (window) => {
    for (const bad of [[1], [5, 12], [20], [8, 9]]) {
      const uids = bad.map((number) => `1.2.3.${number}`);
      const service = { invoke: 8, perform: 8 };
      const answer = (uid: string, session: { abort(): void }) => {
        if (uids.includes(uid)) session.abort();
        return Status.Success;
      };
      const { address } = await startDestination(answer, { asynchronousOperations: service });
      const session = await connect(await startArchive(() => instances(20), { destination: address, window }));
      const { final } = await retrieve(session);
      expect(final).toMatchObject({ status: 0xb000, completed: 20 - bad.length, failed: bad.length });
      expect([final.identifier?.FailedSOPInstanceUIDList].flat().sort()).toEqual([...uids].sort());
    }
  });

  test('ends after ten instances in a row on which the destination is lost, and lists all as failed', async () => {
    const { stored, address } = await startDestination((_, session) => {
      session.abort();
      return Status.Success;
    });
    const session = await connect(await startArchive(() => instances(50), { destination: address }));
    const { final } = await retrieve(session);
    expect(final).toMatchObject({ status: 0xa702, completed: 0, failed: 50 });
    expect(final.identifier?.FailedSOPInstanceUIDList).toHaveLength(50);
    expect(new Set(stored.map(({ uid }) => uid)).size).toBe(10);
  });

  test('opens a further association past 128 contexts', async () => {
    const { stored, address } = await startDestination(undefined, {
      services: [
        serve(storage, { store: () => Status.Success }, { otherSopClasses: (uid) => uid.startsWith('1.2.9.') }),
      ],
    });
    const given = Array.from({ length: 300 }, (_, index) => instance(index, { sopClass: `1.2.9.${index % 150}` }));
    const opened: Session[] = [];
    scps.at(-1)?.on('session', (session) => opened.push(session));
    const session = await connect(await startArchive(() => given, { destination: address }));
    expect((await retrieve(session)).final).toMatchObject({ status: Status.Success, completed: 300 });
    // Each of the 150 kinds has a context of its transfer syntax and one of Implicit VR.
    expect([opened.length, stored.length]).toEqual([3, 0]);
  });

  test('answers a cancel with Cancel and the number of remaining instances', async () => {
    const controller = new AbortController();
    const { stored, address } = await startDestination(async (uid) => {
      if (uid === '1.2.3.3') controller.abort(new Error('enough'));
      await new Promise((resolve) => setTimeout(resolve, 10));
      return Status.Success;
    });
    const at = await startArchive(() => instances(50), { destination: address, interval: 0 });
    const session = await connect(at);
    const finals: unknown[] = [];
    session.on('message', (direction, { command }) => {
      if (direction === 'received' && command.status !== Status.Pending) finals.push(command);
    });
    const { final } = session
      .use(studyRoot)
      .move({ destination: 'DESTINATION', identifier }, { signal: controller.signal });
    await expect(final).rejects.toThrow('enough');
    expect(stored.length).toBeLessThan(50);
    expect(finals).toMatchObject([
      {
        status: Status.Cancel,
        numberOfRemainingSuboperations: 50 - stored.length,
        numberOfCompletedSuboperations: stored.length,
        numberOfFailedSuboperations: 0,
      },
    ]);
    await session.release();
  });

  test('aborts the association with the destination if the requestor is lost', async () => {
    let begun = () => {};
    const first = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const { scp, stored, address } = await startDestination(async () => {
      begun();
      await new Promise(() => {});
      return 0;
    });
    const sessionOpened = new Promise<Session>((resolve) => scp.once('session', resolve));
    const session = await connect(await startArchive(() => instances(10), { destination: address }));
    const { final } = session.use(studyRoot).move({ destination: 'DESTINATION', identifier });
    await first;
    session.abort();
    await expect(final).rejects.toThrow();
    const arrived = await sessionOpened;
    expect((await arrived.association.closed).how).not.toBe('released');
    expect(stored).toHaveLength(1);
  });

  test('sends pending responses while a sub-operation takes long', async () => {
    let finish = () => {};
    const slow = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const { address } = await startDestination(async () => {
      await slow;
      return Status.Success;
    });
    const at = await startArchive(() => instances(1), { destination: address, interval: 5 });
    const session = await connect(at);
    const responses = session.use(studyRoot).move({ destination: 'DESTINATION', identifier });
    let seen = 0;
    for await (const { remaining } of responses) {
      expect(remaining).toBe(1);
      if (++seen === 4) finish();
    }
    expect(seen).toBeGreaterThanOrEqual(4);
    expect((await responses.final).completed).toBe(1);
  });

  test('answers with the error that the query throws', async () => {
    const { address } = await startDestination();
    const given = async function* () {
      yield instance(1);
      throw new DimseError(0xa701, { errorComment: 'too many' });
    };
    const session = await connect(await startArchive(given, { destination: address, total: 2 }));
    expect((await retrieve(session)).final).toMatchObject({ status: 0xa701, errorComment: 'too many', completed: 1 });
  });

  test('fails an instance whose file has been removed and sends the others', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'retrieve-'));
    try {
      const slices = [...computedTomographySeries({ slices: 3, size: 16 })];
      const paths = slices.map(({ sopInstanceUid, bytes }) => {
        const path = join(folder, sopInstanceUid);
        writeFileSync(path, bytes);
        return path;
      });
      const gone = { sopClass: CT, sopInstance: '1.2.3.9', transferSyntax: EXPLICIT, path: join(folder, 'gone') };
      const { stored, address } = await startDestination();
      const at = await startArchive(() => [paths[0] ?? '', gone, ...paths.slice(1)], { destination: address });
      const { final } = await retrieve(await connect(at));
      expect(final).toMatchObject({ status: 0xb000, completed: 3, failed: 1 });
      expect([final.identifier?.FailedSOPInstanceUIDList].flat()).toEqual(['1.2.3.9']);
      expect(stored.map(({ uid }) => uid)).toEqual(slices.map(({ sopInstanceUid }) => sopInstanceUid));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('fails only the instance that cannot be read completely', async () => {
    const broken = instance(2, {
      data: () => ({
        length: 1000,
        readv: async () => {
          throw new Error('the disk is broken');
        },
      }),
    });
    const { stored, address } = await startDestination();
    const at = await startArchive(() => [instance(1), broken, instance(3)], { destination: address });
    const { final } = await retrieve(await connect(at));
    expect(final).toMatchObject({ status: 0xb000, completed: 2, failed: 1 });
    expect(stored.map(({ uid }) => uid)).toEqual(['1.2.3.1', '1.2.3.3']);
  });

  test('is held back by a slow destination', async () => {
    let given = 0;
    let finish = () => {};
    const slow = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let reached = () => {};
    const first = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const { address } = await startDestination(async () => {
      reached();
      await slow;
      return Status.Success;
    });
    const source = async function* () {
      for (; given < 2000; given++) yield instance(given);
    };
    const session = await connect(await startArchive(source, { destination: address, total: 2000 }));
    const { final } = session.use(studyRoot).move({ destination: 'DESTINATION', identifier });
    await first;
    expect(given).toBeLessThan(600);
    finish();
    expect((await final).completed).toBe(2000);
  }, 20_000);
});

describe('C-GET', () => {
  const contexts = (...kinds: readonly (readonly [string, string])[]) => [
    { abstractSyntax: studyRoot.sopClasses.Get.uid, transferSyntaxes: [EXPLICIT] },
    ...kinds.map(([abstractSyntax, transferSyntax]) => ({
      abstractSyntax,
      transferSyntaxes: [transferSyntax],
      roles: { scu: false, scp: true },
    })),
  ];
  const taking = (taken: string[], status: (uid: string) => number = () => Status.Success) =>
    serve(storage, {
      async store({ sopInstance, data }) {
        for await (const _ of data);
        taken.push(sopInstance);
        return status(sopInstance);
      },
    });

  test('sends on a context of the transfer syntax on the same association, or fails with the reason', async () => {
    const given = [instance(1), instance(2, { sopClass: MR }), instance(3, { transferSyntax: JPEG }), instance(4)];
    const at = await startArchive(() => given, { interval: 0 });
    const taken: string[] = [];
    const session = await connect(at, { serves: [taking(taken)], contexts: contexts([CT, EXPLICIT], [CT, JPEG]) });
    const { final } = await retrieve(session, 'get');
    expect(final).toMatchObject({ status: 0xb000, completed: 3, failed: 1, warning: 0 });
    expect([final.identifier?.FailedSOPInstanceUIDList].flat()).toEqual(['1.2.3.2']);
    expect(at.outcomes.find(({ result }) => result === 'failed')?.reason).toMatch(/no presentation context/);
    expect(taken).toEqual(['1.2.3.1', '1.2.3.3', '1.2.3.4']);
    await session.release();
  });

  test('counts the statuses that the requestor answers', async () => {
    const at = await startArchive(() => instances(4), { interval: 0 });
    const answers: Record<string, number> = { '1.2.3.2': 0xb000, '1.2.3.3': 0xa700 };
    const session = await connect(at, {
      serves: [taking([], (uid) => answers[uid] ?? 0)],
      contexts: contexts([CT, EXPLICIT]),
    });
    expect((await retrieve(session, 'get')).final).toMatchObject({
      status: 0xb000,
      completed: 2,
      warning: 1,
      failed: 1,
    });
    await session.release();
  });

  test('answers a cancel with Cancel, and the association continues', async () => {
    const at = await startArchive(() => instances(40), { interval: 0 });
    const controller = new AbortController();
    const taken: string[] = [];
    const status = () => {
      if (taken.length === 10) controller.abort(new Error('enough'));
      return Status.Success;
    };
    const session = await connect(at, { serves: [taking(taken, status)], contexts: contexts([CT, EXPLICIT]) });
    const { final } = session.use(studyRoot).get({ identifier }, { signal: controller.signal });
    await expect(final).rejects.toThrow('enough');
    expect(taken.length).toBeLessThan(40);
    taken.length = 0;
    await session.use(studyRoot).get({ identifier }).final;
    expect(taken).toHaveLength(40);
    await session.release();
  });
});
