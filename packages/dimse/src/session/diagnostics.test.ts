// Operations on the tracing channel of node:diagnostics_channel, in both roles.

import { AsyncLocalStorage } from 'node:async_hooks';
import { tracingChannel } from 'node:diagnostics_channel';
import { associatedPair } from '@x/net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { OPERATION_CHANNEL, type OperationTrace } from '../message/diagnostics.ts';
import { DimseError } from '../message/errors.ts';
import { Status } from '../message/status.ts';
import { SopClass, TransferSyntax } from '../registry/uids.generated.ts';
import { studyRoot } from '../services/query-retrieve.ts';
import { storage } from '../services/storage.ts';
import { type Service, serve } from './service-class.ts';
import { Session } from './session.ts';
import type { SessionOptions } from './session-options.ts';
import { verification } from './verification.ts';

const operations = tracingChannel<unknown, OperationTrace>(OPERATION_CHANNEL);
const caller = new AsyncLocalStorage<string>();
let seen: { name: string; work: OperationTrace; caller: string | undefined }[];
const noted = Object.fromEntries(
  ['start', 'end', 'asyncStart', 'asyncEnd', 'error'].map((name) => [
    name,
    (work: unknown) => seen.push({ name, work: work as OperationTrace, caller: caller.getStore() }),
  ]),
) as unknown as Parameters<typeof operations.subscribe>[0];
const courseOf = (as: string) => seen.filter(({ work }) => work.as === as).map(({ name }) => name);
const workOf = (as: string) => seen.find(({ work }) => work.as === as)?.work;
/** The starts and ends, in the order of their events. */
const told = () =>
  seen
    .filter(({ name }) => name === 'start' || name === 'asyncEnd')
    .map(({ name, work }) => `${name === 'start' ? 'start' : 'end'} ${work.as} ${work.operation}`);
const ended = (count = 2) =>
  expect.poll(() => seen.filter(({ name }) => name === 'asyncEnd'), { timeout: 20_000 }).toHaveLength(count);

beforeEach(() => {
  seen = [];
  operations.subscribe(noted);
});
afterEach(() => {
  operations.unsubscribe(noted);
});

const CT = SopClass.CTImageStorage;
const transferSyntax = TransferSyntax.ImplicitVRLittleEndian;

async function sessions(services: readonly Service[], options?: SessionOptions) {
  const [requestor, acceptor] = await associatedPair({
    request: {
      contexts: [SopClass.Verification, studyRoot.sopClasses.Find.uid, CT].map((abstractSyntax) => ({
        abstractSyntax,
        transferSyntaxes: [TransferSyntax.ImplicitVRLittleEndian],
      })),
    },
  });
  return { scp: new Session(acceptor, services, options), scu: new Session(requestor, [], options) };
}

const COURSE = ['start', 'end', 'asyncStart', 'asyncEnd'];
const FAILED = ['start', 'end', 'error', 'asyncStart', 'asyncEnd'];

test('publishes operations on both sides, from request to final response', async () => {
  const { scu } = await sessions([serve(verification, { echo: () => Status.Success })]);
  await scu.use(verification).echo();
  await ended();
  expect(told()).toEqual([
    'start invoked C-ECHO',
    'start performed C-ECHO',
    'end performed C-ECHO',
    'end invoked C-ECHO',
  ]);
  expect([courseOf('invoked'), courseOf('performed')]).toEqual([COURSE, COURSE]);
  for (const as of ['invoked', 'performed'])
    expect(workOf(as)).toMatchObject({ messageId: 1, status: 0, sopClass: SopClass.Verification, requestLength: 0 });
  await scu.release();
});

test('publishes with the context of the caller, and calls the handler in the context that subscribers bind', async () => {
  const bound = new AsyncLocalStorage<OperationTrace>();
  const around = new AsyncLocalStorage<string>();
  const handled: unknown[] = [];
  operations.start.bindStore(bound, (work) => work as OperationTrace);
  const wrap = (work: unknown) => {
    (work as OperationTrace).around = (run) => around.run('around', run);
  };
  operations.start.subscribe(wrap);
  try {
    const { scu } = await sessions([
      serve(verification, {
        echo: async () => {
          await new Promise((resolve) => setImmediate(resolve));
          handled.push(bound.getStore(), around.getStore());
          return Status.Success;
        },
      }),
    ]);
    await caller.run('the caller', () => scu.use(verification).echo());
    await ended();
    expect(handled).toEqual([workOf('performed'), 'around']);
    const events = seen.filter(({ work }) => work.as === 'invoked');
    expect(events.map(({ caller }) => caller)).toEqual(COURSE.map(() => 'the caller'));
    await scu.release();
  } finally {
    operations.start.unbindStore(bound);
    operations.start.unsubscribe(wrap);
  }
});

test('counts the bytes of requests, streamed or not, and of responses', async () => {
  const { scu } = await sessions([
    serve(storage, {
      store: async ({ data }) => {
        for await (const _ of data);
        return Status.Success;
      },
    }),
    serve(studyRoot, {
      async *rawFind() {
        yield { identifier: { StudyInstanceUID: '1.2' } };
        yield { identifier: { StudyInstanceUID: '1.3' } };
      },
    }),
  ]);
  const data = new Uint8Array(5000);
  const stream = async function* () {
    yield data;
    yield data;
  };
  const { store } = scu.use(storage);
  await store({ sopClass: CT, sopInstance: '1.2', transferSyntax, data });
  await store({ sopClass: CT, sopInstance: '1.3', transferSyntax, data: stream() });
  for await (const _ of scu.use(studyRoot).find({ identifier: { StudyInstanceUID: '' } }));
  await ended(6);
  const lengths = (as: string) =>
    [...new Set(seen.map(({ work }) => work))]
      .filter((work) => work.as === as)
      .map(({ requestLength, responseLength }) => [requestLength, responseLength]);
  expect(lengths('invoked')).toEqual([
    [5000, 0],
    [10_000, 0],
    [8, 24],
  ]);
  expect(lengths('performed')).toEqual(lengths('invoked'));
  await scu.release();
});

test('publishes a failure status as an error of the call, and as the status of the performed operation', async () => {
  const { scu } = await sessions([
    serve(verification, {
      echo: () => {
        throw new DimseError(0x0211);
      },
    }),
  ]);
  await expect(scu.use(verification).echo()).rejects.toThrow(DimseError);
  await ended();
  expect([courseOf('invoked'), courseOf('performed')]).toEqual([FAILED, COURSE]);
  expect(workOf('invoked')).toMatchObject({ status: 0x0211, error: { status: 0x0211 } });
  expect(workOf('performed')).toMatchObject({ status: 0x0211 });
  await scu.release();
});

test('publishes requests that are refused, and calls that cannot be sent', async () => {
  const { scu } = await sessions([]);
  await expect(scu.use(verification).echo()).rejects.toThrow(DimseError);
  await ended();
  expect(workOf('performed')).toMatchObject({ operation: 'C-ECHO', status: 0x0211 });
  seen = [];
  await expect(
    scu.use(storage).store({ sopClass: '1.2.3', sopInstance: '1.2', transferSyntax, data: new Uint8Array(2) }),
  ).rejects.toThrow();
  expect(courseOf('invoked')).toEqual(FAILED);
  expect(workOf('invoked')?.messageId).toBeUndefined();
  await scu.release();
});

test('publishes the end of operations that the association cuts short', async () => {
  const { scu, scp } = await sessions([
    serve(studyRoot, {
      async *rawFind() {
        yield { identifier: {} };
        await new Promise(() => {});
      },
    }),
  ]);
  const find = scu.use(studyRoot).find({ identifier: {} });
  find.final.catch(() => {});
  for await (const _ of find) break;
  scu.abort();
  await Promise.all([scu.ended, scp.ended]);
  const [first, second, ...ends] = told();
  expect([first, second]).toEqual(['start invoked C-FIND', 'start performed C-FIND']);
  // Two ends of an association do not wait for each other.
  expect(ends.sort()).toEqual(['end invoked C-FIND', 'end performed C-FIND']);
  expect([courseOf('invoked'), courseOf('performed')]).toEqual([FAILED, FAILED]);
  expect(workOf('invoked')).toMatchObject({ error: { code: 'REQUEST_NO_RESPONSE' } });
  expect(workOf('performed')).toMatchObject({ error: { code: 'ASSOCIATION_ABORTED' } });
});

test('publishes a response that did not come in time, for each call that waited', async () => {
  const { scu } = await sessions([serve(verification, { echo: () => new Promise<never>(() => {}) })], {
    timeouts: { response: 30 },
  });
  const { echo } = scu.use(verification);
  const calls = await caller.run('the caller', () => Promise.allSettled([echo(), echo()]));
  expect(calls.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await ended(3);
  const [first, second] = [...new Set(seen.map(({ work }) => work))].filter(({ as }) => as === 'invoked');
  expect(first).toMatchObject({ messageId: 1, error: { cause: { cause: { code: 'TIMEOUT_RESPONSE' } } } });
  // It waited for its place in the window.
  expect(second).toMatchObject({ error: { code: 'REQUEST_NOT_SENT' } });
  for (const { work, caller } of seen) if (work.as === 'invoked') expect(caller).toBe('the caller');
});

test('publishes nothing of operations that began before the first subscriber', async () => {
  operations.unsubscribe(noted);
  let answer: (status: number) => void = () => {};
  const { scu, scp } = await sessions([
    serve(verification, {
      echo: () =>
        new Promise<number>((resolve) => {
          answer = resolve;
        }),
    }),
  ]);
  const echo = scu.use(verification).echo();
  await expect.poll(() => scp.performing, { timeout: 20_000 }).toBe(1);
  operations.subscribe(noted);
  answer(Status.Success);
  await echo;
  expect(seen).toEqual([]);
  await scu.release();
});
