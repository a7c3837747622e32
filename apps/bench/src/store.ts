// C-STORE of sets of files, against the raw pipeline and DCMTK: whole processes on both sides.

import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { computedTomographySeries, type Slice } from '@x/testing/computed-tomography-phantom';
import { type Contestant, compare, type Row } from './measure.ts';
import { runChild, runDcmtk, runScu, type Server, startChild, startScp, startStorescp } from './processes.ts';

export interface StoreSettings {
  readonly folder: string;
  readonly rounds: number;
  readonly instances: number;
}

export async function storeRows({ folder, rounds, instances }: StoreSettings): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [size, unit] of [
    [512, 'MB/s'],
    [62, 'instances/s'],
  ] as const) {
    const { path, bytes } = writeSeries(join(folder, `series-${size}`), instances, size);
    const figure = (milliseconds: number) => (unit === 'MB/s' ? bytes / 1e3 : instances * 1e3) / milliseconds;
    const what = `C-STORE of ${instances} × ${Math.round(bytes / instances / 1000)} KB`;
    const contest = (sink: 'file' | 'null') => [
      ours(folder, path, sink, figure),
      raw(folder, path, sink, figure),
      dcmtk(folder, path, sink, figure),
    ];
    rows.push(await compare(`${what}, file → file, one association`, unit, contest('file'), rounds));
    rows.push(await compare(`${what}, file → null sink`, unit, contest('null'), rounds));
    rmSync(path, { recursive: true });
  }
  return rows;
}

/** One large object; with the peak of resident memory of both sides. */
export async function largeObjectRow({ folder, rounds }: StoreSettings, gibibytes: number): Promise<Row> {
  const path = join(folder, 'large');
  mkdirSync(path, { recursive: true });
  writeLarge(join(path, 'large.dcm'), gibibytes * 1024 ** 3);
  const bytes = gibibytes * 1024 ** 3;
  const figure = (milliseconds: number) => bytes / 1e3 / milliseconds;
  const peaks: Record<string, string> = {};
  const watched = (name: string, peak: string) => {
    peaks[name] = peak;
  };
  const contestants = [ours(folder, path, 'file', figure, watched), dcmtk(folder, path, 'file', figure, watched)];
  const row = await compare(`C-STORE of one object of ${gibibytes} GiB, file → file`, 'MB/s', contestants, rounds);
  rmSync(path, { recursive: true });
  const notes = Object.entries(peaks).map(([name, peak]) => `${name}: ${peak}`);
  return { ...row, notes: `peak resident memory, ${notes.join('; ')}` };
}

type Watch = (name: string, peak: string) => void;
type Figure = (milliseconds: number) => number;

function ours(folder: string, path: string, sink: 'file' | 'null', figure: Figure, watch?: Watch): Contestant {
  return {
    name: 'ours',
    run: async () => {
      const target = join(folder, 'archive');
      const server = sink === 'file' ? await startScp(target) : await startChild('discard');
      return during(server, target, async () => {
        const { milliseconds, peakMemory } = await runScu('store', `NULL@127.0.0.1:${server.port}`, path, '--quiet');
        watch?.('ours', `SCU ${megabytes(peakMemory)}, SCP ${megabytes(server.peakMemory())}`);
        return figure(milliseconds);
      });
    },
  };
}

function raw(folder: string, path: string, sink: 'file' | 'null', figure: Figure): Contestant {
  return {
    name: 'raw Node sockets and files',
    run: async () => {
      const target = join(folder, 'raw');
      mkdirSync(target, { recursive: true });
      const server = await startChild('receive', sink === 'file' ? target : '-');
      return during(server, target, async () => figure((await runChild('send', `${server.port}`, path)).milliseconds));
    },
  };
}

function dcmtk(folder: string, path: string, sink: 'file' | 'null', figure: Figure, watch?: Watch): Contestant {
  return {
    name: 'DCMTK',
    run: async () => {
      const target = join(folder, 'dcmtk');
      mkdirSync(target, { recursive: true });
      const server = await startStorescp(...(sink === 'file' ? ['-od', target] : ['--ignore']));
      return during(server, target, async () => {
        const args = ['-pdu', '131072', '-R', '+sd', '127.0.0.1', `${server.port}`, path];
        const { milliseconds, peakMemory } = await runDcmtk('storescu', ...args);
        watch?.('DCMTK', `SCU ${megabytes(peakMemory)}, SCP ${megabytes(server.peakMemory())}`);
        return figure(milliseconds);
      });
    },
  };
}

async function during(server: Server, target: string, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } finally {
    await server.stop();
    if (existsSync(target)) rmSync(target, { recursive: true });
  }
}

function writeSeries(path: string, instances: number, size: number): { readonly path: string; readonly bytes: number } {
  mkdirSync(path, { recursive: true });
  let bytes = 0;
  // One slice's pixels do for all: what counts is that each is an instance of its own.
  for (const [index, slice] of seriesOf(instances, size).entries()) {
    writeFileSync(join(path, `${index}.dcm`), slice);
    bytes += slice.length;
  }
  return { path, bytes };
}

function seriesOf(instances: number, size: number): Uint8Array[] {
  const [first] = [...computedTomographySeries({ slices: 1, size })] as [Slice];
  const template = Buffer.from(first.bytes);
  const digits = first.sopInstanceUid.length - 6;
  const places: number[] = [];
  for (let at = template.indexOf(first.sopInstanceUid); at >= 0; at = template.indexOf(first.sopInstanceUid, at + 1))
    places.push(at);
  return Array.from({ length: instances }, (_, index) => {
    const copy = Buffer.from(template);
    for (const at of places) copy.write(String(100_000 + index), at + digits, 'latin1');
    return copy;
  });
}

function writeLarge(path: string, bytes: number): void {
  const [slice] = [...computedTomographySeries({ slices: 1, size: 16 })] as [Slice];
  const template = Buffer.from(slice.bytes);
  const header = template.length - 16 * 16 * 2;
  template.writeUInt32LE(bytes, header - 4);
  writeFileSync(path, template.subarray(0, header));
  const block = Buffer.alloc(16 * 1024 * 1024, 'pixels');
  for (let left = bytes; left > 0; left -= block.length)
    writeFileSync(path, block.subarray(0, Math.min(block.length, left)), { flag: 'a' });
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
