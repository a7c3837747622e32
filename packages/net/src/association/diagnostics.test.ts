// Associations on the channels of node:diagnostics_channel, in both roles.

import { AsyncLocalStorage } from 'node:async_hooks';
import { channel, tracingChannel } from 'node:diagnostics_channel';
import { createServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AssociationRejectedError, NotConnectedError, TimeoutError } from '../errors.ts';
import { accept, type Decide, reject } from './accept.ts';
import { ASSOCIATION_ACCEPTED_CHANNEL, ASSOCIATION_CHANNEL, type AssociationTrace } from './diagnostics.ts';
import { type Listener, listen } from './listen.ts';
import { type RequestOptions, requestAssociation } from './request.ts';

const storage = new AsyncLocalStorage<string>();
const associations = tracingChannel<unknown, AssociationTrace>(ASSOCIATION_CHANNEL);
const accepted = channel(ASSOCIATION_ACCEPTED_CHANNEL);
let seen: { name: string; work: AssociationTrace; store: string | undefined }[];
const note = (name: string) => (work: unknown) => {
  seen.push({ name, work: work as AssociationTrace, store: storage.getStore() });
};
const noted = Object.fromEntries(
  ['start', 'end', 'asyncStart', 'asyncEnd', 'error'].map((name) => [name, note(name)]),
) as unknown as Parameters<typeof associations.subscribe>[0];
const noteAccepted = note('accepted');
const namesOf = (role: string) => seen.filter(({ work }) => work.role === role).map(({ name }) => name);
const workOf = (role: string) => seen.find(({ work }) => work.role === role)?.work;

let listener: Listener | undefined;
beforeEach(() => {
  seen = [];
  associations.subscribe(noted);
  accepted.subscribe(noteAccepted);
});
afterEach(async () => {
  associations.unsubscribe(noted);
  accepted.unsubscribe(noteAccepted);
  await listener?.close();
  listener = undefined;
});

async function serve(decide: Decide): Promise<RequestOptions> {
  listener = await listen(
    { port: 0, host: '127.0.0.1' },
    {
      decide,
      serve: async (association) => {
        for await (const _ of association.receive());
      },
    },
  );
  return to(listener.port);
}

function to(port: number): RequestOptions {
  const contexts = [{ abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] }];
  return { host: '127.0.0.1', port, callingAeTitle: 'CALLING', calledAeTitle: 'CALLED', contexts };
}

const acceptAll: Decide = () => accept({ supports: () => ({ transferSyntaxes: 'any' }) });
/** Waits for the last event of both sides. */
const ended = (count = 2) =>
  expect.poll(() => seen.filter(({ name }) => name === 'asyncEnd'), { timeout: 20_000 }).toHaveLength(count);

test('publishes the course of an association in both roles, with the context of the caller', async () => {
  const options = await serve(acceptAll);
  await storage.run('the caller', async () => {
    const association = await requestAssociation(options);
    await association.release();
  });
  await ended();
  const course = ['start', 'end', 'accepted', 'asyncStart', 'asyncEnd'];
  expect([namesOf('requestor'), namesOf('acceptor')]).toEqual([course, course]);
  for (const { work, store } of seen) if (work.role === 'requestor') expect(store).toBe('the caller');
  const { port } = options as { port: number };
  expect(workOf('requestor')).toMatchObject({ callingAeTitle: 'CALLING', calledAeTitle: 'CALLED', port });
  expect(workOf('acceptor')).toMatchObject({ address: '127.0.0.1', closed: { how: 'released', by: 'peer' } });
  expect(workOf('requestor')?.closed).toMatchObject({ how: 'released' });
  expect(workOf('requestor')?.duration).toBeGreaterThanOrEqual(0);
});

test('publishes rejections with their codes: an error for the requestor, not for the acceptor', async () => {
  const options = await serve(() => reject({ reason: 3 }));
  await expect(requestAssociation(options)).rejects.toThrow(AssociationRejectedError);
  await ended();
  expect(namesOf('requestor')).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd']);
  expect(namesOf('acceptor')).toEqual(['start', 'end', 'asyncStart', 'asyncEnd']);
  const rejection = { result: 1, source: 1, reason: 3 };
  for (const role of ['requestor', 'acceptor'])
    expect(workOf(role)).toMatchObject({ rejection, closed: { how: 'rejected' } });
});

test('publishes a decision that throws as an error and a rejection', async () => {
  const options = await serve(() => {
    throw Object.assign(new Error('the database is down'), { code: 'ECONNREFUSED' });
  });
  await expect(requestAssociation(options)).rejects.toThrow(AssociationRejectedError);
  await ended();
  expect(workOf('acceptor')).toMatchObject({ error: { code: 'ECONNREFUSED' }, rejection: { result: 2 } });
});

test('publishes aborts on both sides', async () => {
  const options = await serve(acceptAll);
  (await requestAssociation(options)).abort();
  await ended();
  for (const role of ['requestor', 'acceptor'])
    expect(workOf(role)).toMatchObject({ closed: { how: 'aborted' }, error: { code: 'ASSOCIATION_ABORTED' } });
});

test('publishes peers that cannot be reached, and those that do not answer', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as { port: number };
  const late = requestAssociation({ ...to(port), timeouts: { association: 50 } });
  await expect(late).rejects.toThrow(TimeoutError);
  silent.close();
  await ended(1);
  expect(workOf('requestor')).toMatchObject({ error: { code: 'TIMEOUT_ASSOCIATION' }, closed: { how: 'aborted' } });
  seen = [];
  const gone = createServer();
  await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
  const free = (gone.address() as { port: number }).port;
  await new Promise((resolve) => gone.close(resolve));
  await expect(requestAssociation(to(free))).rejects.toThrow(NotConnectedError);
  expect(workOf('requestor')?.closed).toBeUndefined();
  expect(namesOf('requestor')).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd']);
});

test('binds the context of subscribers to the work: by bindStore, and by a function around it', async () => {
  const bound = new AsyncLocalStorage<string>();
  const decided: (string | undefined)[] = [];
  const options = await serve(() => {
    decided.push(bound.getStore(), storage.getStore());
    return acceptAll({} as never, {} as never);
  });
  associations.start.bindStore(bound, ({ role }) => role);
  const around = (work: unknown) => {
    (work as AssociationTrace).around = (inner) => storage.run('around', inner);
  };
  associations.start.subscribe(around);
  try {
    await (await requestAssociation(options)).release();
    await ended();
  } finally {
    associations.start.unbindStore(bound);
    associations.start.unsubscribe(around);
  }
  expect(decided).toEqual(['acceptor', 'around']);
});
