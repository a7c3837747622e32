// Both ends call and perform at once: every promise settles once, whatever is called, cancelled or aborted in any order.

import { type Association, accept, associatedPair } from '@x/net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DimseError } from '../message/errors.ts';
import { cEcho, cFind, cStore } from '../message/operations.ts';
import { Status } from '../message/status.ts';
import { SopClass, TransferSyntax } from '../registry/uids.generated.ts';
import { defineServiceClass, type Handlers, serve } from './service-class.ts';
import { Session } from './session.ts';

const UID = SopClass.StudyRootQueryRetrieveInformationModelFind;
const EXPLICIT = TransferSyntax.ExplicitVRLittleEndian;
const BOTH = { scu: true, scp: true };
const mixed = defineServiceClass({
  name: 'Mixed',
  operations: { echo: cEcho, find: cFind, store: cStore },
  sopClasses: { Mixed: { uid: UID, operations: ['echo', 'find', 'store'] } },
});
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

async function connect(window: number, handlers: Handlers<typeof mixed>): Promise<[Session, Session]> {
  const windows = { asynchronousOperations: window };
  const pair = await associatedPair({
    request: { contexts: [{ abstractSyntax: UID, transferSyntaxes: [EXPLICIT], roles: BOTH }], ...windows },
    decide: () => accept({ supports: () => ({ transferSyntaxes: 'any', roles: BOTH }), ...windows }),
  });
  const open = (association: Association) => new Session(association, [serve(mixed, handlers)]);
  return [open(pair[0]), open(pair[1])];
}

/** The behaviour of handlers, by the number in the request. */
const handlers: Handlers<typeof mixed> = {
  async echo() {
    await turn();
    return Status.Success;
  },
  async *find({ identifier }, { signal }) {
    const kind = Number(identifier.PatientID);
    for (let index = 0; index < 3 + kind * 40; index++) {
      if (kind === 1) signal.throwIfAborted();
      if (kind === 2 && index === 1) throw new DimseError(0xa700, { errorComment: 'no room' });
      yield { identifier: { PatientComments: 'x'.repeat(1_000) } };
      if (index % 8 === 0) await turn();
    }
  },
  async store({ data }) {
    for await (const _ of data) await turn();
    return 0xb000;
  },
};

/** A promise that must settle, and how often it did. */
interface Watched {
  readonly what: string;
  settled: number;
}

test('every promise settles once, and every request is answered unless the association ended', async () => {
  const calls = fc.record({
    end: fc.nat(1),
    what: fc.constantFrom('echo', 'find', 'loop', 'leave', 'slow', 'store'),
    kind: fc.nat(3),
  });
  const step = fc.oneof(
    { weight: 5, arbitrary: calls },
    { weight: 2, arbitrary: fc.constant('giveUp' as const) },
    { weight: 2, arbitrary: fc.constant('turn' as const) },
  );
  const last = fc.constantFrom('release', 'abort', 'peerAborts', 'dropped');
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 30 }),
      last,
      fc.constantFrom(0, 1, 3),
      async (steps, ending, window) => {
        const sessions = await connect(window, handlers);
        const watched: Watched[] = [];
        const promises: Promise<unknown>[] = [];
        const controllers: AbortController[] = [];
        const watch = (what: string, promise: PromiseLike<unknown>) => {
          const entry: Watched = { what, settled: 0 };
          watched.push(entry);
          const count = () => {
            entry.settled++;
          };
          promises.push(Promise.resolve(promise).then(count, count));
        };
        const giveUp = new Error('given up');
        for (const each of steps) {
          if (each === 'turn') await turn();
          else if (each === 'giveUp') controllers.shift()?.abort(giveUp);
          else {
            const { what, kind, end } = each;
            const user = (sessions[end] as Session).use(mixed);
            const controller = new AbortController();
            const { signal } = controller;
            controllers.push(controller);
            if (what === 'echo') watch(what, user.echo({}, { signal }));
            else if (what === 'store') {
              const data = new Uint8Array(kind * 200_000);
              watch(what, user.store({ sopInstance: '1.2', transferSyntax: EXPLICIT, data }, { signal }));
            } else {
              const responses = user.find({ identifier: { PatientID: `${kind}` } }, { signal });
              watch(`${what} final`, responses.final);
              if (what !== 'find')
                watch(
                  what,
                  (async () => {
                    let seen = 0;
                    for await (const _ of responses) {
                      if (what === 'leave' && ++seen === 2) break;
                      if (what === 'slow') await turn();
                    }
                  })(),
                );
            }
          }
        }
        const [one, other] = sessions;
        if (ending === 'abort') one.abort(new Error('stopped'));
        else if (ending === 'peerAborts') other.abort();
        else if (ending === 'dropped') for (const { association } of sessions) association.connection.destroy();
        await Promise.all(promises);
        if (ending === 'release') {
          await one.release();
          expect((await other.association.closed).how).toBe('released');
        }
        await Promise.all([one.ended, other.ended]);
        await turn();
        expect(watched.filter(({ settled }) => settled !== 1)).toEqual([]);
        for (const session of sessions) expect(session.outstanding).toBe(0);
        await expect.poll(() => sessions.map(({ performing }) => performing)).toEqual([0, 0]);
      },
    ),
    { numRuns: 150 },
  );
});
