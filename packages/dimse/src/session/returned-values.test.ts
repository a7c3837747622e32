// Handlers and other functions of a program in plain JavaScript that return something else than they must: the peer gets a failure,
// and the error names the function.

import { AssociationRejectedError, ReturnValueError } from '@x/net';
import { afterEach, expect, test, vi } from 'vitest';
import {
  createScp,
  DimseError,
  openSession,
  type Scp,
  type ScpOptions,
  type Service,
  type Session,
  Status,
  serve,
  studyRoot,
  verification,
} from '../index.ts';
import { modalityPerformedProcedureStep } from '../services/performed-procedure-step.ts';

const scps: Scp[] = [];
afterEach(async () => {
  for (const scp of scps.splice(0)) await scp.close();
});

async function serving(services: readonly Service[], options: Partial<ScpOptions> = {}) {
  const scp = createScp({ aeTitle: 'SCP', services, ...options });
  scps.push(scp);
  const errors: unknown[] = [];
  scp.on('handlerError', (error) => errors.push(error));
  scp.on('failed', (error) => errors.push(error));
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  const open = () =>
    openSession({
      host: '127.0.0.1',
      port,
      callingAeTitle: 'SCU',
      calledAeTitle: 'SCP',
      services: [verification, studyRoot, modalityPerformedProcedureStep],
    });
  return { open, errors };
}

const echo = (session: Session) => session.use(verification).echo();
const find = (session: Session) =>
  session.use(studyRoot).find({ identifier: { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '' } }).final;
const get = (session: Session) =>
  session.use(modalityPerformedProcedureStep).get({
    sopClass: modalityPerformedProcedureStep.sopClasses.Retrieve.uid,
    sopInstance: '1.2',
  });
const steps = (attributes: unknown) =>
  serve(modalityPerformedProcedureStep, { get: () => ({ status: 0, attributes }) as never });

test.each<[string, Service, (session: Session) => Promise<unknown>, string]>([
  [
    'text instead of a status',
    serve(verification, { echo: () => 'done' as never }),
    echo,
    "C-ECHO handler returned 'done', which is not a final status",
  ],
  [
    'items that are not a list',
    serve(studyRoot, { find: () => ({ StudyInstanceUID: '1.2' }) as never }),
    find,
    'find returned an object, not an array, an iterable or an async generator of data sets',
  ],
  [
    'nothing instead of items',
    serve(studyRoot, { find: () => undefined as never }),
    find,
    'find returned undefined, not an array, an iterable or an async generator of data sets',
  ],
  [
    'items that are not data sets',
    serve(studyRoot, { find: () => ['1.2'] as never }),
    find,
    "find yielded '1.2', not a data set",
  ],
  [
    'an item with a misspelt keyword',
    serve(studyRoot, { find: () => [{ StudyInstanceUID: '1.2', PatientIDD: '42' } as never] }),
    find,
    "find yielded an item in which 'PatientIDD' is neither a keyword of the standard nor a tag",
  ],
  [
    'an item with a misspelt keyword in a sequence',
    serve(studyRoot, { find: () => [{ RequestAttributesSequence: [{ ScheduledProcedureStepIDD: '42' }] } as never] }),
    find,
    "find yielded an item in which 'ScheduledProcedureStepIDD' is neither a keyword of the standard nor a tag",
  ],
  [
    'a list instead of a generator',
    serve(studyRoot, { rawFind: () => [] as never }),
    find,
    'C-FIND handler returned an array, not an async generator, as async function* makes it',
  ],
  [
    'a promise instead of a generator',
    serve(studyRoot, { rawFind: (async () => []) as never }),
    find,
    'C-FIND handler returned a promise, not an async generator, as async function* makes it',
  ],
  [
    'text instead of a data set',
    steps('IN PROGRESS'),
    get,
    "N-GET handler gave 'IN PROGRESS' as the data set of an answer",
  ],
  [
    'a list instead of a data set',
    steps([{ PatientID: 'A' }]),
    get,
    'N-GET handler gave an array as the data set of an answer',
  ],
])('a handler that gives %s answers Processing Failure, and is reported', async (_, service, call, message) => {
  const { open, errors } = await serving([service]);
  const session = await open();
  await expect(call(session)).rejects.toSatisfy(
    (error) => error instanceof DimseError && error.status === Status.ProcessingFailure,
  );
  expect(errors).toEqual([expect.any(ReturnValueError)]);
  expect(errors).toMatchObject([{ code: 'RETURN_VALUE_INVALID', message }]);
  // The association goes on.
  expect((await echo(session).catch((error: DimseError) => error)).status).toBeTypeOf('number');
  await session.release();
});

test.each([undefined, 'yes', 1, []])(
  'accept that returns %j rejects the association, and is reported',
  async (value) => {
    const { open, errors } = await serving([], { accept: () => value as never });
    await expect(open()).rejects.toBeInstanceOf(AssociationRejectedError);
    await vi.waitUntil(() => errors.length > 0);
    expect(errors).toMatchObject([{ code: 'RETURN_VALUE_INVALID', callback: 'accept' }]);
  },
);

test('an item with several names of persons in one attribute is answered', async () => {
  const names = [{ Alphabetic: 'One' }, { Alphabetic: 'Two', Ideographic: 'Zwei' }];
  const items = () => [{ StudyInstanceUID: '1.2', OtherPatientNames: names }];
  const { open, errors } = await serving([serve(studyRoot, { find: items as never })]);
  const session = await open();
  await find(session);
  expect(errors).toEqual([]);
  await session.release();
});
