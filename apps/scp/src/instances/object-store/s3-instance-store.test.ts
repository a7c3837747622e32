import { encodeDataSet, Status } from '@x/dimse';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { ObjectServer } from '@x/testing/object-server';
import { seededRandom } from '@x/testing/rechunk';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { arriving } from '../../../test/arriving-data.ts';
import type { Coercion } from '../coercion.ts';
import { instanceStoreContract } from '../instance-store-contract.ts';
import { hourOfKey } from './object-key.ts';
import { ObjectStoreError } from './object-store-error.ts';
import { type ObjectInstanceStore, openS3InstanceStore, type S3StoreOptions } from './s3-instance-store.ts';

const INSTANCE = {
  sopClass: CT_IMAGE_STORAGE,
  sopInstance: '1.2.3',
  transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN,
  sourceAeTitle: 'SCU',
};
const UIDS = { sopClass: CT_IMAGE_STORAGE, sopInstance: '1.2.3', study: '1.2', series: '1.2.1' };
const dataSets = new Map<number, Buffer>();
const dataSet = (pixelLength = 1000): Buffer => {
  const made = dataSets.get(pixelLength) ?? Buffer.from(syntheticDataSet({ ...UIDS, pixelLength }));
  dataSets.set(pixelLength, made);
  return made;
};
const KEYS = { accessKeyId: 'reader', secretAccessKey: 'secret' };
/** Longer than two parts of 5 MiB. */
const LONG = 12_000_000;

let server: ObjectServer;
let store: ObjectInstanceStore;
const open = (options: S3StoreOptions = {}) => openS3InstanceStore(server.url, { keys: KEYS, pause: 1, ...options });
beforeEach(async () => {
  server = await ObjectServer.start();
  store = await open();
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

describe('the contract', () => {
  test.each(instanceStoreContract(() => open()))('$name', ({ check }) => check());
});

const KEY = /^archive\/[0-9a-f]{2}\/\d{4}-\d\d-\d\dT\d\d\/1\.2\.3\.[0-9a-f-]{36}$/;
const keep = (pixelLength = 1000, ...rest: (Uint8Array | (() => void))[]) =>
  store.keep(INSTANCE, arriving(...(rest.length > 0 ? rest : inPieces(dataSet(pixelLength)))));

function inPieces(bytes: Buffer, length = 65_536): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / length) }, (_, index) =>
    bytes.subarray(index * length, (index + 1) * length),
  );
}

async function stored(key: Awaited<ReturnType<typeof keep>>): Promise<Buffer> {
  await using file = await store.open(key);
  const bytes = Buffer.alloc(file.dataSet.length);
  for (let at = 0, read = -1; at < bytes.length && read !== 0; at += read)
    read = await file.dataSet.readv([bytes.subarray(at, at + 100_000)], at);
  return bytes;
}

/** Each of the first requests that fit has one of the faults. */
function faults(method: string, ...each: readonly ReturnType<ObjectServer['fault']>[]): void {
  const left = [...each];
  server.fault = ({ method: asked, key }) => (asked === method && key !== '' ? left.shift() : undefined);
}

describe('an instance', () => {
  test('is a DICOM file under a key of its own each time', async () => {
    const [first, second] = [await keep(), await keep()];
    expect([...server.objects.keys()]).toEqual([expect.stringMatching(KEY), expect.stringMatching(KEY)]);
    expect([first.isDuplicate, second.isDuplicate, first.file === second.file]).toEqual([false, false, false]);
    expect(hourOfKey(first.file ?? '')).toMatch(/^\d{4}-\d\d-\d\dT\d\d$/);
    const { body, headers } = server.objects.get(`archive/${first.file}`) ?? {};
    expect(body?.subarray(128, 132).toString()).toBe('DICM');
    expect(body?.subarray(Number(headers?.['x-amz-meta-data-set-offset'])).equals(dataSet())).toBe(true);
    expect(headers?.['content-type']).toBe('application/dicom');
  });

  test.each([
    ['in one request if it is short', 1000, ['PUT']],
    ['in parts if it is long', LONG, ['POST uploads', 'PUT uploadId', 'PUT uploadId', 'PUT uploadId', 'POST uploadId']],
  ])('is sent %s', async (_, length, operations) => {
    await keep(length);
    expect(server.operations).toEqual(operations);
  });

  test('of which two parts are being sent waits with the third one', async () => {
    let [answer, most, now] = [() => {}, 0, 0];
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    server.fault = ({ query }) => {
      if (!query.has('partNumber')) return undefined;
      most = Math.max(most, ++now);
      if (now === 2) setImmediate(answer);
      return { after: held.then(() => now--) };
    };
    await keep(30_000_000);
    expect(most).toBe(2);
  });

  test.each([
    ['short', 1000, 0],
    ['long', LONG, 11_000_000],
  ])('that is %s leaves nothing if its data end early', async (_, length, after) => {
    const data = dataSet(length);
    const ended = new Error('the association has ended');
    const breaks = () => {
      throw ended;
    };
    await expect(keep(0, ...inPieces(data.subarray(0, after)), breaks)).rejects.toBe(ended);
    expect([server.objects.size, server.uploads.size]).toEqual([0, 0]);
  });

  test('is whole if its object has the length of its data set', async () => {
    const kept = await keep();
    const whole = (length: number, file = kept.file) => store.isWhole({ ...kept, ...(file && { file }) }, length);
    expect([await whole(kept.length), await whole(kept.length - 2), await whole(kept.length, 'no')]).toEqual([
      true,
      false,
      false,
    ]);
    // A copy of the bucket has lost the metadata.
    const key = `archive/${kept.file}`;
    const { body = Buffer.alloc(0), etag = '' } = server.objects.get(key) ?? {};
    server.objects.set(key, { body, etag, headers: {} });
    expect([await whole(kept.length), await whole(kept.length + 400)]).toEqual([true, false]);
  });
});

describe('a store with faults', () => {
  test.each([
    ['says that it is busy', { status: 503, code: 'SlowDown' }],
    ['fails', { status: 500 }],
    ['breaks off while it receives', { cutAfter: 500 }],
    ['breaks off when it has received', { isAnswerLost: true }],
  ])('that %s gets the instance again', async (_, fault) => {
    for (const [index, length] of [1000, LONG].entries()) {
      faults('PUT', fault, undefined, fault);
      expect((await stored(await keep(length))).equals(dataSet(length))).toBe(true);
      expect(server.objects.size).toBe(index + 1);
    }
  });

  test.each([
    ['busy', { status: 503, code: 'SlowDown' }, 'the object store answers 503'],
    ['full', { status: 507, code: 'InsufficientStorage' }, 'the object store has no space left'],
    ['over its quota', { status: 403, code: 'QuotaExceeded' }, 'the object store has no space left'],
    ['closed to its user', { status: 403, code: 'AccessDenied' }, 'the object store refuses access'],
    ['without the bucket', { status: 404, code: 'NoSuchBucket' }, 'the bucket of the object store does not exist'],
    ['cut off', { cutAfter: 1 }, 'the object store does not answer'],
  ])('that is %s is answered with A700H until it is not', async (_, fault, errorComment) => {
    for (const length of [1000, LONG]) {
      server.fault = ({ method }) => (method === 'PUT' ? fault : undefined);
      await expect(keep(length)).rejects.toMatchObject({ status: Status.OutOfResources, errorComment });
      expect(server.objects.size).toBe(0);
    }
    server.fault = () => undefined;
    expect((await stored(await keep())).equals(dataSet())).toBe(true);
  });

  test('that never answers is given up', async () => {
    store = await open({ answerTimeout: 100, attempts: 2 });
    server.fault = () => ({ after: new Promise(() => {}) });
    await expect(keep()).rejects.toMatchObject({ errorComment: 'the object store does not answer' });
    expect(server.operations).toEqual(['PUT', 'PUT']);
  });

  test('that is stopped is used again when it runs', async () => {
    const before = await keep();
    await server.stop();
    const status = Status.OutOfResources;
    for (const length of [1000, LONG]) await expect(keep(length)).rejects.toMatchObject({ status });
    await expect(store.check()).rejects.toMatchObject({ reason: 'UNANSWERED' });
    await server.listen();
    await store.check();
    for (const kept of [before, await keep()]) expect((await stored(kept)).equals(dataSet())).toBe(true);
  });

  test('has completed an upload of which the answer is lost', async () => {
    faults('POST', undefined, { isAnswerLost: true });
    expect((await stored(await keep(LONG))).equals(dataSet(LONG))).toBe(true);
  });

  test('that fails to complete an upload after it has begun its answer is answered with A700H', async () => {
    server.fault = ({ method, query }) =>
      method === 'POST' && query.has('uploadId') ? { lateError: 'InternalError' } : undefined;
    await expect(keep(LONG)).rejects.toMatchObject({ status: Status.OutOfResources });
    expect([server.objects.size, server.uploads.size]).toEqual([0, 0]);
  });
});

test.each([1, 2, 3])('with faults at random, an instance is stored whole or answered with A700H (%i)', async (seed) => {
  const random = seededRandom(seed);
  const chosen = [{ status: 503 }, { isAnswerLost: true }, { cutAfter: 300 }, { lateError: 'InternalError' }];
  server.fault = ({ method }) => {
    const fault = random() < 0.3 ? chosen[Math.floor(random() * chosen.length)] : undefined;
    // A request without a body is not cut, and a late error belongs to a completion.
    return fault && 'lateError' in fault && method !== 'POST' ? undefined : fault;
  };
  store = await open({ attempts: 3 });
  const lengths = Array.from({ length: 40 }, (_, number) => (number % 8 === 0 ? 6_000_000 : 1000));
  const keeping = lengths.map(async (length) => ({ length, kept: await keep(length) }));
  const outcomes = await Promise.allSettled(keeping);
  // Reading is continued, or fails with an error of the store.
  for (const outcome of outcomes)
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ status: Status.OutOfResources });
    else await stored(outcome.value.kept).catch((error) => expect(error).toBeInstanceOf(ObjectStoreError));
  server.fault = () => undefined;
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') continue;
    const { length, kept } = outcome.value;
    expect((await stored(kept)).equals(dataSet(length))).toBe(true);
  }
  expect((await stored(await keep())).equals(dataSet())).toBe(true);
});

describe('an object that is read', () => {
  test('is requested once, from its beginning to its end', async () => {
    for (const length of [1000, LONG]) {
      const kept = await keep(length);
      server.requests.length = 0;
      expect((await stored(kept)).equals(dataSet(length))).toBe(true);
      expect(server.operations).toEqual(['GET']);
    }
  });

  test('is in memory if it fits into the buffer', async () => {
    const kept = await keep(100_000);
    const buffer = Buffer.alloc(200_000);
    await using file = await store.open(kept, buffer);
    expect([file.isInMemory, (file.source as Uint8Array).buffer === buffer.buffer]).toEqual([true, true]);
  });

  test('is continued where its connection broke', async () => {
    const kept = await keep(LONG);
    const { etag } = server.objects.get(`archive/${kept.file}`) ?? {};
    server.requests.length = 0;
    faults('GET', { cutAfter: 3_000_000 }, { cutAfter: 1 }, { status: 503 }, { cutAfter: 5_000_000 });
    expect((await stored(kept)).equals(dataSet(LONG))).toBe(true);
    const ranges = server.requests.map(({ headers }) => [headers.range, headers['if-match']]);
    expect(ranges).toEqual([[undefined, undefined], ...Array(4).fill([expect.stringMatching(/^bytes=\d+-$/), etag])]);
  });

  test('is read into several buffers at once, and continued if its server gives no entity tags', async () => {
    const kept = await keep(LONG);
    const key = `archive/${kept.file}`;
    const { body = Buffer.alloc(0), headers = {} } = server.objects.get(key) ?? {};
    server.objects.set(key, { body, headers, etag: '""' });
    faults('GET', { cutAfter: 2_000_000 });
    await using file = await store.open(kept);
    const buffers = [Buffer.alloc(0), Buffer.alloc(10), Buffer.alloc(40_000), Buffer.alloc(100_000)];
    const read = Buffer.alloc(file.dataSet.length);
    for (let at = 0; at < read.length; ) {
      const length = await file.dataSet.readv(buffers, at);
      Buffer.concat(buffers).copy(read, at, 0, length);
      at += length;
    }
    expect(read.equals(dataSet(LONG))).toBe(true);
    expect(server.requests.at(-1)?.headers['if-match']).toBeUndefined();
  });

  test('fails if its connection breaks again and again', async () => {
    const kept = await keep(LONG);
    server.fault = () => ({ cutAfter: 0 });
    await expect(stored(kept)).rejects.toMatchObject({ reason: 'CUT_SHORT' });
  });

  test('fails if another object has its key meanwhile', async () => {
    const kept = await keep(LONG);
    faults('GET', { cutAfter: 3_000_000 });
    const key = `archive/${kept.file}`;
    const { body = Buffer.alloc(0), headers = {} } = server.objects.get(key) ?? {};
    await using file = await store.open(kept);
    server.objects.set(key, { body, headers, etag: '"another"' });
    const read = async () => {
      const buffer = Buffer.alloc(file.dataSet.length);
      for (let at = 0; at < buffer.length; ) at += await file.dataSet.readv([buffer.subarray(at)], at);
    };
    await expect(read()).rejects.toMatchObject({ reason: 'PreconditionFailed' });
  });

  test('that was removed after it was listed is ENOENT', async () => {
    const kept = await keep();
    await store.remove(kept);
    await expect(store.open(kept)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('gives any part of it, in any order', async () => {
    const kept = await keep(LONG);
    await using file = await store.open(kept);
    const [part, data] = [Buffer.alloc(1000), dataSet(LONG)];
    for (const at of [11_000_000, 0, 5_000_000, 5_100_000, 70_000, 11_999_000]) {
      const read = await file.dataSet.readv([part], at);
      expect(part.subarray(0, read).equals(data.subarray(at, at + read))).toBe(true);
    }
  });

  test('ends its transfer when it is closed', async () => {
    const kept = await keep(LONG);
    const file = await store.open(kept);
    const reading = file.dataSet.readv([Buffer.alloc(1000)], 11_000_000).catch(() => 'closed');
    await Promise.all([file.close(), file.close()]);
    await reading;
    await expect(file.dataSet.readv([Buffer.alloc(10)], 0)).rejects.toThrow();
  });
});

describe('an instance that is changed', () => {
  const coercion: Coercion = {
    isInUse: true,
    async planFor(_, { PatientID }, open) {
      await using file = await open();
      expect((await file.attributes([0x00100020])).PatientID).toBe(PatientID);
      return PatientID === '42' ? { edits: [{ at: 'PatientID', value: '4711' }], tags: [0x00100020] } : undefined;
    },
  };
  const withId = (PatientID: string, length: number) =>
    Buffer.from(
      encodeDataSet(
        { ...{ SOPClassUID: CT_IMAGE_STORAGE, SOPInstanceUID: '1.2.3', PatientID }, PixelData: Buffer.alloc(length) },
        EXPLICIT_VR_LITTLE_ENDIAN,
      ),
    );

  test.each([1000, LONG])('is kept as it is changed, in one object (%i bytes)', async (length) => {
    store = await open({ coercion });
    const kept = await keep(0, ...inPieces(withId('42', length)));
    expect([kept.coerced, kept.attributes.PatientID]).toEqual([[0x00100020], '4711']);
    expect((await stored(kept)).equals(withId('4711', length))).toBe(true);
    expect([[...server.objects.keys()], server.uploads.size]).toEqual([[`archive/${kept.file}`], 0]);
  });

  test.each([1000, LONG])('by no rule is kept as it came (%i bytes)', async (length) => {
    store = await open({ coercion });
    const kept = await keep(0, ...inPieces(withId('43', length)));
    expect(kept.coerced).toBeUndefined();
    expect((await stored(kept)).equals(withId('43', length))).toBe(true);
    expect(server.objects.size).toBe(1);
  });
});
