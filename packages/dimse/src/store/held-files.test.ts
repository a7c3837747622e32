// Files that are held between being found and being sent: each is opened once, and every descriptor is closed.

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeFileMetaInformation } from '../part10/file-meta-information.ts';
import { findDicomFiles } from '../part10/find-dicom-files.ts';
import { HeldFiles, type HeldFilesOptions } from '../part10/held-files.ts';
import { storage } from '../services/storage.ts';
import { createScp } from '../session/scp.ts';
import { type HandlerContext, serve } from '../session/service-class.ts';
import type { InstanceFile, InstanceSource } from './instance-source.ts';
import { storeInstances } from './store-instances.ts';
import type { StoreOutcome } from './store-outcome.ts';

const FILES = 12;
/** Content that is in memory as soon as a file is open, that is read before it is sent, and that is read while it is sent. */
const LENGTHS = { small: 1_000, medium: 300_000, large: 3_000_000 };
type Kind = keyof typeof LENGTHS;

let root: string;
const closing: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'held-files-'));
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  rmSync(root, { recursive: true });
});

const dataOf = (kind: Kind, sopInstance: string) =>
  syntheticDataSet({ sopClass: CT_IMAGE_STORAGE, sopInstance, pixelLength: LENGTHS[kind] });

/** A folder of files of one kind. */
function folderOf(kind: Kind): string {
  const folder = join(root, kind);
  mkdirSync(folder);
  for (let number = 10; number < 10 + FILES; number++) {
    const sopInstance = `1.2.${number}`;
    const meta = { sopClass: CT_IMAGE_STORAGE, sopInstance, transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN };
    writeFileSync(
      join(folder, `${number}.dcm`),
      Buffer.concat([encodeFileMetaInformation(meta), dataOf(kind, sopInstance)]),
    );
  }
  return folder;
}

const pathsIn = (folder: string) => readdirSync(folder).map((name) => join(folder, name));

/** The open files below the folder of the test. */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      const path = readlinkSync(join('/proc/self/fd', descriptor));
      return path.startsWith(root) ? [path] : [];
    } catch {
      // The one that the folder of descriptors was read by.
      return [];
    }
  });
}

async function held(folder: string, files: HeldFiles): Promise<InstanceFile[]> {
  const found: InstanceFile[] = [];
  for await (const { path, file } of findDicomFiles([folder])) {
    const { sopClass = '', sopInstance = '', transferSyntax = '', dataSet } = file ?? {};
    if (file)
      found.push({ path, sopClass, sopInstance, transferSyntax, length: dataSet?.length ?? 0, held: files.hold(file) });
  }
  return found;
}

/** A peer that calls back for each instance before its data are read, and keeps the data. */
async function peer(begun: (context: HandlerContext, sopInstance: string) => void = () => {}) {
  const received = new Map<string, Buffer>();
  const scp = createScp({
    aeTitle: 'ARCHIVE',
    services: [
      serve(storage, {
        async store({ sopInstance, data }, context) {
          begun(context, sopInstance);
          const chunks: Uint8Array[] = [];
          for await (const chunk of data) chunks.push(Buffer.from(chunk));
          received.set(sopInstance, Buffer.concat(chunks));
          return 0;
        },
      }),
    ],
  });
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  closing.push(() => scp.close());
  return { received, to: { ...ME, port, recovery: { reconnectionDelay: 1, reconnections: 1, lostAssociations: 2 } } };
}

const ME = { host: '127.0.0.1', callingAeTitle: 'ME', calledAeTitle: 'ARCHIVE' };

async function all(outcomes: AsyncIterable<StoreOutcome>): Promise<StoreOutcome[]> {
  const every: StoreOutcome[] = [];
  for await (const outcome of outcomes) every.push(outcome);
  return every;
}

const results = (outcomes: readonly StoreOutcome[]) => outcomes.map(({ result }) => result);
const SENT = Array.from({ length: FILES }, () => 'sent');

describe.each(Object.keys(LENGTHS) as Kind[])('%s files', (kind) => {
  test('are sent as they were found, even if they have been removed since', async () => {
    const folder = folderOf(kind);
    await using files = new HeldFiles();
    const instances = await held(folder, files);
    expect(files.size).toBe(FILES);
    rmSync(folder, { recursive: true });
    const { received, to } = await peer();
    expect(results(await all(storeInstances(instances, to)))).toEqual(SENT);
    expect(files.size).toBe(0);
    for (const [sopInstance, data] of received) expect(data.equals(dataOf(kind, sopInstance)), sopInstance).toBe(true);
    expect(received.size).toBe(FILES);
  });

  test.each<HeldFilesOptions>([{ maximumOpen: 2, maximumLength: 0 }, { maximumOpen: 0 }])(
    'beyond %j are opened again',
    async (bounds) => {
      await using files = new HeldFiles(bounds);
      const instances = await held(folderOf(kind), files);
      const most = kind === 'small' ? (bounds.maximumLength ?? FILES) : bounds.maximumOpen;
      expect(files.size).toBe(most);
      const { received, to } = await peer();
      expect(results(await all(storeInstances(instances, to)))).toEqual(SENT);
      expect(received.size).toBe(FILES);
    },
  );

  test('are sent again after an association was lost on each of them', async () => {
    await using files = new HeldFiles();
    const instances = await held(folderOf(kind), files);
    const begun = new Set<string>();
    const { received, to } = await peer(({ session }, sopInstance) => {
      if (!begun.has(sopInstance)) session.abort();
      begun.add(sopInstance);
    });
    expect(results(await all(storeInstances(instances, to)))).toEqual(SENT);
    for (const [sopInstance, data] of received) expect(data.equals(dataOf(kind, sopInstance)), sopInstance).toBe(true);
  });

  describe.skipIf(!existsSync('/proc/self/fd'))('are all closed', () => {
    const ways: Record<string, (instances: readonly InstanceSource[]) => Promise<unknown>> = {
      'when they have been sent': async (instances) => all(storeInstances(instances, (await peer()).to)),
      'when the loop is left': async (instances) => {
        for await (const _ of storeInstances(instances, (await peer()).to)) break;
      },
      'when the signal aborts in the middle of one': async (instances) => {
        const { signal, abort } = aborting();
        const { to } = await peer((_, sopInstance) => sopInstance === '1.2.13' && abort());
        await expect(all(storeInstances(instances, { ...to, signal }))).rejects.toThrow('interrupted');
      },
      'when the peer aborts again and again': async (instances) => {
        const { to } = await peer(({ session }) => session.abort());
        expect(results(await all(storeInstances(instances, to)))).not.toContain('sent');
      },
      'when the peer cannot be reached': async (instances) => {
        const { to } = await peer();
        for (const close of closing.splice(0)) await close();
        expect(results(await all(storeInstances(instances, to)))).not.toContain('sent');
      },
      'when the source fails': async (instances) => {
        const { to } = await peer();
        const failing = (async function* () {
          yield* instances.slice(0, 5);
          throw new Error('no further ones');
        })();
        await expect(all(storeInstances(failing, to))).rejects.toThrow('no further ones');
      },
    };

    test.each(Object.entries(ways))('%s', async (_, send) => {
      const folder = folderOf(kind);
      {
        await using files = new HeldFiles();
        await send(await held(folder, files));
      }
      expect(openFiles()).toEqual([]);
      // The same for files of which only the paths are given.
      await send(pathsIn(folder));
      for (const close of closing.splice(0)) await close();
      expect(openFiles()).toEqual([]);
    });
  });
});

test.skipIf(!existsSync('/proc/self/fd'))(
  'a loop over files that is left closes all but those that are held',
  async () => {
    const folder = folderOf('medium');
    for await (const { path } of findDicomFiles([folder])) if (path.endsWith('12.dcm')) break;
    expect(openFiles()).toEqual([]);
    const files = new HeldFiles();
    for await (const { file } of findDicomFiles([folder])) if (file && files.hold(file)) break;
    expect(openFiles()).toEqual([join(folder, '10.dcm')]);
    await files.close();
    expect(openFiles()).toEqual([]);
  },
);

test('a file that has become shorter fails alone', async () => {
  const folder = folderOf('medium');
  await using files = new HeldFiles();
  const instances = await held(folder, files);
  truncateSync(join(folder, '13.dcm'), 200_000);
  const { to } = await peer();
  const outcomes = await all(storeInstances(instances, to));
  expect(outcomes.filter(({ result }) => result === 'failed')).toMatchObject([
    { sopInstance: '1.2.13', reason: expect.stringContaining('has changed') },
  ]);
  expect(results(outcomes).filter((result) => result === 'sent')).toHaveLength(FILES - 1);
});

test('holds nothing more when it was closed', async () => {
  const files = new HeldFiles();
  await files.close();
  expect((await held(folderOf('small'), files)).map((instance) => instance.held)).toEqual(SENT.map(() => undefined));
});

function aborting() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort(new Error('interrupted')) };
}
