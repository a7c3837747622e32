// Large and hostile data sets in requests: limits, and turns of the event loop for other associations.

import { afterEach, describe, expect, test } from 'vitest';
import { ATTRIBUTE_LIST_LIMITS, IDENTIFIER_LIMITS } from '../data-set/data-set-limits.ts';
import type { DataSet, UntypedDataSet } from '../data-set/dataset.ts';
import { Status } from '../message/status.ts';
import { TransferSyntax } from '../registry/uids.generated.ts';
import { modalityPerformedProcedureStep } from '../services/performed-procedure-step.ts';
import { studyRoot } from '../services/query-retrieve.ts';
import { storageCommitment } from '../services/storage-commitment.ts';
import { UNITS_PER_STEP, watchSteps } from '../turns.ts';
import { createScp, type Scp } from './scp.ts';
import { impliedContexts, openSession } from './scu.ts';
import { type ServeOptions, serve } from './service-class.ts';
import type { Session } from './session.ts';
import { verification } from './verification.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

const services = [studyRoot, storageCommitment, modalityPerformedProcedureStep, verification];

/** An SCP, and sessions with it. `received` has the data sets that reached a handler. */
async function start(options: ServeOptions = {}) {
  const received: (UntypedDataSet | undefined)[] = [];
  const scp: Scp = createScp({
    aeTitle: 'SCP',
    services: [
      serve(
        studyRoot,
        {
          async *rawFind({ identifier }) {
            received.push(identifier);
            yield { identifier: {} };
          },
        },
        options,
      ),
      serve(
        storageCommitment,
        {
          action({ information }) {
            received.push(information);
            return Status.Success;
          },
        },
        options,
      ),
      serve(modalityPerformedProcedureStep, {
        set({ attributes }) {
          received.push(attributes);
          return Status.Success;
        },
      }),
      serve(verification, { echo: () => Status.Success }),
    ],
  });
  cleanUp.push(() => scp.close());
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  const open = async (transferSyntaxes?: readonly string[]): Promise<Session> => {
    const session = await openSession({
      host: '127.0.0.1',
      port,
      callingAeTitle: 'SCU',
      calledAeTitle: 'SCP',
      services,
      ...(transferSyntaxes && {
        contexts: impliedContexts(services).map((context) => ({ ...context, transferSyntaxes })),
      }),
    });
    cleanUp.push(() => session.abort());
    return session;
  };
  return { open, received };
}

const privateElements = (count: number): DataSet =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      (0x00091000 + (index >> 8) * 0x20000 + (index & 0xff)).toString(16).padStart(8, '0'),
      { vr: 'LO', value: '' },
    ]),
  );

const references = (count: number): DataSet => ({
  TransactionUID: '1.2.3',
  ReferencedSOPSequence: Array.from({ length: count }, (_, index) => ({
    ReferencedSOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
    ReferencedSOPInstanceUID: `1.2.3.${index}`,
  })),
});

const commit = (session: Session, information: DataSet) =>
  session.use(storageCommitment).action({ sopInstance: '1.2.840.10008.1.20.1.1', actionType: 1, information });

describe('an identifier', () => {
  const find = (session: Session, identifier: DataSet) => session.use(studyRoot).find({ identifier }).final;

  test('may have as many elements as the limit, and with one more is answered with A900H', async () => {
    const { open, received } = await start();
    const session = await open();
    const most = IDENTIFIER_LIMITS.maximumElements;
    await find(session, privateElements(most));
    expect(Object.keys(received[0] ?? {})).toHaveLength(most);
    await expect(find(session, privateElements(most + 1))).rejects.toMatchObject({
      status: Status.DataSetDoesNotMatchSopClass,
      errorComment: expect.stringContaining(`is element ${most + 1}`),
    });
    expect(await session.use(verification).echo()).toMatchObject({ status: Status.Success });
    expect(received).toHaveLength(1);
  });

  test('that is longer than 1 MiB is answered with A700H', async () => {
    const { open, received } = await start();
    const identifier = { PatientComments: 'x'.repeat(IDENTIFIER_LIMITS.maximumDataSetLength) };
    await expect(find(await open(), identifier)).rejects.toMatchObject({ status: Status.OutOfResources });
    expect(received).toHaveLength(0);
  });

  test('that inflates to more than 4 MiB is answered with A900H', async () => {
    const { open, received } = await start();
    const session = await open([TransferSyntax.DeflatedExplicitVRLittleEndian]);
    const identifier = (length: number) => ({ PatientComments: 'x'.repeat(length) });
    await find(session, identifier(IDENTIFIER_LIMITS.maximumInflatedLength - 1000));
    await expect(find(session, identifier(IDENTIFIER_LIMITS.maximumInflatedLength))).rejects.toMatchObject({
      status: Status.DataSetDoesNotMatchSopClass,
      errorComment: expect.stringContaining('cannot be inflated'),
    });
    expect(received).toHaveLength(1);
  });
});

test('a data set of an N-service with too many elements is answered with 0110H', async () => {
  const { open, received } = await start({ maximumElements: 100 });
  const session = await open();
  // Two elements, and three for each item.
  expect(await commit(session, references(32))).toMatchObject({ status: Status.Success });
  await expect(commit(session, references(33))).rejects.toMatchObject({
    status: Status.ProcessingFailure,
    errorComment: expect.stringContaining('is element 101'),
  });
  expect(received).toHaveLength(1);
});

test('an item with too many elements is answered with 0110H', async () => {
  const { open } = await start();
  const most = ATTRIBUTE_LIST_LIMITS.maximumElementsPerItem;
  await expect(commit(await open(), privateElements(most + 1))).rejects.toMatchObject({
    status: Status.ProcessingFailure,
    errorComment: expect.stringContaining(`is element ${most + 1}`),
  });
});

test.each<[string, (session: Session) => Promise<unknown>, number]>([
  ['a commitment request for 50,000 instances', (session) => commit(session, references(50_000)), 50_000],
  [
    'a performed procedure step with 20,000 images',
    (session) =>
      session.use(modalityPerformedProcedureStep).set({
        sopInstance: '1.2.3',
        attributes: {
          PerformedSeriesSequence: [{ ReferencedImageSequence: references(20_000).ReferencedSOPSequence }],
        },
      }),
    20_000,
  ],
])('%s is taken in steps, and others are answered between them', async (_, request, count) => {
  const { open, received } = await start();
  const [session, other] = [await open(), await open()];
  const work: number[] = [];
  let echoes = 0;
  const echo = async () => {
    while (received.length === 0) {
      await other.use(verification).echo();
      if (work.length > 0 && received.length === 0) echoes++;
    }
  };
  cleanUp.push(watchSteps((units) => work.push(units)));
  // Encoding takes turns as well, so echoes begin when the request is being decoded or sent.
  const [answer] = await Promise.all([request(session), echo()]);
  expect(answer).toMatchObject({ status: Status.Success });
  expect(JSON.stringify(received[0]).match(/ReferencedSOPInstanceUID/g)).toHaveLength(count);
  // Twice three units for each reference: encoding and decoding.
  expect(work.length).toBeGreaterThanOrEqual(Math.floor((2 * 3 * count) / UNITS_PER_STEP) - 2);
  for (const units of work) expect(units).toBeLessThan(2 * UNITS_PER_STEP);
  expect(echoes).toBeGreaterThan(2);
});
