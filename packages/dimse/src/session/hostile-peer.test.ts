// A session ends in order whatever the peer sends: false commands, mixed presentation contexts, corrupted bytes.

import { type Association, accept, associatedPair } from '@x/net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeDataSet } from '../data-set/dataset.ts';
import { type CommandSet, encodeCommandSet } from '../message/command-set.ts';
import { DimseError } from '../message/errors.ts';
import { C_CANCEL_RQ, cEcho, cFind, cMove, cStore, nAction, nSet, RESPONSE } from '../message/operations.ts';
import { TransferSyntax } from '../registry/uids.generated.ts';
import { defineServiceClass, type HandlerContext, serve } from './service-class.ts';
import { Session } from './session.ts';

const UID = '1.2.3';
const EXPLICIT = TransferSyntax.ExplicitVRLittleEndian;
const operations = { echo: cEcho, find: cFind, move: cMove, store: cStore, action: nAction, set: nSet };
const names = Object.keys(operations) as (keyof typeof operations)[];
const mixed = defineServiceClass({
  name: 'Mixed',
  operations,
  sopClasses: { Mixed: { uid: UID, operations: names } },
});
const ROLES = { scu: true, scp: true };
const CONTEXT = { abstractSyntax: UID, transferSyntaxes: [EXPLICIT], roles: ROLES };
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

const short = fc.oneof(fc.constantFrom(0, 1, 0x0110, 0xff00, 0xffff), fc.nat(0xffff));
const requests = [...Object.values(operations).map(({ commandField }) => commandField), C_CANCEL_RQ, 0x7777];
const command = fc.record(
  {
    commandField: fc.oneof(fc.constantFrom(...requests, ...requests.map((field) => field | RESPONSE)), short),
    messageId: fc.nat(3),
    messageIdBeingRespondedTo: fc.nat(3),
    status: short,
    affectedSopClassUid: fc.constantFrom(UID, '9.9', ''),
    requestedSopClassUid: fc.constantFrom(UID, ''),
    affectedSopInstanceUid: fc.constantFrom('1.2', '', 'é'.repeat(70)),
    requestedSopInstanceUid: fc.constantFrom('1.2', ''),
    moveDestination: fc.constantFrom('X', ''),
    actionTypeId: short,
    errorComment: fc.string(),
    hasDataSet: fc.boolean(),
  },
  { requiredKeys: ['commandField', 'hasDataSet'] },
) as fc.Arbitrary<CommandSet>;
const message = fc.record({
  command,
  data: fc.oneof(
    fc.constantFrom(encodeDataSet({ PatientID: '1' }, EXPLICIT), new Uint8Array(0), new Uint8Array(300_000)),
    fc.uint8Array({ maxLength: 30 }),
  ),
  /** Whether the command lies about whether data follow. */
  isLying: fc.boolean(),
  contextId: fc.constantFrom(1, 1, 3),
  dataContextId: fc.option(fc.constantFrom(1, 3), { freq: 8 }),
  fragments: fc.integer({ min: 1, max: 4 }),
  isOnePdu: fc.boolean(),
  changed: fc.option(fc.record({ at: fc.nat(200), to: fc.nat(255) }), { freq: 6 }),
});
type Message = typeof message extends fc.Arbitrary<infer M> ? M : never;
const behaviours = [
  'answers',
  'throws',
  'fails with nonsense',
  'waits',
  'says nonsense',
  'reads',
  'calls',
  'is late',
] as const;

function valuesOf({ command: elements, data, isLying, contextId, dataContextId, fragments, changed }: Message) {
  const bytes = encodeCommandSet(elements);
  if (changed) bytes[changed.at % bytes.length] = changed.to;
  const size = Math.ceil(bytes.length / fragments);
  const values = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => ({
    contextId,
    kind: 'command' as 'command' | 'data',
    last: (index + 1) * size >= bytes.length,
    fragments: [bytes.subarray(index * size, (index + 1) * size)],
  }));
  if (elements.hasDataSet !== isLying)
    values.push({ contextId: dataContextId ?? contextId, kind: 'data', last: true, fragments: [data] });
  return values;
}

/** Sends the messages until the association ends. */
async function send({ connection }: Association, messages: readonly Message[]): Promise<void> {
  try {
    for (const each of messages) {
      const values = valuesOf(each);
      for (const some of each.isOnePdu ? [values] : values.map((value) => [value]))
        await connection.send({ type: 'P-DATA-TF', values: some });
      await turn();
    }
  } catch {
    // The association was aborted.
  }
}

function provider(behaving: readonly (typeof behaviours)[number][]) {
  let requested = 0;
  const one = async (request: object, { session, signal }: HandlerContext): Promise<number> => {
    const how = behaving[requested++ % behaving.length];
    if (how === 'throws') throw new Error('broken');
    if (how === 'fails with nonsense') throw new DimseError(0xa700, { errorComment: 5 as never });
    if (how === 'says nonsense') return 'nonsense' as never;
    if (how === 'is late') await turn();
    if (how === 'waits') await new Promise((resolve) => signal.addEventListener('abort', resolve));
    if (how === 'reads' || how === 'calls')
      if ('data' in request) for await (const _ of request.data as AsyncIterable<Uint8Array>);
    if (how === 'calls') await session.use(mixed).echo({}, { signal });
    return 0;
  };
  async function* many(request: object, context: HandlerContext) {
    yield {};
    const status = await one(request, context);
    yield { identifier: {} };
    return status;
  }
  return serve(mixed, { echo: one, find: many, move: many, store: one, action: one, set: one });
}

test('calls settle and handlers end whatever the peer sends', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(message, { minLength: 1, maxLength: 12 }),
      fc.array(fc.constantFrom(...behaviours), { minLength: 1, maxLength: 5 }),
      fc.constantFrom(1, 4),
      async (messages, behaving, window) => {
        const windows = { asynchronousOperations: window };
        const [requestor, acceptor] = await associatedPair({
          request: { contexts: [CONTEXT, CONTEXT], ...windows },
          decide: () => accept({ supports: () => ({ transferSyntaxes: 'any', roles: ROLES }), ...windows }),
        });
        const session = new Session(acceptor, [provider(behaving)]);
        const user = session.use(mixed);
        const calls = Promise.allSettled([user.echo(), user.find({ identifier: {} }).final]);
        await send(requestor, messages);
        await turn();
        requestor.abort();
        await Promise.all([session.ended, calls]);
        expect(session.outstanding).toBe(0);
        await expect.poll(() => session.performing).toBe(0);
      },
    ),
    { numRuns: 400 },
  );
});
