// Mixed and damaged instances to peers that take few transfer syntaxes, abort or stop reading: each instance has one
// outcome, each that is sent arrives with its values, and each failure costs one instance only.

import { Readable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { decodeDataSet, encodeDataSet } from '../data-set/dataset.ts';
import { SopClass, STORAGE_SOP_CLASSES, TransferSyntax } from '../registry/uids.generated.ts';
import { storage } from '../services/storage.ts';
import { createScp } from '../session/scp.ts';
import { serve } from '../session/service-class.ts';
import type { Session } from '../session/session.ts';
import type { InstanceData } from './instance-source.ts';
import { type StoreInstancesOptions, storeInstances } from './store-instances.ts';
import type { StoreOutcome } from './store-outcome.ts';

const IMPLICIT = TransferSyntax.ImplicitVRLittleEndian;
const EXPLICIT = TransferSyntax.ExplicitVRLittleEndian;
const BIG_ENDIAN = TransferSyntax.ExplicitVRBigEndian;
const DEFLATED = TransferSyntax.DeflatedExplicitVRLittleEndian;
const JPEG = TransferSyntax.JPEGBaseline8Bit;
const UNCOMPRESSED = [IMPLICIT, EXPLICIT, BIG_ENDIAN, DEFLATED];

const closed: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closed.splice(0)) await close();
});

interface Stored {
  readonly transferSyntax: string;
  readonly bytes: Buffer;
}

/** A peer that takes these transfer syntaxes. `isBad` tells the instances in the middle of which it does `blow`. */
async function peerTaking(
  transferSyntaxes: readonly string[] | undefined,
  isBad: (sopInstance: string) => boolean = () => false,
  blow: (session: Session) => unknown = (session) => session.abort(),
) {
  const stored = new Map<string, Stored>();
  const sessions: Session[] = [];
  const service = serve(
    storage,
    {
      async store({ sopInstance, transferSyntax, data }, { session }) {
        const chunks: Uint8Array[] = [];
        if (isBad(sopInstance)) await blow(session as Session);
        for await (const chunk of data) chunks.push(Uint8Array.from(chunk));
        stored.set(sopInstance, { transferSyntax, bytes: Buffer.concat(chunks) });
        return 0;
      },
    },
    transferSyntaxes && { transferSyntaxes },
  );
  const scp = createScp({ aeTitle: 'PEER', services: [service], asynchronousOperations: { invoke: 1, perform: 8 } });
  scp.on('session', (session) => sessions.push(session));
  const { port } = await scp.listen({ host: '127.0.0.1', port: 0 });
  closed.push(() => scp.close());
  const send = async (
    instances: readonly InstanceData[],
    window: number,
    options: Partial<StoreInstancesOptions> = {},
  ) => {
    const outcomes = new Map<string, StoreOutcome>();
    const all = storeInstances(instances, {
      host: '127.0.0.1',
      port,
      callingAeTitle: 'ME',
      calledAeTitle: 'PEER',
      asynchronousOperations: { invoke: window, perform: 1 },
      recovery: { reconnectionDelay: 1 },
      ...options,
    } as StoreInstancesOptions);
    for await (const outcome of all) {
      const { sopInstance = '' } = outcome;
      expect(outcomes.has(sopInstance)).toBe(false);
      outcomes.set(sopInstance, outcome);
    }
    expect([...outcomes.keys()].sort()).toEqual(instances.map(({ sopInstance }) => sopInstance).sort());
    for (const [sopInstance, { result }] of outcomes) expect(stored.has(sopInstance)).toBe(result === 'sent');
    return outcomes;
  };
  return { stored, sessions, send };
}

const pixels = Buffer.from(Array.from({ length: 20_000 }, (_, at) => (at * at) % 251));
const valuesOf = (sopClass: string, sopInstance: string, length = 20_000) => ({
  SOPClassUID: sopClass,
  SOPInstanceUID: sopInstance,
  PatientName: [{ Alphabetic: 'Buc^Jérôme' }],
  SpecificCharacterSet: ['ISO_IR 192'],
  RequestAttributesSequence: [{ ScheduledProcedureStepID: 'a' }, {}],
  '00090010': 'ACME',
  BitsAllocated: 16,
  PixelData: pixels.subarray(0, length),
});

function instanceIn(
  transferSyntax: string,
  sopInstance: string,
  sopClass: string = SopClass.CTImageStorage,
  length?: number,
): InstanceData {
  const data = encodeDataSet(
    valuesOf(sopClass, sopInstance, length),
    transferSyntax === JPEG ? EXPLICIT : transferSyntax,
  );
  return { sopClass, sopInstance, transferSyntax, data };
}

/** Expects that an instance has arrived bit for bit in its own transfer syntax, or with the same values in another one. */
function expectArrived({ transferSyntax, sopInstance, data }: InstanceData, stored: ReadonlyMap<string, Stored>) {
  const { transferSyntax: as, bytes } = stored.get(sopInstance) as Stored;
  const isSame =
    as === transferSyntax
      ? bytes.equals(data as Uint8Array)
      : isDeepStrictEqual(decodeDataSet(bytes, as), decodeDataSet(data as Uint8Array, transferSyntax));
  expect([sopInstance, as, isSame]).toEqual([sopInstance, as, true]);
}

const failures = (outcomes: ReadonlyMap<string, StoreOutcome>) =>
  [...outcomes.values()].filter(({ result }) => result !== 'sent').map(({ sopInstance }) => sopInstance);
const few = (count: number, transferSyntax: string) =>
  Array.from({ length: count }, (_, index) => instanceIn(transferSyntax, `1.2.${index}`));

describe.each([1, 8])('in a window of %s', (window) => {
  test.each<[string, readonly string[] | undefined, readonly string[]]>([
    ['Implicit VR', [IMPLICIT], UNCOMPRESSED],
    ['Explicit VR', [EXPLICIT], UNCOMPRESSED],
    ['Big Endian', [BIG_ENDIAN], UNCOMPRESSED],
    ['Deflated', [DEFLATED], UNCOMPRESSED],
    ['JPEG', [JPEG], [JPEG]],
    ['everything', [...UNCOMPRESSED, JPEG], [...UNCOMPRESSED, JPEG]],
  ])('a peer that takes %s gets what can be encoded so', async (_, takes, sendable) => {
    const peer = await peerTaking(takes);
    const instances = [...UNCOMPRESSED, JPEG, ...UNCOMPRESSED, JPEG].map((syntax, index) =>
      instanceIn(syntax, `1.2.${index}`),
    );
    const outcomes = await peer.send(instances, window);
    const [taken, refused] = [true, false].map((is) =>
      instances.filter(({ transferSyntax }) => sendable.includes(transferSyntax) === is),
    ) as [InstanceData[], InstanceData[]];
    expect(failures(outcomes)).toEqual(expect.arrayContaining(refused.map(({ sopInstance }) => sopInstance)));
    expect(peer.stored.size).toBe(taken.length);
    for (const instance of taken) expectArrived(instance, peer.stored);
  });

  test('a peer that takes only Implicit VR gets 450 kinds over few associations', async () => {
    const peer = await peerTaking([IMPLICIT]);
    const classes = STORAGE_SOP_CLASSES.slice(0, 150);
    expect(classes).toHaveLength(150);
    const kinds = classes.flatMap((sopClass, row) =>
      [EXPLICIT, BIG_ENDIAN, DEFLATED].map((syntax, index) => instanceIn(syntax, `1.2.${row}.${index}`, sopClass, 500)),
    );
    const outcomes = await peer.send(kinds, window);
    expect(failures(outcomes)).toEqual([]);
    for (const instance of kinds) expectArrived(instance, peer.stored);
    for (const { association } of peer.sessions) expect(association.contexts.size).toBeLessThanOrEqual(128);
    expect(peer.sessions.length).toBeLessThanOrEqual(5);
  });

  test('a peer that aborts in the middle of a re-encoded instance gets the others', async () => {
    const peer = await peerTaking([IMPLICIT], (sopInstance) => sopInstance === '1.2.7');
    const outcomes = await peer.send(few(20, EXPLICIT), window);
    expect(failures(outcomes)).toEqual(['1.2.7']);
    // It is sent again alone. Another instance may not have been answered before the first loss.
    expect(peer.sessions.length).toBeLessThanOrEqual(4);
    for (const instance of few(20, EXPLICIT))
      if (instance.sopInstance !== '1.2.7') expectArrived(instance, peer.stored);
  });

  test.each(['timeouts.write', 'timeouts.response'])(
    'a peer that stops reading in the middle of a re-encoded instance gets the others (%s)',
    async (limit) => {
      const hang = () => new Promise<void>(() => {});
      const peer = await peerTaking([IMPLICIT], (sopInstance) => sopInstance === '1.2.2', hang);
      const large = encodeDataSet(
        { ...valuesOf(SopClass.CTImageStorage, '1.2.2'), PixelData: Buffer.alloc(2 ** 24) },
        EXPLICIT,
      );
      const instances = few(6, EXPLICIT).map((instance) =>
        instance.sopInstance === '1.2.2' && limit === 'timeouts.write' ? { ...instance, data: large } : instance,
      );
      const timeouts = limit === 'timeouts.write' ? { write: 300 } : { response: 300 };
      const outcomes = await peer.send(instances, window, { timeouts });
      expect(failures(outcomes)).toEqual(['1.2.2']);
      expect(peer.stored.size).toBe(5);
    },
  );

  const whole = instanceIn(EXPLICIT, '1.2.3').data as Uint8Array;
  const deflated = instanceIn(DEFLATED, '1.2.3').data as Uint8Array;
  const garbage = Uint8Array.from({ length: 3000 }, (_, at) => (at * 7919) % 256);
  // An element of 4 GiB in a data set of 20 KiB.
  const malformed = Buffer.concat([
    whole.subarray(0, 400),
    Buffer.from('e07f1000 4f42 0000 f0ffffff'.replaceAll(' ', ''), 'hex'),
    whole.subarray(400),
  ]);
  async function* failing() {
    yield whole.subarray(0, 10_000);
    throw new Error('the disk is gone');
  }

  test.each<[string, string, InstanceData['data'], RegExp]>([
    ['ends too early', EXPLICIT, whole.subarray(0, -10), /cut short/],
    ['ends in a header', EXPLICIT, whole.subarray(0, 77), /cut short|ends inside/],
    ['is malformed', EXPLICIT, malformed, /cut short|declares|is not|stands/],
    ['cannot be opened', EXPLICIT, () => Promise.reject(new Error('no such object')), /no such object/],
    ['fails while it is read', EXPLICIT, () => failing(), /the disk is gone/],
    ['can be read only once, and fails', EXPLICIT, failing(), /the disk is gone/],
    ['can be read only once, and ends too early', EXPLICIT, Readable.from([whole.subarray(0, 9000)]), /cut short/],
    ['is deflated and ends too early', DEFLATED, deflated.subarray(0, -20), /inflated|cut short/],
    ['is deflated and ends at once', DEFLATED, new Uint8Array(0), /inflated|cut short|empty/],
    ['is said to be deflated', DEFLATED, garbage, /inflated/],
  ])('an instance that %s fails alone', async (_, transferSyntax, data, reason) => {
    const peer = await peerTaking([IMPLICIT]);
    const source =
      typeof data === 'function' || data instanceof Uint8Array ? data : (data as AsyncIterable<Uint8Array>);
    const instances: InstanceData[] = few(8, transferSyntax);
    instances[3] = { sopClass: SopClass.CTImageStorage, sopInstance: '1.2.3', transferSyntax, data: source };
    const outcomes = await peer.send(instances, window);
    expect(failures(outcomes)).toEqual(['1.2.3']);
    expect(outcomes.get('1.2.3')?.reason).toMatch(reason);
    for (const instance of instances) if (instance.sopInstance !== '1.2.3') expectArrived(instance, peer.stored);
  });
});

test('a peer that takes nothing fails each instance with the reason', async () => {
  const peer = await peerTaking(['1.2.3.4']);
  const outcomes = await peer.send([...few(3, EXPLICIT), instanceIn(JPEG, '1.2.9')], 8);
  expect(failures(outcomes)).toHaveLength(4);
  for (const { reason } of outcomes.values()) expect(reason).toMatch(/transfer syntax|context/i);
});

test('a peer that takes everything gets 130 kinds beyond the contexts of one association', async () => {
  const peer = await peerTaking(undefined);
  const kinds = Array.from({ length: 130 }, (_, index) =>
    instanceIn(IMPLICIT, `1.2.${index}`, STORAGE_SOP_CLASSES[index]),
  );
  expect(failures(await peer.send(kinds, 8))).toEqual([]);
  expect(peer.sessions).toHaveLength(3);
  for (const instance of kinds) expectArrived(instance, peer.stored);
});
