// The responses to a query that are given in one turn, which leave together and are delivered without a promise for each.

import { type Association, accept, associatedPair } from '@x/net';
import { afterEach, expect, test } from 'vitest';
import { DEFAULT_TRANSFER_SYNTAXES } from '../data-set/dataset.ts';
import { DimseError } from '../message/errors.ts';
import { Status } from '../message/status.ts';
import { SopClass } from '../registry/uids.generated.ts';
import { studyRoot } from '../services/query-retrieve.ts';
import { type Handlers, serve } from './service-class.ts';
import { Session } from './session.ts';

const open = new Set<Association>();
afterEach(() => {
  for (const association of open) association.abort();
  open.clear();
});

/** An SCU, the association of the SCP, and the number of times that the SCP has written to the transport. */
async function opened(rawFind: Handlers<typeof studyRoot>['rawFind']) {
  const [requestor, acceptor] = await associatedPair({
    request: {
      contexts: [
        {
          abstractSyntax: SopClass.StudyRootQueryRetrieveInformationModelFind,
          transferSyntaxes: DEFAULT_TRANSFER_SYNTAXES,
        },
      ],
    },
    decide: () => accept({ supports: () => ({ transferSyntaxes: 'any' }) }),
  });
  open.add(requestor).add(acceptor);
  let writes = 0;
  acceptor.connection.on('written', () => writes++);
  new Session(acceptor, [serve(studyRoot, { ...(rawFind && { rawFind }) })]);
  const session = new Session(requestor);
  const find = () => session.use(studyRoot).find({ identifier: { QueryRetrieveLevel: 'STUDY', PatientID: '' } });
  return { session, acceptor, find, writes: () => writes };
}

async function* matches(count: number) {
  for (let index = 0; index < count; index++) yield { identifier: { PatientID: `P${index}` } };
}

test('leave together', async () => {
  const { find, writes } = await opened(() => matches(1_000));
  const found: unknown[] = [];
  for await (const { identifier } of find()) found.push(identifier?.PatientID);
  expect(found).toEqual(Array.from({ length: 1_000 }, (_, index) => `P${index}`));
  expect(writes()).toBeLessThan(40);
});

test('leave before the handler waits', async () => {
  let goOn: () => void = () => {};
  const { find } = await opened(async function* () {
    yield* matches(2);
    await new Promise<void>((resolve) => {
      goOn = resolve;
    });
    yield* matches(1);
  });
  const found: unknown[] = [];
  for await (const { identifier } of find()) {
    found.push(identifier?.PatientID);
    if (found.length === 2) goOn();
  }
  expect(found).toEqual(['P0', 'P1', 'P0']);
});

test('arrive before an error of the handler', async () => {
  const { session, find } = await opened(async function* () {
    yield* matches(100);
    throw new DimseError(Status.OutOfResources);
  });
  const found: unknown[] = [];
  const loop = (async () => {
    for await (const { identifier } of find()) found.push(identifier?.PatientID);
  })();
  await expect(loop).rejects.toMatchObject({ status: Status.OutOfResources });
  expect(found.length).toBe(100);
  expect(session.outstanding).toBe(0);
});

test('end soon after the loop is left', async () => {
  let given = 0;
  const { session, find } = await opened(async function* () {
    for (; given < 1_000_000; given++) yield { identifier: { PatientID: `P${given}` } };
  });
  for await (const _ of find()) break;
  await session.release();
  expect(given).toBeLessThan(10_000);
});

test('leave before the association is aborted by the handler', async () => {
  const { session, acceptor, find } = await opened(async function* () {
    yield* matches(10);
    acceptor.abort();
  });
  const types: string[] = [];
  session.association.connection.on('pdu', (direction, { type }) => direction === 'received' && types.push(type));
  await expect(find().final).rejects.toThrow();
  // A command and an identifier for each.
  expect(types).toEqual([...Array.from({ length: 20 }, () => 'P-DATA-TF'), 'A-ABORT']);
});
