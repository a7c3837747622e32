import { associatedPair } from '@x/net';
import { shareHiddenClass } from '@x/testing/hidden-class';
import { afterEach, describe, expect, expectTypeOf, test } from 'vitest';
import { encodeDataSet } from '../data-set/dataset.ts';
import {
  createScp,
  DimseError,
  defineOperation,
  defineServiceClass,
  MessageExchange,
  NoContextError,
  openSession,
  type Scp,
  type ScpOptions,
  Session,
  Status,
  serve,
  storage,
  verification,
} from '../index.ts';
import { field } from '../message/field.ts';
import { C_CANCEL_RQ, cFind, nGet } from '../message/operations.ts';
import { SopClass, TransferSyntax } from '../registry/uids.generated.ts';

const CT = SopClass.CTImageStorage;
const EXPLICIT = TransferSyntax.ExplicitVRLittleEndian;

const find = defineServiceClass({
  name: 'Study Root Query',
  operations: { find: cFind },
  sopClasses: { StudyRootFind: { uid: SopClass.StudyRootQueryRetrieveInformationModelFind, operations: ['find'] } },
});

let scp: Scp | undefined;
let session: Session | undefined;
afterEach(async () => {
  session?.abort();
  await scp?.close();
  scp = undefined;
  session = undefined;
});

async function connect(services: ScpOptions['services'], extra: object = {}) {
  scp = createScp({ aeTitle: 'SCP', services });
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  session = await openSession({
    host: '127.0.0.1',
    port,
    callingAeTitle: 'SCU',
    calledAeTitle: 'SCP',
    services: [verification, find],
    contexts: [
      { abstractSyntax: SopClass.Verification, transferSyntaxes: [EXPLICIT] },
      { abstractSyntax: CT, transferSyntaxes: [EXPLICIT] },
      { abstractSyntax: SopClass.StudyRootQueryRetrieveInformationModelFind, transferSyntaxes: [EXPLICIT] },
    ],
    ...extra,
  });
  return session;
}

describe('a session', () => {
  test('stops waiting for a response and for release when the signal aborts', async () => {
    const user = await connect([serve(verification, { echo: () => new Promise(() => {}) })]);
    const echo = user.use(verification).echo();
    echo.catch(() => {});
    const controller = new AbortController();
    const releasing = user.release({ signal: controller.signal });
    releasing.catch(() => {});
    expect(user.outstanding).toBe(1);
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(releasing).rejects.toBe(reason);
    await expect(echo).rejects.toThrow('enough');
    expect(await user.association.closed).toMatchObject({ how: 'aborted', by: 'local' });
  });

  test('verifies, stores and releases', async () => {
    const stored: number[] = [];
    const user = await connect([
      serve(verification, { echo: () => Status.Success }),
      serve(storage, {
        async store({ data, sopInstance, sopClass }) {
          expect([sopInstance, sopClass]).toEqual(['1.2.3', CT]);
          for await (const batch of data) stored.push(batch.length);
          return Status.Success;
        },
      }),
    ]);
    expect(await user.use(verification).echo()).toEqual({ status: 0 });
    const data = new Uint8Array(1_000_000);
    const { status } = await user
      .use(storage)
      .store({ sopClass: CT, sopInstance: '1.2.3', transferSyntax: EXPLICIT, data });
    expect(status).toBe(0);
    expect(stored.reduce((sum, length) => sum + length, 0)).toBe(1_000_000);
    await user.release();
    expect((await user.association.closed).how).toBe('released');
  });

  test('answers the requests that it performs before it releases', async () => {
    const [requestor, acceptor] = await associatedPair();
    let called = () => {};
    const isCalled = new Promise<void>((resolve) => {
      called = resolve;
    });
    const scp = new Session(acceptor, [
      serve(verification, {
        async echo() {
          called();
          for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
          return Status.Success;
        },
      }),
    ]);
    const echo = new Session(requestor).use(verification).echo();
    await isCalled;
    await scp.release();
    expect(await echo).toEqual({ status: Status.Success });
  });

  test('releases although a handler waits for the release', async () => {
    const timeouts = { release: 50 };
    const [requestor, acceptor] = await associatedPair({ acceptor: { timeouts } });
    const scp: Session = new Session(acceptor, [
      serve(verification, {
        async echo() {
          await scp.release();
          return Status.Success;
        },
      }),
    ]);
    const scu = new Session(requestor);
    const echo = scu.use(verification).echo();
    await expect(echo).rejects.toThrow();
    await scu.release().catch(() => {});
    await scp.ended;
  });

  test('returns pending responses and the final one', async () => {
    const user = await connect([
      serve(find, {
        async *find({ identifier }) {
          expect(identifier.PatientID).toBe('42');
          for (let index = 0; index < 200; index++) yield { identifier: { PatientID: `${index}` } };
        },
      }),
    ]);
    const found = [];
    const responses = user.use(find).find({ identifier: { QueryRetrieveLevel: 'STUDY', PatientID: '42' } });
    for await (const { identifier, status } of responses) found.push([identifier?.PatientID, status]);
    expect(found).toHaveLength(200);
    expect(found[199]).toEqual(['199', Status.Pending]);
    expect((await responses.final).status).toBe(0);
    await user.release();
  });

  test('cancels when the loop is left, and the association continues', async () => {
    let ended: unknown;
    const user = await connect([
      serve(verification, { echo: () => Status.Success }),
      serve(find, {
        async *find(_request, { signal }) {
          try {
            while (!signal.aborted) {
              yield { identifier: { PatientID: '1' } };
              await new Promise((resolve) => setImmediate(resolve));
            }
          } finally {
            ended = signal.reason;
          }
        },
      }),
    ]);
    const responses = user.use(find).find({ identifier: {} });
    for await (const _ of responses) break;
    await expect(responses.final).rejects.toMatchObject({ status: Status.Cancel });
    expect(ended).toBeInstanceOf(DimseError);
    expect(await user.use(verification).echo()).toEqual({ status: 0 });
  });

  test('answers if a handler throws or is missing', async () => {
    const user = await connect([
      serve(verification, {}),
      serve(storage, {
        store() {
          throw new DimseError(Status.OutOfResources, { errorComment: 'disk full' });
        },
      }),
    ]);
    await expect(user.use(verification).echo()).rejects.toMatchObject({ status: Status.UnrecognizedOperation });
    const instance = { sopClass: CT, sopInstance: '1.2', transferSyntax: EXPLICIT, data: new Uint8Array(100_000) };
    await expect(user.use(storage).store(instance)).rejects.toMatchObject({
      status: 0xa700,
      errorComment: 'disk full',
    });
    await expect(user.use(find).find({ identifier: {} }).final).rejects.toThrow(NoContextError);
    await expect(user.use(find).find({ identifier: {} }).final).rejects.toThrow('abstract syntax not supported');
  });

  test('fails only the call whose response cannot be read', async () => {
    const [requestor, acceptor] = await associatedPair({
      request: {
        contexts: [
          { abstractSyntax: SopClass.StudyRootQueryRetrieveInformationModelFind, transferSyntaxes: [EXPLICIT] },
        ],
      },
    });
    const user = new Session(requestor);
    const provider = new MessageExchange(acceptor);
    const answers = (async () => {
      for await (const { context, command, data } of provider.messages()) {
        await data?.discard();
        const response = { commandField: 0x8020, messageIdBeingRespondedTo: command.messageId ?? 0 };
        if (command.messageId === 1)
          await provider.send(context.id, { ...response, status: 0xff00 }, Buffer.from('nonsense'));
        await provider.send(context.id, { ...response, status: 0 });
      }
    })();
    await expect(user.use(find).find({ identifier: {} }).final).rejects.toMatchObject({
      name: 'RequestError',
      cause: { name: 'DataSetError' },
    });
    expect((await user.use(find).find({ identifier: {} }).final).status).toBe(0);
    await user.release();
    await answers;
  });

  test('fails only the call of an N-service whose response cannot be decoded', async () => {
    const steps = defineServiceClass({
      name: 'Steps',
      operations: { get: nGet },
      sopClasses: { Step: { uid: SopClass.ModalityPerformedProcedureStepRetrieve, operations: ['get'] } },
    });
    const [requestor, acceptor] = await associatedPair({
      request: {
        contexts: [{ abstractSyntax: SopClass.ModalityPerformedProcedureStepRetrieve, transferSyntaxes: [EXPLICIT] }],
      },
    });
    const user = new Session(requestor);
    const provider = new MessageExchange(acceptor);
    const answers = (async () => {
      for await (const { context, command } of provider.messages()) {
        const response = { commandField: 0x8110, messageIdBeingRespondedTo: command.messageId ?? 0, status: 0 };
        const good = encodeDataSet({ PatientID: 'A' }, EXPLICIT);
        await provider.send(context.id, response, command.messageId === 1 ? Buffer.from('nonsense') : good);
      }
    })();
    const get = () => user.use(steps).get({ sopInstance: '1.2' });
    await expect(get()).rejects.toMatchObject({
      name: 'RequestError',
      code: 'REQUEST_NO_RESPONSE',
      cause: { name: 'DataSetError', code: 'DATA_SET_INVALID' },
    });
    expect((await get()).attributes).toMatchObject({ PatientID: 'A' });
    await user.release();
    await answers;
  });

  test('gives a response that cannot be decoded with its bytes, and the others', async () => {
    const [requestor, acceptor] = await associatedPair({
      request: {
        contexts: [
          { abstractSyntax: SopClass.StudyRootQueryRetrieveInformationModelFind, transferSyntaxes: [EXPLICIT] },
        ],
      },
    });
    const user = new Session(requestor);
    const provider = new MessageExchange(acceptor);
    const good = (id: string) => encodeDataSet({ PatientID: id }, EXPLICIT);
    // (0020,1206) US of one byte.
    const bad = [
      Buffer.from('20000612555301000100', 'hex'),
      Buffer.from('nonsense'),
      Buffer.concat([good('2'), Uint8Array.of(8, 0)]),
    ];
    const cancelled: unknown[] = [];
    const answers = (async () => {
      for await (const { context, command, data } of provider.messages()) {
        await data?.discard();
        if (command.commandField === C_CANCEL_RQ) cancelled.push(command);
        const response = { commandField: 0x8020, messageIdBeingRespondedTo: command.messageId ?? 0 };
        for (const answer of [good('1'), ...bad, good('3')])
          await provider.send(context.id, { ...response, status: 0xff00 }, answer);
        await provider.send(context.id, { ...response, status: 0 });
      }
    })();
    const responses = user.use(find).find({ identifier: {} });
    const found: unknown[] = [];
    for await (const { identifier, unreadable } of responses) {
      if (unreadable) expect([unreadable.error.name, unreadable.transferSyntax]).toEqual(['DataSetError', EXPLICIT]);
      found.push(identifier?.PatientID ?? Buffer.from(unreadable?.bytes ?? []).toString('hex'));
    }
    expect(found).toEqual(['1', ...bad.map((bytes) => bytes.toString('hex')), '3']);
    expect(await responses.final).toEqual({ status: 0 });
    expect(cancelled).toEqual([]);
    await user.release();
    await answers;
  });

  test('fails pending calls when the association is aborted', async () => {
    const user = await connect([
      serve(verification, {
        echo(_request, { session }) {
          session.abort();
          return new Promise<number>(() => {});
        },
      }),
    ]);
    await expect(user.use(verification).echo()).rejects.toMatchObject({
      name: 'RequestError',
      phase: 'await-response',
      delivered: true,
      cause: { name: 'AssociationAbortedError', by: 'peer' },
    });
  });
});

test('types follow from the definition', () => {
  const count = defineOperation({
    name: 'X-COUNT',
    commandField: 0x0ff0,
    answers: 'one',
    request: { limit: field.short('eventTypeId') },
    response: { reply: field.optional(field.dataSet) },
  });
  const counting = defineServiceClass({
    name: 'Counting',
    operations: { count },
    sopClasses: { Counting: { uid: '1.2.3', operations: ['count'] } },
  });
  const use = (s: Session) => s.use(counting).count({ limit: 3 });
  expectTypeOf(use).returns.resolves.toHaveProperty('status');
  // @ts-expect-error: the request needs a limit
  const wrong = (s: Session) => s.use(counting).count({});
  const instance = { sopInstance: '1', transferSyntax: '1', data: new Uint8Array() };
  // @ts-expect-error: storage has many SOP classes, so one must be named
  const unnamed = (s: Session) => s.use(storage).store(instance);
  expect([wrong, unnamed]).toHaveLength(2);
});

test('the contexts of handlers share a hidden class, so that V8 frees a message soon after its answer', async () => {
  const contexts: object[] = [];
  const echo = (_: unknown, context: object) => {
    contexts.push(context);
    return Status.Success;
  };
  const opened = await connect([serve(verification, { echo })]);
  for (let round = 0; round < 3; round++) await opened.use(verification).echo();
  expect(shareHiddenClass(contexts)).toBe(true);
});
