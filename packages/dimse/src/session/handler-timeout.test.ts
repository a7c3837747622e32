// Handlers that take longer than the timeout `handler`: their signal aborts, and the peer gets an answer.

import { accept, associatedPair } from '@x/net';
import { VirtualClock } from '@x/net/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { DimseError } from '../message/errors.ts';
import {
  cEcho,
  cFind,
  cGet,
  cMove,
  cStore,
  nAction,
  nCreate,
  nDelete,
  nEventReport,
  nGet,
  nSet,
} from '../message/operations.ts';
import { Status } from '../message/status.ts';
import { TransferSyntax } from '../registry/uids.generated.ts';
import { QUERY_RETRIEVE_STATUSES } from '../services/query-retrieve-model.ts';
import { defineServiceClass, type HandlerContext, type Handlers, serve } from './service-class.ts';
import { Session } from './session.ts';
import type { SessionOptions } from './session-options.ts';

const UID = '1.2.3';
const operations = {
  echo: cEcho,
  store: cStore,
  find: cFind,
  get: cGet,
  move: cMove,
  eventReport: nEventReport,
  read: nGet,
  set: nSet,
  action: nAction,
  create: nCreate,
  remove: nDelete,
};
type Name = keyof typeof operations;
const everything = defineServiceClass({
  name: 'Everything',
  operations,
  sopClasses: { Everything: { uid: UID, operations: Object.keys(operations) as Name[] } },
  statuses: QUERY_RETRIEVE_STATUSES,
});
const transferSyntax = TransferSyntax.ExplicitVRLittleEndian;
const REQUESTS: Readonly<Record<Name, [request: object, status: number]>> = {
  echo: [{}, Status.ProcessingFailure],
  store: [{ sopInstance: '1.2', data: Buffer.alloc(1_000_000), transferSyntax }, Status.OutOfResources],
  find: [{ identifier: { PatientID: '1' } }, Status.UnableToProcess],
  get: [{ identifier: { PatientID: '1' } }, Status.UnableToProcess],
  move: [{ identifier: { PatientID: '1' }, destination: 'X' }, Status.UnableToProcess],
  eventReport: [{ sopInstance: '1.2', eventType: 1 }, Status.ProcessingFailure],
  read: [{ sopInstance: '1.2' }, Status.ProcessingFailure],
  set: [{ sopInstance: '1.2', attributes: { PatientID: '1' } }, Status.ProcessingFailure],
  action: [{ sopInstance: '1.2', actionType: 1 }, Status.ProcessingFailure],
  create: [{ sopInstance: '1.2', attributes: { PatientID: '1' } }, Status.ProcessingFailure],
  remove: [{ sopInstance: '1.2' }, Status.ProcessingFailure],
};
const names = Object.keys(operations) as Name[];

type Response = { readonly status: number };
type Method = (request: object) => Promise<Response> & { readonly final: Promise<Response> };

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

type Handle = (request: { readonly data?: AsyncIterable<Uint8Array> }, context: HandlerContext) => Promise<number>;

async function connect(handle: Handle, options: SessionOptions = {}) {
  const roles = { scu: true, scp: true };
  const [requestor, acceptor] = await associatedPair({
    request: { contexts: [{ abstractSyntax: UID, transferSyntaxes: [transferSyntax], roles }] },
    decide: () => accept({ supports: () => ({ transferSyntaxes: 'any', roles }) }),
  });
  const one = (request: object, context: HandlerContext) => handle(request as never, context);
  // biome-ignore lint/correctness/useYield: this handler sends no pending responses
  async function* many(request: object, context: HandlerContext) {
    return await handle(request as never, context);
  }
  const handlers = Object.fromEntries(names.map((name) => [name, operations[name].answers === 'many' ? many : one]));
  const services = [serve(everything, handlers as Handlers<typeof everything>)];
  const timeouts = { handler: 5000 };
  // N-EVENT-REPORT is performed by the requestor, the others by the acceptor.
  const sessions = [requestor, acceptor].map((each) => new Session(each, services, { timeouts, ...options }));
  const clock = new VirtualClock();
  cleanups.push(() => clock[Symbol.dispose]());
  cleanups.push(() => requestor.abort());
  const [ours, theirs] = sessions as [Session, Session];
  const call = async (name: Name) => {
    const user = (name === 'eventReport' ? theirs : ours).use(everything) as unknown as Record<Name, Method>;
    const called = user[name](REQUESTS[name][0]);
    try {
      return await (operations[name].answers === 'many' ? called.final : called);
    } catch (error) {
      return error as DimseError;
    }
  };
  return { clock, call, sessions };
}

const COMMENT = 'the request was not performed within 5000 ms';

describe.each(names)('a handler of %s', (name) => {
  test('that never ends is answered a second after the timeout, and its association goes on', async () => {
    const signals: AbortSignal[] = [];
    const { clock, call, sessions } = await connect(async (_, { signal }) => {
      signals.push(signal);
      return signals.length === 1 ? new Promise(() => {}) : Status.Success;
    });
    let answer: Response | undefined;
    const calling = call(name).then((each) => {
      answer = each;
    });
    await clock.advance(4999);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    await clock.advance(1);
    expect([signals[0]?.aborted, answer]).toEqual([true, undefined]);
    await clock.advance(1000);
    await calling;
    expect(answer).toBeInstanceOf(DimseError);
    expect(answer).toMatchObject({ status: REQUESTS[name][1], errorComment: COMMENT });
    expect(await call(name)).toMatchObject({ status: Status.Success });
    const released = sessions[0]?.release();
    await clock.advance(1);
    await released;
  });

  test('that ends on its signal is answered at once', async () => {
    const { clock, call } = await connect(
      (_, { signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    const calling = call(name);
    await clock.advance(5000);
    expect(await calling).toMatchObject({ status: REQUESTS[name][1], errorComment: COMMENT });
  });
});

test('an answer that a handler gives in the second after the timeout is sent', async () => {
  const { clock, call } = await connect(async () => {
    await new Promise((resolve) => setTimeout(resolve, 5500));
    return Status.Success;
  });
  const calling = call('store');
  await clock.advance(5500);
  expect(await calling).toMatchObject({ status: Status.Success });
});

test('a handler within the timeout is not affected', async () => {
  const { clock, call } = await connect(async (_, { signal }) => {
    await new Promise((resolve) => setTimeout(resolve, 4999));
    return signal.aborted ? Status.ProcessingFailure : Status.Success;
  });
  const calling = call('store');
  await clock.advance(4999);
  expect(await calling).toMatchObject({ status: Status.Success });
});

test('a handler that reads on after its answer gets an error, not a part of the data', async () => {
  let goOn: (() => void) | undefined;
  let ending: unknown;
  const { clock, call } = await connect(async ({ data }) => {
    if (!data) return Status.Success;
    try {
      let length = 0;
      for await (const { length: more } of data) {
        length += more;
        if (!goOn)
          await new Promise<void>((resolve) => {
            goOn = resolve;
          });
      }
      ending = length;
    } catch (error) {
      ending = error;
    }
    return Status.Success;
  });
  const calling = call('store');
  await clock.advance(6000);
  expect(await calling).toMatchObject({ status: Status.OutOfResources });
  goOn?.();
  await clock.advance(1);
  expect(ending).toMatchObject({ message: 'the data of the message were dropped before they were read' });
  expect(await call('echo')).toMatchObject({ status: Status.Success });
});

test.each([
  [2, [Status.UnableToProcess, Status.UnableToProcess, Status.OutOfResources]],
  [3, [Status.UnableToProcess, Status.UnableToProcess, Status.UnableToProcess]],
])('handlers that never end count for maximumPerforming of %i', async (maximumPerforming, expected) => {
  let running = 0;
  const { clock, call, sessions } = await connect(
    () => {
      running++;
      return new Promise(() => {});
    },
    { maximumPerforming },
  );
  const statuses: number[] = [];
  for (let index = 0; index < 3; index++) {
    const calling = call('find');
    await clock.advance(6000);
    statuses.push((await calling).status);
  }
  expect(statuses).toEqual(expected);
  expect(running).toBe(Math.min(maximumPerforming, 3));
  expect(sessions[1]?.performing).toBe(0);
});
