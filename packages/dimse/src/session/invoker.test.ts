import { type Association, accept, associatedPair } from '@x/net';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { CommandSet } from '../message/command-set.ts';
import { MessageExchange } from '../message/message.ts';
import { C_CANCEL_RQ, cEcho, cFind, cMove, cStore, RESPONSE } from '../message/operations.ts';
import { Status } from '../message/status.ts';
import { SopClass, TransferSyntax } from '../registry/uids.generated.ts';
import { defineServiceClass, serve } from './service-class.ts';
import { Session } from './session.ts';
import type { SessionOptions } from './session-options.ts';

const UID = SopClass.StudyRootQueryRetrieveInformationModelFind;
const mixed = defineServiceClass({
  name: 'Mixed',
  operations: { echo: cEcho, find: cFind, move: cMove, store: cStore },
  sopClasses: { Mixed: { uid: UID, operations: ['echo', 'find', 'move', 'store'] } },
});
const CONTEXT = { abstractSyntax: UID, transferSyntaxes: [TransferSyntax.ExplicitVRLittleEndian] };
const BOTH = { scu: true, scp: true };
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

const open = new Set<Association>();
afterEach(() => {
  vi.useRealTimers();
  for (const association of open) association.abort();
  open.clear();
});

interface Request {
  readonly commandField: number;
  readonly id: number;
}

/** The peer, which answers as the test tells it. */
class Peer {
  readonly association: Association;
  readonly requests: Request[] = [];
  readonly cancels: number[] = [];
  onRequest: (request: Request) => unknown = () => {};
  /** Called before the data of the request are read. */
  onHead: (request: Request) => unknown = () => {};
  readonly #exchange: MessageExchange;
  #wake: () => void = () => {};

  constructor(association: Association) {
    this.association = association;
    this.#exchange = new MessageExchange(association);
    this.#read().catch(() => {});
  }

  /** The test may end before the transport has taken the last answer. */
  async #handled(result: unknown): Promise<void> {
    try {
      await result;
    } catch (error) {
      if (this.association.isEstablished) throw error;
    }
  }

  async answer({ commandField, id }: Request, status: number = Status.Success): Promise<void> {
    const response = { commandField: commandField | RESPONSE, messageIdBeingRespondedTo: id, status };
    await this.send({ ...response, errorComment: `answer ${id}` });
  }

  send(command: Omit<CommandSet, 'hasDataSet'>): Promise<void> {
    return this.#exchange.send(1, command);
  }

  /** Sends a C-STORE request, as a sub-operation of C-GET. */
  async store(messageId: number, parts = 1): Promise<void> {
    const command = { affectedSopClassUid: UID, affectedSopInstanceUid: '1.2', commandField: cStore.commandField };
    await this.#exchange.send(1, { ...command, messageId, priority: 0 }, slowly(parts));
  }

  /** Settles when this many requests and C-CANCELs have arrived. */
  async received(requests: number, cancels = 0): Promise<void> {
    while (this.requests.length < requests || this.cancels.length < cancels)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
  }

  async #read(): Promise<void> {
    for await (const { command, data } of this.#exchange.messages()) {
      const { commandField, messageId, messageIdBeingRespondedTo } = command;
      await this.onHead({ commandField, id: messageId ?? -1 });
      await data?.discard();
      if (commandField === C_CANCEL_RQ) this.cancels.push(messageIdBeingRespondedTo ?? -1);
      else {
        const request = { commandField, id: messageId ?? -1 };
        this.requests.push(request);
        void this.#handled(this.onRequest(request));
      }
      this.#wake();
    }
  }
}

async function* slowly(parts: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let part = 0; part < parts; part++) {
    if (part > 0) await passing(60);
    // Longer than a fragment, so that it is sent immediately.
    yield new Uint8Array(300_000);
  }
}

/** Lets time pass: on the fake clock if a test has set one. */
function passing(milliseconds: number): Promise<unknown> {
  if (vi.isFakeTimers()) return vi.advanceTimersByTimeAsync(milliseconds);
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Replaces the clock until the test ends, but not what moves data between the two ends of an association. */
const fakeClock = () => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });

async function connect(window?: number, options: SessionOptions = {}) {
  const windows = window === undefined ? {} : { asynchronousOperations: window };
  const [requestor, acceptor] = await associatedPair({
    request: { contexts: [{ ...CONTEXT, roles: BOTH }], ...windows },
    decide: () => accept({ supports: () => ({ transferSyntaxes: 'any', roles: BOTH }), ...windows }),
  });
  open.add(requestor).add(acceptor);
  const stores = serve(mixed, {
    async store({ data }) {
      for await (const _ of data);
      return Status.Success;
    },
  });
  const session = new Session(requestor, [stores], options);
  return { session, user: session.use(mixed), peer: new Peer(acceptor) };
}

describe('the asynchronous operations window', () => {
  test.each([
    ['that was not negotiated', undefined, 1],
    ['of 1', 1, 1],
    ['of 4', 4, 4],
    ['without limit', 0, 20],
  ])('%s is filled, and never exceeded', async (_, window, expected) => {
    const { session, user, peer } = await connect(window);
    const calls = Array.from({ length: 20 }, () => user.echo());
    await peer.received(expected);
    for (let index = 0; index < 10; index++) await turn();
    expect(peer.requests).toHaveLength(expected);
    expect([session.outstanding, session.completed]).toEqual([20, 0]);
    for (let answered = 0; answered < 20; answered++) {
      await peer.received(Math.min(20, answered + expected));
      expect(peer.requests.length).toBeLessThanOrEqual(answered + expected);
      await peer.answer(peer.requests[answered] as Request);
      await calls[answered];
    }
    expect([session.outstanding, session.completed]).toEqual([0, 20]);
  });

  test('passes the place of a cancelled call to the next one', async () => {
    const { session, user, peer } = await connect(1);
    const first = user.echo();
    const controller = new AbortController();
    const second = user.echo({}, { signal: controller.signal });
    const third = user.echo();
    const reason = new Error('changed my mind');
    const refused = expect(second).rejects.toBe(reason);
    await peer.received(1);
    controller.abort(reason);
    await refused;
    await peer.answer(peer.requests[0] as Request);
    await first;
    await peer.received(2);
    await peer.answer(peer.requests[1] as Request);
    await third;
    expect(peer.requests).toHaveLength(2);
    expect(session.outstanding).toBe(0);
    await session.release();
  });
});

test('responses in another order are matched to their requests', async () => {
  const { user, peer } = await connect(0);
  const calls = Array.from({ length: 16 }, () => user.echo());
  await peer.received(16);
  for (const request of [...peer.requests].reverse()) await peer.answer(request, Status.Success);
  const answers = await Promise.all(calls);
  expect(answers.map(({ errorComment }) => errorComment)).toEqual(peer.requests.map(({ id }) => `answer ${id}`));
});

test('ignores responses to unknown requests and repeated final responses', async () => {
  const { user, peer } = await connect(0);
  const calls = [user.echo(), user.echo()];
  await peer.received(2);
  const [one, other] = peer.requests as [Request, Request];
  await peer.answer({ ...one, id: 999 });
  await peer.answer(one);
  await peer.answer(one, Status.ProcessingFailure);
  await peer.answer(other);
  expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([0, 0]);
});

test('an abort fails each pending call once and tells which requests the peer may have performed', async () => {
  const { session, user, peer } = await connect(16);
  const store = (data: Uint8Array | AsyncIterable<Uint8Array>) =>
    user.store({ sopInstance: '1.2', transferSyntax: CONTEXT.transferSyntaxes[0] as string, data });
  const stores = Array.from({ length: 15 }, () => store(new Uint8Array(10)));
  await peer.received(15);
  let isBegun = false;
  const endless = (async function* () {
    isBegun = true;
    yield new Uint8Array(300_000);
    await new Promise(() => {});
  })();
  // One request is being sent; four wait for a place in the window.
  stores.push(store(endless), ...Array.from({ length: 4 }, () => store(new Uint8Array(10))));
  const settled = Promise.allSettled(stores);
  while (!isBegun) await turn();
  expect(session.outstanding).toBe(20);
  peer.association.abort();
  const failures = (await settled).map((result) => result.status === 'rejected' && result.reason);
  for (const failure of failures)
    expect(failure).toMatchObject({ name: 'RequestError', cause: { name: 'AssociationAbortedError', by: 'peer' } });
  const delivered = failures.map(({ delivered: isDelivered, phase }) => [isDelivered, phase]);
  expect(delivered.slice(0, 15)).toEqual(Array(15).fill([true, 'await-response']));
  expect(delivered.slice(15)).toEqual(Array(5).fill([false, 'send']));
  expect(session.outstanding).toBe(0);
});

describe('a response is never a success', () => {
  test.each([
    ['without a status', {}, 'the response has no status'],
    ['of another operation', { commandField: cFind.commandField | RESPONSE, status: 0 }, 'C-FIND-RSP'],
    ['with an unknown command', { commandField: 0xf777, status: 0 }, 'command F777H'],
    ['that is pending, if there must be one', { status: Status.Pending }, 'pending'],
  ])('%s, and the association continues', async (_, wrong, why) => {
    const { session, user, peer } = await connect();
    const echo = user.echo();
    await peer.received(1);
    const { commandField, id } = peer.requests[0] as Request;
    await peer.send({ commandField: commandField | RESPONSE, messageIdBeingRespondedTo: id, ...wrong });
    const failure = { name: 'RequestError', delivered: true, message: expect.stringContaining(why) };
    await expect(echo).rejects.toMatchObject(failure);
    peer.onRequest = (request) => peer.answer(request);
    expect(await user.echo()).toMatchObject({ status: Status.Success });
    expect([session.outstanding, session.completed]).toEqual([0, 2]);
  });

  test('that is pending and of another operation: the call fails and is cancelled', async () => {
    const { user, peer } = await connect();
    const responses = user.find({ identifier: {} });
    await peer.received(1);
    const { id } = peer.requests[0] as Request;
    const pending = { messageIdBeingRespondedTo: id, status: Status.Pending };
    await peer.send({ commandField: cMove.commandField | RESPONSE, ...pending });
    await expect(responses.final).rejects.toMatchObject({ message: expect.stringContaining('C-MOVE-RSP') });
    await peer.received(1, 1);
    expect(peer.cancels).toEqual([id]);
  });
});

describe('a loop over responses that calls the peer on the same association', () => {
  test.each([
    ['one call at a time', undefined],
    ['within a window', 4],
  ])('%s continues, however many responses arrive', async (_, window) => {
    const { user, peer } = await connect(window);
    peer.onRequest = async (request) => {
      if (request.commandField === cFind.commandField)
        for (let index = 0; index < 300; index++) await peer.answer(request, Status.Pending);
      await peer.answer(request);
    };
    let echoes = 0;
    for await (const _response of user.find({ identifier: {} })) {
      await user.echo();
      echoes++;
    }
    expect(echoes).toBe(300);
  });
});

test('a call settles after its request has been sent, even if the response arrives before', async () => {
  const { session, user, peer } = await connect();
  peer.onHead = (request) => peer.answer(request, Status.OutOfResources);
  let [isOver, isReadAfter, parts] = [false, false, 0];
  async function* data() {
    for (; parts < 4; parts++) {
      isReadAfter ||= isOver;
      yield new Uint8Array(300_000);
      await passing(10);
    }
  }
  const stored = user.store({
    sopInstance: '1.2',
    transferSyntax: TransferSyntax.ExplicitVRLittleEndian,
    data: data(),
  });
  await expect(stored).rejects.toMatchObject({ name: 'DimseError', status: Status.OutOfResources });
  // The caller may close the file now. A message that cannot be completed would abort the association.
  isOver = true;
  expect(parts).toBe(4);
  for (let index = 0; index < 10; index++) await turn();
  expect([isReadAfter, session.outstanding, session.completed]).toEqual([false, 0, 1]);
  peer.onHead = () => {};
  peer.onRequest = (request) => peer.answer(request);
  await user.echo();
});

test('gives each request a Message ID that no outstanding request has', async () => {
  const { user, peer } = await connect(0);
  const outstanding = new Set<number>();
  let held = 0;
  peer.onRequest = (request) => {
    expect(outstanding.has(request.id)).toBe(false);
    expect(request.id).toBeGreaterThan(0);
    expect(request.id).toBeLessThanOrEqual(65_535);
    outstanding.add(request.id);
    if (held++ < 3) return;
    outstanding.delete(request.id);
    void peer.answer(request);
  };
  const waiting = [user.echo(), user.echo(), user.echo()];
  const total = 1_000;
  for (let sent = 3; sent < total; ) {
    const batch = Math.min(512, total - sent);
    await Promise.all(Array.from({ length: batch }, () => user.echo()));
    sent += batch;
  }
  const first = peer.requests.slice(0, 3);
  expect(first.map(({ id }) => id)).toEqual([1, 2, 3]);
  for (const request of first) await peer.answer(request);
  expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([0, 0, 0]);
});

describe('a peer that is silent', () => {
  test('for longer than the response timeout is aborted, and every call fails with TimeoutError', async () => {
    const { session, user, peer } = await connect(0, { timeouts: { response: 30 } });
    const cause = { name: 'TimeoutError', waitingFor: 'response', milliseconds: 30 };
    const failure = { name: 'RequestError', phase: 'await-response', delivered: true };
    const calls = await Promise.allSettled([user.echo(), user.find({ identifier: {} }).final]);
    for (const call of calls) expect(call).toMatchObject({ status: 'rejected', reason: failure });
    const causes = calls.map((call) => call.status === 'rejected' && call.reason.cause);
    for (const each of causes) expect([each, each?.cause]).toContainEqual(expect.objectContaining(cause));
    expect((await session.association.closed).how).toBe('aborted');
    expect((await peer.association.closed).how).toBe('aborted');
  });

  test('is aborted by the timeout of the call, if it has one', async () => {
    const { session, user } = await connect(undefined, { timeouts: { response: 60_000 } });
    await expect(user.echo({}, { responseTimeout: 20 })).rejects.toThrow('C-ECHO');
    expect((await session.association.closed).how).toBe('aborted');
  });

  test('is not aborted if pending responses arrive within the timeout', async () => {
    fakeClock();
    const { user, peer } = await connect(undefined, { timeouts: { response: 400 } });
    const responses = user.find({ identifier: {} });
    await peer.received(1);
    // Longer than the timeout in total, but never between two responses.
    for (let index = 0; index < 8; index++) {
      await passing(80);
      await peer.answer(peer.requests[0] as Request, Status.Pending);
    }
    await peer.answer(peer.requests[0] as Request);
    expect((await responses.final).status).toBe(0);
  });

  test.each([0, Number.POSITIVE_INFINITY])('is never aborted with a timeout of %d', async (response) => {
    const { user, peer } = await connect(undefined, { timeouts: { response } });
    const call = user.echo();
    await peer.received(1);
    for (let index = 0; index < 10; index++) await turn();
    await peer.answer(peer.requests[0] as Request);
    expect((await call).status).toBe(0);
  });
});

test('the response timeout does not count the time in which the loop is slow', async () => {
  fakeClock();
  const { session, user, peer } = await connect(undefined, { timeouts: { response: 60 } });
  const responses = user.find({ identifier: {} });
  await peer.received(1);
  const [request] = peer.requests as [Request];
  const sending = (async () => {
    for (let index = 0; index < 200; index++) await peer.answer(request, Status.Pending);
    await peer.answer(request);
  })();
  let found = 0;
  for await (const _ of responses) if (found++ === 0) await passing(300);
  expect(found).toBe(200);
  await sending;
  await session.release();
});

describe('a retrieve', () => {
  const move = { destination: 'ME', identifier: {} };

  test('is not aborted by the response timeout', async () => {
    fakeClock();
    const { session, user, peer } = await connect(undefined, { timeouts: { response: 20, retrieve: 10_000 } });
    const { final } = user.move(move);
    await peer.received(1);
    await passing(100);
    await peer.answer(peer.requests[0] as Request);
    expect((await final).status).toBe(0);
    await session.release();
  });

  test('is not aborted while sub-operations arrive, however long one of them takes', async () => {
    fakeClock();
    const { session, user, peer } = await connect(undefined, { timeouts: { response: 20, retrieve: 500 } });
    const { final } = user.move(move);
    await peer.received(1);
    for (let id = 1; id <= 3; id++) {
      await passing(150);
      await peer.store(id);
    }
    await peer.store(4, 6);
    await peer.answer(peer.requests[0] as Request);
    expect((await final).status).toBe(0);
    await session.release();
  });

  test('is not aborted while progressed() is called', async () => {
    fakeClock();
    const { session, user, peer } = await connect(undefined, { timeouts: { retrieve: 500 } });
    const responses = user.move(move);
    await peer.received(1);
    for (let index = 0; index < 5; index++) {
      await passing(150);
      responses.progressed();
    }
    await peer.answer(peer.requests[0] as Request);
    expect((await responses.final).status).toBe(0);
    await session.release();
  });

  test('is aborted if nothing arrives for the retrieve timeout', async () => {
    const { session, user } = await connect(undefined, { timeouts: { retrieve: 30 } });
    await expect(user.move(move).final).rejects.toMatchObject({ name: 'RequestError', delivered: true });
    const { how, error } = await session.association.closed;
    expect(how).toBe('aborted');
    expect([error, (error as Error | undefined)?.cause]).toContainEqual(
      expect.objectContaining({ name: 'TimeoutError', waitingFor: 'retrieve', milliseconds: 30 }),
    );
  });

  test.each(['session', 'call'])('is cancelled after its total time, set by the %s', async (by) => {
    const ofSession = by === 'session' ? { timeouts: { retrieveTotal: 30 } } : {};
    const { session, user, peer } = await connect(undefined, ofSession);
    const { final } = user.move(move, by === 'call' ? { retrieveTotalTimeout: 30 } : {});
    const failed = expect(final).rejects.toMatchObject({
      name: 'RequestError',
      cause: { name: 'TimeoutError', waitingFor: 'retrieveTotal', milliseconds: 30 },
    });
    await peer.received(1, 1);
    await peer.answer(peer.requests[0] as Request, Status.Cancel);
    await failed;
    await session.release();
  });
});

test('a cancel drops queued responses, so that a slow loop does not delay the final one', async () => {
  const { session, user, peer } = await connect(undefined, { timeouts: { cancel: 5_000 } });
  const controller = new AbortController();
  const responses = user.find({ identifier: {} }, { signal: controller.signal });
  await peer.received(1);
  const [request] = peer.requests as [Request];
  for (let index = 0; index < 100; index++) await peer.answer(request, Status.Pending);
  const reason = new Error('enough');
  controller.abort(reason);
  await peer.received(1, 1);
  await peer.answer(request, Status.Cancel);
  // No loop takes the responses.
  await session.release();
  await expect(responses.final).rejects.toBe(reason);
});

test('a loop throws once if the association is lost', async () => {
  const { session, user, peer } = await connect();
  const responses = user.find({ identifier: {} });
  await peer.received(1);
  await peer.answer(peer.requests[0] as Request, Status.PendingWithWarning);
  const statuses: number[] = [];
  const loop = (async () => {
    for await (const { status } of responses) {
      statuses.push(status);
      session.association.connection.destroy();
    }
  })();
  await expect(loop).rejects.toMatchObject({ name: 'RequestError', cause: { name: 'ConnectionLostError' } });
  expect(statuses).toEqual([Status.PendingWithWarning]);
  await expect(responses.final).rejects.toMatchObject({ name: 'RequestError', delivered: true });
});

describe('a cancelled operation', () => {
  test('sends one C-CANCEL and fails with the reason when the final response has arrived', async () => {
    const { session, user, peer } = await connect();
    const controller = new AbortController();
    const responses = user.find({ identifier: {} }, { signal: controller.signal });
    const reason = new Error('enough');
    await peer.received(1);
    controller.abort(reason);
    controller.abort(new Error('again'));
    await peer.received(1, 1);
    const failed = expect(responses.final).rejects.toBe(reason);
    await peer.answer(peer.requests[0] as Request, Status.Pending);
    await peer.answer(peer.requests[0] as Request, Status.Cancel);
    await failed;
    expect(peer.cancels).toEqual([peer.requests[0]?.id]);
    await session.release();
  });

  test('is aborted if the peer ignores C-CANCEL for the cancel timeout', async () => {
    const { session, user, peer } = await connect(undefined, { timeouts: { cancel: 30 } });
    const responses = user.find({ identifier: {} });
    await peer.received(1);
    await peer.answer(peer.requests[0] as Request, Status.Pending);
    for await (const _ of responses) break;
    await expect(responses.final).rejects.toMatchObject({ name: 'RequestError' });
    const { how, error } = await session.association.closed;
    expect(how).toBe('aborted');
    expect([error, (error as Error | undefined)?.cause]).toContainEqual(
      expect.objectContaining({ name: 'TimeoutError', waitingFor: 'cancel', milliseconds: 30 }),
    );
  });

  test('sends nothing if it is cancelled before it begins', async () => {
    const { user, peer } = await connect();
    const reason = new Error('never');
    await expect(user.echo({}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const find = user.find({ identifier: {} }, { signal: AbortSignal.abort(reason) });
    await expect(find.final).rejects.toBe(reason);
    await turn();
    expect(peer.requests).toEqual([]);
  });
});

test('every call settles once, whatever happens in whatever order', async () => {
  const step = fc.constantFrom('echo', 'find', 'loop', 'giveUp', 'answer', 'pending', 'fail', 'turn');
  const end = fc.constantFrom('answerAll', 'abort', 'peerAborts', 'dropped');
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), end, fc.constantFrom(0, 1, 3), async (steps, end, window) => {
      const { session, user, peer } = await connect(window, { timeouts: { cancel: 60_000 } });
      const controllers: AbortController[] = [];
      const calls: Promise<unknown>[] = [];
      const unanswered: Request[] = [];
      let isEnding = false;
      peer.onRequest = (request) => {
        if (isEnding) void peer.answer(request).catch(() => {});
        else unanswered.push(request);
      };
      for (const each of steps) {
        const controller = new AbortController();
        const options = { signal: controller.signal };
        if (each === 'echo') calls.push(user.echo({}, options));
        else if (each === 'find') calls.push(user.find({ identifier: {} }, options).final);
        else if (each === 'loop') {
          const responses = user.find({ identifier: {} }, options);
          calls.push(
            responses.final,
            (async () => {
              for await (const _ of responses) break;
            })(),
          );
        } else if (each === 'giveUp') controllers.shift()?.abort(new Error('given up'));
        else if (each === 'turn') await turn();
        else if (each === 'pending') {
          const find = unanswered.find(({ commandField }) => commandField === cFind.commandField);
          if (find) await peer.answer(find, Status.Pending);
        } else {
          const [request] = unanswered.splice(unanswered.length - 1, 1);
          if (request) await peer.answer(request, each === 'fail' ? Status.ProcessingFailure : Status.Success);
        }
        if (each === 'echo' || each === 'find' || each === 'loop') controllers.push(controller);
        for (const call of calls) call.catch(() => {});
      }
      const settled = Promise.allSettled(calls);
      isEnding = true;
      if (end === 'answerAll') for (const request of unanswered) await peer.answer(request);
      else if (end === 'abort') session.abort(new Error('stopped'));
      else if (end === 'peerAborts') peer.association.abort();
      else session.association.connection.destroy();
      await settled;
      if (end === 'answerAll') await session.release();
      await session.ended;
      expect(session.outstanding).toBe(0);
      peer.association.abort();
    }),
    { numRuns: 100 },
  );
});
