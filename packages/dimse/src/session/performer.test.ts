import { type Association, accept, associatedPair, ReturnValueError } from '@x/net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type DataSet, decodeDataSet, encodeDataSet } from '../data-set/dataset.ts';
import type { CommandSet } from '../message/command-set.ts';
import { DimseError } from '../message/errors.ts';
import { field } from '../message/field.ts';
import { MessageExchange } from '../message/message.ts';
import { defineOperation } from '../message/operation.ts';
import { C_CANCEL_RQ, cEcho, cFind, cGet, cStore } from '../message/operations.ts';
import { Status } from '../message/status.ts';
import { SopClass, TransferSyntax } from '../registry/uids.generated.ts';
import { defineServiceClass, type Handlers, serve } from './service-class.ts';
import { Session } from './session.ts';
import type { SessionOptions } from './session-options.ts';

const UID = SopClass.StudyRootQueryRetrieveInformationModelFind;
const EXPLICIT = TransferSyntax.ExplicitVRLittleEndian;
const count = defineOperation({
  name: 'X-COUNT',
  commandField: 0x0ff0,
  answers: 'one',
  request: { name: field.uid('affectedSopInstanceUid') },
  response: { count: field.short('eventTypeId') },
});
const mixed = defineServiceClass({
  name: 'Mixed',
  operations: { echo: cEcho, find: cFind, get: cGet, store: cStore, count },
  sopClasses: { Mixed: { uid: UID, operations: ['echo', 'find', 'get', 'store', 'count'] } },
});
const NONSENSE = Buffer.from('this is no data set');
const thrown = (error: Error): never => {
  throw error;
};
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const turns = async () => {
  for (let index = 0; index < 10; index++) await turn();
};

const open = new Set<Association>();
afterEach(() => {
  for (const association of open) association.abort();
  open.clear();
});

interface Answer {
  readonly command: CommandSet;
  readonly dataSet?: DataSet;
}

/** The peer, which sends what the test tells it and records the responses. */
class Peer {
  readonly association: Association;
  readonly exchange: MessageExchange;
  readonly #reader: AsyncGenerator<Answer, void, undefined>;

  constructor(association: Association) {
    this.association = association;
    this.exchange = new MessageExchange(association);
    this.#reader = this.#answers();
  }

  async ask(commandField: number, messageId: number, options: AskOptions = {}): Promise<void> {
    const { contextId = 1, identifier, elements } = options;
    const command = { affectedSopClassUid: UID, commandField, messageId, priority: 0, ...elements };
    await this.exchange.send(contextId, command, identifier && encodeDataSet(identifier, EXPLICIT));
  }

  find(messageId: number, contextId = 1): Promise<void> {
    return this.ask(cFind.commandField, messageId, { contextId, identifier: { PatientID: `${messageId}` } });
  }

  cancel(messageId: number, contextId = 1): Promise<void> {
    return this.exchange.send(contextId, { commandField: C_CANCEL_RQ, messageIdBeingRespondedTo: messageId });
  }

  /** The next response, as `[Message ID, status]`. */
  async answer(): Promise<[number | undefined, number | undefined]> {
    const { command } = await this.wholeAnswer();
    return [command.messageIdBeingRespondedTo, command.status];
  }

  async wholeAnswer(): Promise<Answer> {
    const { value } = await this.#reader.next();
    if (!value) throw new Error('the association was released');
    return value;
  }

  async *#answers(): AsyncGenerator<Answer, void, undefined> {
    for await (const { command, data } of this.exchange.messages())
      yield { command, ...(data && { dataSet: decodeDataSet(await data.collect(1_000_000), EXPLICIT) }) };
  }
}

interface AskOptions {
  readonly contextId?: number;
  readonly identifier?: DataSet;
  readonly elements?: Partial<CommandSet>;
}

async function connect(handlers: Handlers<typeof mixed>, window?: number, options: SessionOptions = {}) {
  const windows = window === undefined ? {} : { asynchronousOperations: window };
  const context = { abstractSyntax: UID, transferSyntaxes: [EXPLICIT] };
  const [requestor, acceptor] = await associatedPair({
    request: { contexts: [context, context], ...windows },
    decide: () => accept({ supports: () => ({ transferSyntaxes: 'any' }), ...windows }),
  });
  open.add(requestor).add(acceptor);
  const session = new Session(acceptor, [serve(mixed, handlers)], options);
  return { session, peer: new Peer(requestor) };
}

/** Handlers that wait until the test lets them continue. */
function gates() {
  const waiting: (() => void)[] = [];
  let wake = () => {};
  return {
    waiting,
    pass: async (): Promise<number> => {
      const opened = new Promise<void>((resolve) => waiting.push(resolve));
      wake();
      await opened;
      return Status.Success;
    },
    reached: async (count: number) => {
      while (waiting.length < count)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    },
  };
}

describe('the asynchronous operations window', () => {
  test.each([
    ['not negotiated', undefined, 1],
    ['of 1', 1, 1],
    ['of 4', 4, 4],
    ['without limit', 0, 20],
  ])('%s is how many handlers run at once, answered in any order', async (_, window, expected) => {
    const gate = gates();
    const { session, peer } = await connect({ echo: gate.pass }, window);
    for (let id = 1; id <= expected; id++) await peer.ask(cEcho.commandField, id);
    await gate.reached(expected);
    expect(session.performing).toBe(expected);
    for (let id = expected; id >= 1; id--) {
      gate.waiting[id - 1]?.();
      expect(await peer.answer()).toEqual([id, Status.Success]);
      expect(session.performing).toBe(id - 1);
    }
  });

  test.each([
    ['not negotiated', undefined, 1],
    ['of 3', 3, 3],
  ])('%s: what a peer asks beyond it aborts the association', async (_, window, allowed) => {
    const gate = gates();
    const signals: AbortSignal[] = [];
    const echo = async (_request: unknown, { signal }: { signal: AbortSignal }) => {
      signals.push(signal);
      return gate.pass();
    };
    const { session, peer } = await connect({ echo }, window);
    for (let id = 1; id <= allowed; id++) await peer.ask(cEcho.commandField, id);
    await gate.reached(allowed);
    await peer.ask(cEcho.commandField, allowed + 1);
    await expect(peer.answer()).rejects.toMatchObject({ name: 'AssociationAbortedError', by: 'peer', source: 2 });
    const { how, error } = await session.association.closed;
    expect(how).toBe('aborted');
    expect(`${(error as Error).message}`).toContain(`${allowed} were negotiated`);
    await session.ended;
    expect(signals.map(({ aborted }) => aborted)).toEqual(Array(allowed).fill(true));
    for (const pass of gate.waiting) pass();
  });

  test('is free before the response is sent, so that a peer that waits for responses never exceeds it', async () => {
    const { peer } = await connect({ echo: () => Status.Success }, 1);
    for (let id = 1; id <= 200; id++) {
      await peer.ask(cEcho.commandField, id);
      expect(await peer.answer()).toEqual([id, Status.Success]);
    }
  });

  test('does not mix the responses of handlers that run at once', async () => {
    const PatientComments = 'x'.repeat(9_000);
    const { peer } = await connect(
      {
        async *find({ identifier }) {
          for (let index = 0; index < 20; index++)
            yield { identifier: { PatientID: identifier.PatientID as string, PatientComments } };
        },
      },
      4,
    );
    for (let id = 1; id <= 4; id++) await peer.find(id);
    const finals: number[] = [];
    const counts = new Map<number, number>();
    while (finals.length < 4) {
      const { command, dataSet } = await peer.wholeAnswer();
      const id = command.messageIdBeingRespondedTo as number;
      if (command.status === Status.Success) finals.push(id);
      else {
        expect([dataSet?.PatientID, dataSet?.PatientComments]).toEqual([`${id}`, PatientComments]);
        counts.set(id, (counts.get(id) ?? 0) + 1);
      }
    }
    expect(finals.sort()).toEqual([1, 2, 3, 4]);
    expect([...counts.values()]).toEqual([20, 20, 20, 20]);
  });

  test('answers a Message ID that is in use with 0210H', async () => {
    const gate = gates();
    const { peer } = await connect({ echo: gate.pass }, 0);
    await peer.ask(cEcho.commandField, 7);
    await gate.reached(1);
    await peer.ask(cEcho.commandField, 7);
    expect(await peer.answer()).toEqual([7, Status.DuplicateInvocation]);
    gate.waiting[0]?.();
    expect(await peer.answer()).toEqual([7, Status.Success]);
  });
});

describe('C-CANCEL', () => {
  const forEver: Handlers<typeof mixed> = {
    echo: () => Status.Success,
    // This handler ignores its signal.
    async *find({ identifier }) {
      for (;;) {
        yield { identifier };
        await turn();
      }
    },
  };

  /** Reads responses until the final one and returns its status. */
  async function finalOf(peer: Peer): Promise<number | undefined> {
    for (;;) {
      const [, status] = await peer.answer();
      if (status !== Status.Pending) return status;
    }
  }

  test('ends a handler that ignores its signal', async () => {
    const { session, peer } = await connect(forEver);
    await peer.find(1);
    expect(await peer.answer()).toEqual([1, Status.Pending]);
    await peer.cancel(1);
    expect(await finalOf(peer)).toBe(Status.Cancel);
    expect(session.performing).toBe(0);
  });

  test('on another presentation context or with an unknown Message ID has no effect', async () => {
    const { session, peer } = await connect(forEver);
    await peer.find(1);
    await peer.cancel(1, 3);
    await peer.cancel(99);
    for (let index = 0; index < 20; index++) expect(await peer.answer()).toEqual([1, Status.Pending]);
    expect(session.performing).toBe(1);
    await peer.cancel(1);
    expect(await finalOf(peer)).toBe(Status.Cancel);
  });

  test('before the request or after its final response has no effect', async () => {
    const { peer } = await connect({ ...forEver, async *find() {} });
    await peer.cancel(1);
    await peer.find(1);
    expect(await peer.answer()).toEqual([1, Status.Success]);
    await peer.cancel(1);
    await peer.ask(cEcho.commandField, 1);
    expect(await peer.answer()).toEqual([1, Status.Success]);
  });

  test('lets the handler end with its own status and counts', async () => {
    const { peer } = await connect({
      async *get(_request, { signal }) {
        yield { remaining: 3, completed: 1 };
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        return { status: Status.Cancel, remaining: 3, completed: 1, failed: 0, warning: 0 };
      },
    });
    await peer.ask(cGet.commandField, 1, { identifier: {} });
    expect(await peer.answer()).toEqual([1, Status.Pending]);
    await peer.cancel(1);
    const { command } = await peer.wholeAnswer();
    expect(command).toMatchObject({ status: Status.Cancel, numberOfRemainingSuboperations: 3 });
  });

  test('answers with the value that an ended generator returns', async () => {
    const { peer } = await connect({
      async *get() {
        try {
          for (;;) {
            yield { remaining: 2, completed: 5 };
            await turn();
          }
        } finally {
          // biome-ignore lint/correctness/noUnsafeFinally: this is the subject of the test
          return { status: Status.Cancel, remaining: 2, completed: 5 };
        }
      },
    });
    await peer.ask(cGet.commandField, 1, { identifier: {} });
    await peer.answer();
    await peer.cancel(1);
    let answer = await peer.wholeAnswer();
    while (answer.command.status === Status.Pending) answer = await peer.wholeAnswer();
    expect(answer.command).toMatchObject({ status: Status.Cancel, numberOfCompletedSuboperations: 5 });
  });

  test('is answered with Cancel if the handler throws because of its signal', async () => {
    const { session, peer } = await connect({
      async *find(_request, { signal }) {
        yield { identifier: {} };
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
    });
    const failed = vi.fn();
    session.on('handlerError', failed);
    await peer.find(1);
    await peer.answer();
    await peer.cancel(1);
    expect(await peer.answer()).toEqual([1, Status.Cancel]);
    expect(failed).not.toHaveBeenCalled();
  });
});

describe('a response', () => {
  test.each([
    ['a pending status with a warning', 0xff01, [0xff01, Status.Success]],
    ['a success', Status.Success, [Status.ProcessingFailure]],
    ['a failure', 0xa700, [Status.ProcessingFailure]],
  ])('%s', async (_, status, expected) => {
    const { session, peer } = await connect({
      async *find() {
        yield { status, identifier: {} };
      },
    });
    const failed = vi.fn();
    session.on('handlerError', failed);
    await peer.find(1);
    for (const each of expected) expect(await peer.answer()).toEqual([1, each]);
    expect(failed).toHaveBeenCalledTimes(expected.length === 1 ? 1 : 0);
  });

  test.each([Status.Pending, Status.PendingWithWarning])(
    'cannot end an operation with the pending status %d',
    async (status) => {
      const { peer } = await connect({
        echo: () => status,
        // biome-ignore lint/correctness/useYield: it only ends
        async *find() {
          return status;
        },
      });
      await peer.ask(cEcho.commandField, 1);
      expect(await peer.answer()).toEqual([1, Status.ProcessingFailure]);
      await peer.find(2);
      expect(await peer.answer()).toEqual([2, Status.ProcessingFailure]);
    },
  );

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['no status', {}],
    ['text', '0000'],
    ['not a number', Number.NaN],
    ['more than 16 bits', 0x10000],
    ['more than 16 bits, with properties', { status: 0x20000 }],
    ['less than zero', -1],
    ['a fraction', { status: 0.5 }],
  ])('with %s for a status is 0110H, and never Success', async (_, answer) => {
    const { session, peer } = await connect({ echo: () => answer as number });
    const failed = vi.fn();
    session.on('handlerError', failed);
    await peer.ask(cEcho.commandField, 1);
    expect(await peer.answer()).toEqual([1, Status.ProcessingFailure]);
    expect(failed).toHaveBeenCalledWith(expect.any(ReturnValueError), expect.anything());
  });

  test.each([Status.Success, Status.Pending, 0x10000])('is 0110H if a handler throws the status %d', async (status) => {
    const { peer } = await connect({
      echo() {
        throw new DimseError(status);
      },
    });
    await peer.ask(cEcho.commandField, 1);
    expect(await peer.answer()).toEqual([1, Status.ProcessingFailure]);
  });

  test.each([0xa700, 0xa900, 0xc001, 0xb000, 0xb001, Status.Cancel])(
    'ends with status %d as it is returned',
    async (status) => {
      const { peer } = await connect({
        async *find() {
          yield { identifier: {} };
          return status;
        },
      });
      await peer.find(1);
      expect(await peer.answer()).toEqual([1, Status.Pending]);
      expect(await peer.answer()).toEqual([1, status]);
    },
  );

  test('to an unknown command is 0211H, and the association continues', async () => {
    const { peer } = await connect({ echo: () => Status.Success });
    await peer.ask(0x7777, 1);
    const { command } = await peer.wholeAnswer();
    expect([command.commandField, command.status]).toEqual([0xf777, Status.UnrecognizedOperation]);
    // A response without a request.
    await peer.exchange.send(1, { commandField: 0xf777, messageIdBeingRespondedTo: 1, status: 0 });
    await peer.ask(cEcho.commandField, 2);
    expect(await peer.answer()).toEqual([2, Status.Success]);
  });

  test('that cannot be encoded becomes 0110H and ends the handler', async () => {
    let isEnded = false;
    const { session, peer } = await connect({
      async *find() {
        try {
          yield { identifier: { SpecificCharacterSet: 'ISO_IR 100', PatientID: 'é' } };
          yield { identifier: { SpecificCharacterSet: 'ISO_IR 100', PatientID: '山' } };
        } finally {
          isEnded = true;
        }
      },
    });
    const errors: unknown[] = [];
    session.on('handlerError', (error) => errors.push(error));
    await peer.find(1);
    expect(await peer.answer()).toEqual([1, Status.Pending]);
    expect((await peer.wholeAnswer()).command).toMatchObject({
      messageIdBeingRespondedTo: 1,
      status: Status.ProcessingFailure,
      errorComment: 'the answer cannot be encoded',
    });
    expect(errors).toMatchObject([{ name: 'DataSetError', tag: 0x00100020 }]);
    expect(isEnded).toBe(true);
    await peer.association.release();
  });

  test('to a C-FIND without identifier is 0212H', async () => {
    const { peer } = await connect({ async *find() {} });
    await peer.ask(cFind.commandField, 1);
    expect(await peer.answer()).toEqual([1, Status.MistypedArgument]);
  });

  test('to a request without a required element is 0212H and names the element', async () => {
    const store = vi.fn(() => Status.Success);
    const { peer } = await connect({ store });
    for (const elements of [{}, { affectedSopInstanceUid: '' }]) {
      await peer.ask(cStore.commandField, 1, { identifier: {}, elements });
      expect((await peer.wholeAnswer()).command).toMatchObject({
        status: Status.MistypedArgument,
        errorComment: 'the request has no sopInstance',
      });
    }
    expect(store).not.toHaveBeenCalled();
  });

  test('to an identifier that is too long is A700H, and the association continues', async () => {
    const find = vi.fn();
    const { peer } = await connect({ find, echo: () => Status.Success }, undefined, { maximumDataSetLength: 100 });
    await peer.ask(cFind.commandField, 1, { identifier: { PatientComments: 'x'.repeat(400_000) } });
    expect((await peer.wholeAnswer()).command).toMatchObject({
      status: Status.OutOfResources,
      errorComment: 'a data set has 400012 bytes, more than the 100 taken',
    });
    expect(find).not.toHaveBeenCalled();
    await peer.ask(cEcho.commandField, 2);
    expect(await peer.answer()).toEqual([2, Status.Success]);
  });

  test('to an identifier of 0 bytes is the same as to one without keys', async () => {
    const find = vi.fn();
    const { peer } = await connect({
      async *find({ identifier }) {
        find(identifier);
        yield { identifier };
      },
    });
    const command = { affectedSopClassUid: UID, commandField: cFind.commandField, messageId: 1 };
    await peer.exchange.send(1, command, new Uint8Array(0));
    expect(await peer.answer()).toEqual([1, Status.Pending]);
    expect(await peer.answer()).toEqual([1, Status.Success]);
    expect(find).toHaveBeenCalledWith({});
  });

  test('to a malformed identifier is C000H', async () => {
    const { peer } = await connect({ async *find() {} });
    await peer.exchange.send(1, { affectedSopClassUid: UID, commandField: cFind.commandField, messageId: 1 }, NONSENSE);
    expect(await peer.answer()).toEqual([1, Status.CannotUnderstand]);
  });

  test('is sent even if the request has data that the operation does not define', async () => {
    const { peer } = await connect({ echo: () => Status.Success });
    await peer.exchange.send(1, { affectedSopClassUid: UID, commandField: cEcho.commandField, messageId: 1 }, NONSENSE);
    expect(await peer.answer()).toEqual([1, Status.Success]);
  });

  test.each<[string, () => number, number]>([
    ['a failure that is returned', () => 0xc001, 0xc001],
    ['a failure that is thrown', () => thrown(new DimseError(0x0112)), 0x0112],
    ['any other error', () => thrown(new Error('broken')), Status.ProcessingFailure],
    ['a success without a required property', () => Status.Success, Status.ProcessingFailure],
  ])('of an operation with required properties: %s', async (_, handler, expected) => {
    const { peer } = await connect({ count: handler });
    await peer.ask(count.commandField, 1, { elements: { affectedSopInstanceUid: '1.2' } });
    expect(await peer.answer()).toEqual([1, expected]);
  });

  test.each<[string, ConstructorParameters<typeof DimseError>[1]]>([
    ['whose data set cannot be encoded', { response: { identifier: { SpecificCharacterSet: '', PatientID: {} } } }],
    ['whose error comment is not text', { errorComment: 5 as never }],
    ['whose offending elements are not tags', { offendingElements: [-1] }],
  ])('that is thrown, %s, is 0110H, and the association goes on', async (_, details) => {
    const { peer } = await connect({
      echo: () => Status.Success,
      // biome-ignore lint/correctness/useYield: it only ends
      async *find() {
        throw new DimseError(0xa700, details);
      },
    });
    await peer.find(1);
    expect(await peer.answer()).toEqual([1, Status.ProcessingFailure]);
    await peer.ask(cEcho.commandField, 2);
    expect(await peer.answer()).toEqual([2, Status.Success]);
  });

  test('is sent even if listeners throw', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const { session, peer } = await connect({
      echo() {
        throw new Error('broken');
      },
    });
    const failing = () => {
      throw new Error('listener');
    };
    session.on('handlerError', failing).on('message', failing);
    await peer.ask(cEcho.commandField, 1);
    expect(await peer.answer()).toEqual([1, Status.ProcessingFailure]);
    await peer.ask(cEcho.commandField, 2);
    expect(await peer.answer()).toEqual([2, Status.ProcessingFailure]);
    expect(warned).toHaveBeenCalledWith(expect.stringContaining('listener'), 'ListenerError');
    warned.mockRestore();
  });
});

describe('backpressure', () => {
  const PatientComments = 'x'.repeat(4_000);

  function producing() {
    const state = { produced: 0 };
    const handlers: Handlers<typeof mixed> = {
      async *find() {
        for (; state.produced < 2_000; state.produced++) yield { identifier: { PatientComments } };
      },
    };
    return { state, handlers };
  }

  test('a peer that does not read holds the generator back and loses nothing', async () => {
    const { state, handlers } = producing();
    const { peer } = await connect(handlers);
    await peer.find(1);
    await turns();
    const held = state.produced;
    expect(held).toBeLessThan(1_000);
    await turns();
    expect(state.produced).toBe(held);
    for (let index = 0; index < 2_000; index++) expect(await peer.answer()).toEqual([1, Status.Pending]);
    expect(await peer.answer()).toEqual([1, Status.Success]);
  });

  test('a slow loop holds back the generator at the other end', async () => {
    const { state, handlers } = producing();
    const { peer } = await connect(handlers);
    const user = new Session(peer.association);
    let seen = 0;
    for await (const _ of user.use(mixed).find({ identifier: {} })) {
      if (seen++ % 400 !== 0) continue;
      await turns();
      const held = state.produced;
      await turns();
      expect(state.produced).toBe(held);
      expect(held - seen).toBeLessThan(1_000);
    }
    expect(seen).toBe(2_000);
  });
});

test('the signal of a handler aborts when the association ends', async () => {
  let reason: unknown;
  let began = () => {};
  const running = new Promise<void>((resolve) => {
    began = resolve;
  });
  const { session, peer } = await connect({
    async *find(_request, { signal }) {
      began();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      reason = signal.reason;
      throw new DimseError(Status.ProcessingFailure);
    },
  });
  await peer.find(1);
  await running;
  session.association.connection.destroy();
  await session.ended;
  await turn();
  expect(reason).toMatchObject({ name: 'ConnectionLostError' });
});

describe('the data sets of requests that are performed at once', () => {
  const identifier = { PatientID: 'x'.repeat(42) };
  const length = encodeDataSet(identifier, EXPLICIT).length;

  test.each([
    ['one byte less than two', 2 * length - 1, Status.OutOfResources],
    ['two', 2 * length, Status.Success],
    ['one byte more than two', 2 * length + 1, Status.Success],
  ])('may have %s in all', async (_, maximumPerformingLength, status) => {
    const finish: (() => void)[] = [];
    const find: Handlers<typeof mixed>['find'] = async function* () {
      yield {};
      await new Promise<void>((resolve) => finish.push(resolve));
    };
    const { peer } = await connect({ find }, 4, { maximumPerformingLength });
    const ask = (messageId: number) => peer.ask(cFind.commandField, messageId, { identifier });
    await ask(1);
    expect(await peer.answer()).toEqual([1, Status.Pending]);
    await ask(2);
    const answer = await peer.wholeAnswer();
    if (status === Status.Success) expect(answer.command).toMatchObject({ status: Status.Pending });
    else {
      expect(answer.command).toMatchObject({ messageIdBeingRespondedTo: 2, status });
      expect(answer.command.errorComment).toBe(`a data set has ${length} bytes, more than the ${length - 1} taken`);
    }
    for (const each of finish) each();
    expect(await peer.answer()).toEqual([1, Status.Success]);
    if (status === Status.Success) expect(await peer.answer()).toEqual([2, Status.Success]);
    // Alone, a request may have a data set of any length up to the limit of one.
    await ask(3);
    expect(await peer.answer()).toEqual([3, Status.Pending]);
    for (const each of finish) each();
  });

  test('may be one that is longer than the limit of all', async () => {
    const find: Handlers<typeof mixed>['find'] = async function* () {};
    const { peer } = await connect({ find }, 4, { maximumPerformingLength: 1 });
    await peer.ask(cFind.commandField, 1, { identifier });
    expect(await peer.answer()).toEqual([1, Status.Success]);
  });
});

test('a generator that waits for nothing lets others have their turn', async () => {
  let inThisTurn = 0;
  let most = 0;
  let given = 0;
  async function* find() {
    for (; given < 1000; given++) {
      most = Math.max(most, ++inThisTurn);
      yield { identifier: { PatientID: 'X' } };
    }
    return Status.Success;
  }
  const { session, peer } = await connect({ find });
  await peer.find(1);
  const answers: unknown[] = [];
  const answered = (async () => {
    while (answers.length <= 1000) answers.push((await peer.answer())[1]);
  })();
  while (given < 1000 && session.association.isEstablished) {
    inThisTurn = 0;
    await turn();
  }
  await answered;
  expect(answers).toEqual([...Array(1000).fill(Status.Pending), Status.Success]);
  expect(most).toBeLessThanOrEqual(128);
});

test.each(Array.from({ length: 16 }, (_, steps) => steps))(
  'a request that arrives %i steps before its receiver releases the association is answered before',
  async (steps) => {
    const { session, peer } = await connect({
      async *find() {
        yield { PatientID: '1' };
      },
    });
    const released = new Promise<void>((resolve, reject) => {
      session.on('message', async (direction) => {
        if (direction !== 'received') return;
        for (let step = 0; step < steps; step++) await undefined;
        session.release().then(resolve, reject);
      });
    });
    await peer.find(1);
    expect([await peer.answer(), await peer.answer()]).toEqual([
      [1, Status.Pending],
      [1, Status.Success],
    ]);
    await released;
  },
);
