import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { Status } from '@x/dimse';
import {
  CT_IMAGE_STORAGE,
  type DataSetOptions,
  EXPLICIT_VR_LITTLE_ENDIAN,
  IMPLICIT_VR_LITTLE_ENDIAN,
  syntheticDataSet,
} from '@x/testing/data-sets';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { arriving } from '../../test/arriving-data.ts';
import { openFolderInstanceStore } from './folder-instance-store.ts';
import type { ListedInstanceStore } from './instance-store.ts';
import { instanceStoreContract, listedInstanceStoreContract } from './instance-store-contract.ts';

const INSTANCE = {
  sopClass: CT_IMAGE_STORAGE,
  sopInstance: '1.2.3',
  transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN,
  sourceAeTitle: 'SCU',
};
const UIDS = { sopClass: CT_IMAGE_STORAGE, sopInstance: '1.2.3', study: '1.2', series: '1.2.1' };
const dataSet = (options: DataSetOptions = {}) => syntheticDataSet({ ...UIDS, ...options });

let folder: string;
let store: ListedInstanceStore;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'instance-store-'));
  store = await openFolderInstanceStore(folder, { fsync: false });
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Paths of the files kept, from the data folder on. */
function files(name = '', at = folder): string[] {
  return readdirSync(join(at, name), { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? files(join(name, entry.name), at) : [join(name, entry.name)]))
    .sort();
}

/** The data set of a kept file. */
function kept(path: string): Buffer {
  const bytes = readFileSync(join(folder, path));
  // The group length follows the preamble, the prefix and its own header.
  return bytes.subarray(132 + 12 + bytes.readUInt32LE(132 + 8));
}

describe.each([false, true])('the contract with fsync %s', (fsync) => {
  let count = 0;
  const create = () => openFolderInstanceStore(join(folder, `${++count}`), { fsync });
  test.each([...instanceStoreContract(create), ...listedInstanceStoreContract(create)])('$name', ({ check }) =>
    check(),
  );
});

describe('an instance', () => {
  test.each([false, true])('is stored unchanged in a file named by its UIDs (fsync %s)', async (fsync) => {
    store = await openFolderInstanceStore(folder, { fsync });
    const data = dataSet({ pixelLength: 3_000_000 });
    const half = data.length >> 1;
    expect(await store.keep(INSTANCE, arriving(data.subarray(0, half), data.subarray(half)))).toEqual({
      study: '1.2',
      series: '1.2.1',
      sopInstance: '1.2.3',
      attributes: {
        SOPClassUID: CT_IMAGE_STORAGE,
        SOPInstanceUID: '1.2.3',
        StudyInstanceUID: '1.2',
        SeriesInstanceUID: '1.2.1',
      },
      length: data.length,
      isDuplicate: false,
      isReplacement: false,
    });
    expect(files()).toEqual(['instances/1.2/1.2.1/1.2.3.dcm']);
    expect(kept('instances/1.2/1.2.1/1.2.3.dcm').equals(data)).toBe(true);
  });

  test('can arrive byte by byte', async () => {
    const data = dataSet({ pixelLength: 200 });
    await store.keep(INSTANCE, arriving(...Array.from(data, (byte) => Uint8Array.of(byte))));
    expect(kept('instances/1.2/1.2.1/1.2.3.dcm').equals(data)).toBe(true);
  });

  test('can be implicit or deflated', async () => {
    const implicit = dataSet({ isImplicit: true, pixelLength: 20 });
    await store.keep({ ...INSTANCE, transferSyntax: IMPLICIT_VR_LITTLE_ENDIAN }, arriving(implicit));
    const deflated = deflateRawSync(dataSet({ sopInstance: '1.2.4', pixelLength: 20_000 }));
    await store.keep(
      { ...INSTANCE, sopInstance: '1.2.4', transferSyntax: '1.2.840.10008.1.2.1.99' },
      arriving(deflated.subarray(0, 40), deflated.subarray(40)),
    );
    expect(kept('instances/1.2/1.2.1/1.2.3.dcm').equals(implicit)).toBe(true);
    expect(kept('instances/1.2/1.2.1/1.2.4.dcm').equals(deflated)).toBe(true);
  });

  test('without study and series is stored in the folders for unknown ones', async () => {
    await store.keep(INSTANCE, arriving(dataSet({ study: undefined, series: undefined })));
    expect(files()).toEqual(['instances/unknown-study/unknown-series/1.2.3.dcm']);
  });

  test('that already exists is kept once: the first one', async () => {
    const first = dataSet({ pixelLength: 10 });
    await store.keep(INSTANCE, arriving(first));
    expect(await store.keep(INSTANCE, arriving(dataSet({ pixelLength: 20 })))).toMatchObject({ isDuplicate: true });
    expect(files()).toEqual(['instances/1.2/1.2.1/1.2.3.dcm']);
    expect(kept('instances/1.2/1.2.1/1.2.3.dcm').equals(first)).toBe(true);
  });

  test('that arrives twenty times at once is stored once', async () => {
    const data = dataSet({ pixelLength: 100_000 });
    const all = await Promise.all(Array.from({ length: 20 }, () => store.keep(INSTANCE, arriving(data))));
    expect(all.filter(({ isDuplicate }) => !isDuplicate)).toHaveLength(1);
    expect(files()).toEqual(['instances/1.2/1.2.1/1.2.3.dcm']);
  });

  const whole = () => readFileSync(join(folder, 'instances/1.2/1.2.1/1.2.3.dcm'));
  test.each<[string, () => Uint8Array]>([
    ['has nothing in it', () => new Uint8Array()],
    ['is cut short', () => whole().subarray(0, -100)],
    ['has lost its blocks', () => Buffer.alloc(whole().length)],
    ['has another instance', () => Buffer.from(whole().toString('latin1').replaceAll('1.2.3\0', '1.2.4\0'), 'latin1')],
  ])('replaces a file that %s', async (_, damaged) => {
    const data = dataSet({ pixelLength: 1000 });
    await store.keep(INSTANCE, arriving(data));
    writeFileSync(join(folder, 'instances/1.2/1.2.1/1.2.3.dcm'), damaged());
    const again = { isDuplicate: false, isReplacement: true };
    expect(await store.keep(INSTANCE, arriving(data))).toMatchObject(again);
    expect(files()).toEqual(['instances/1.2/1.2.1/1.2.3.dcm']);
    expect(kept('instances/1.2/1.2.1/1.2.3.dcm').equals(data)).toBe(true);
  });

  test('is stored again after its folder was removed', async () => {
    await store.keep(INSTANCE, arriving(dataSet()));
    rmSync(join(folder, 'instances', '1.2'), { recursive: true });
    expect(await store.keep(INSTANCE, arriving(dataSet()))).toMatchObject({ isDuplicate: false });
    expect(files()).toEqual(['instances/1.2/1.2.1/1.2.3.dcm']);
  });
});

describe('a refused instance leaves nothing', () => {
  const refusals: [string, number, Partial<typeof INSTANCE>, Uint8Array][] = [
    ['another SOP class', 0xa900, {}, dataSet({ sopClass: '1.2.840.10008.5.1.4.1.1.4' })],
    ['another SOP instance', 0xa900, {}, dataSet({ sopInstance: '1.2.4' })],
    ['a data set cut short', 0xc000, {}, dataSet({ pixelLength: 1000 }).subarray(0, -1)],
    ['no data set', 0xc000, {}, Buffer.from('GET / HTTP/1.1\r\n\r\n, said somebody else altogether')],
    ['another encoding', 0xc000, { transferSyntax: IMPLICIT_VR_LITTLE_ENDIAN }, dataSet({ pixelLength: 1000 })],
    [
      'what does not inflate',
      0xc000,
      { transferSyntax: '1.2.840.10008.1.2.1.99' },
      Uint8Array.from({ length: 300 }, () => 0xff),
    ],
  ];
  test.each(refusals)('%s', async (_, status, instance, data) => {
    const keeping = store.keep({ ...INSTANCE, ...instance }, arriving(data));
    await expect(keeping).rejects.toMatchObject({ name: 'DimseError', status, errorComment: expect.any(String) });
    expect(files()).toEqual([]);
  });

  const hostile = [
    '../../etc/passwd',
    '..',
    '.',
    '',
    '/tmp/x',
    'CON',
    'nul.dcm',
    '1.2\0.3',
    '1..2',
    '1.2.',
    '1\\2',
    '1.2\n',
  ];
  const names = [...hostile, '1'.repeat(65), '1.'.repeat(150), '１.２'];
  test.each(names)('the SOP instance %j', async (sopInstance) => {
    const keeping = store.keep({ ...INSTANCE, sopInstance }, arriving(dataSet({ sopInstance })));
    await expect(keeping).rejects.toMatchObject({ status: Status.InvalidSopInstance });
    expect(files()).toEqual([]);
  });
  // An empty or padded value has neither a UID nor a name.
  test.each(names.filter((name) => name !== ''))('the study or series %j', async (uid) => {
    for (const options of [{ study: uid }, { series: uid }])
      await expect(store.keep(INSTANCE, arriving(dataSet(options)))).rejects.toMatchObject({ status: 0xc000 });
    expect(files()).toEqual([]);
    expect(readdirSync(join(folder, 'instances'))).toEqual([]);
  });

  test('a transfer that breaks off', async () => {
    const lost = new Error('the connection was lost');
    const data = dataSet({ pixelLength: 3_000_000 });
    const during: string[][] = [];
    const breaksOff = arriving(data.subarray(0, 2_500_000), () => {
      during.push(files('instances'));
      throw lost;
    });
    await expect(store.keep(INSTANCE, breaksOff)).rejects.toBe(lost);
    expect(during).toEqual([[]]);
    expect(files()).toEqual([]);
  });

  test('a file that somebody removed while it was received', async () => {
    const keeping = store.keep(
      INSTANCE,
      arriving(dataSet({ pixelLength: 3_000_000 }), () => {
        rmSync(join(folder, 'incoming'), { recursive: true });
        mkdirSync(join(folder, 'incoming'));
      }),
    );
    await expect(keeping).rejects.toMatchObject({ code: 'ENOENT' });
    expect(files()).toEqual([]);
  });
});

test('removes the remains of an earlier run at the start, but not instances', async () => {
  await store.keep(INSTANCE, arriving(dataSet()));
  writeFileSync(join(folder, 'incoming', '1-1.part'), 'half an instance');
  mkdirSync(join(folder, 'incoming', 'somebody'));
  await openFolderInstanceStore(folder, { fsync: false });
  expect(files()).toEqual(['instances/1.2/1.2.1/1.2.3.dcm']);
  expect(readdirSync(join(folder, 'incoming'))).toEqual([]);
});

/** A disk of 1 MiB, if the system allows to mount one. */
function mountSmallDisk(at: string): boolean {
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', at], { stdio: 'ignore' });
  if (status !== 0) process.stderr.write('no small disk can be mounted: the test of a full disk is left out\n');
  return status === 0;
}

test('answers A700H if the disk is full, and stores what fits afterwards', async (context) => {
  const disk = mkdtempSync(join(tmpdir(), 'small-disk-'));
  if (!mountSmallDisk(disk)) return context.skip();
  try {
    store = await openFolderInstanceStore(disk, { fsync: false });
    const large = dataSet({ pixelLength: 3_000_000 });
    await expect(
      store.keep(INSTANCE, arriving(large.subarray(0, 2_000_000), large.subarray(2_000_000))),
    ).rejects.toMatchObject({ status: 0xa700, errorComment: expect.stringContaining('no space') });
    expect(files('', disk)).toEqual([]);
    await store.keep(INSTANCE, arriving(dataSet({ pixelLength: 100_000 })));
    expect(files('', disk)).toEqual(['instances/1.2/1.2.1/1.2.3.dcm']);
  } finally {
    spawnSync('umount', [disk]);
    rmSync(disk, { recursive: true });
  }
});
