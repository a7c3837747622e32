// The fast course of storing gives what the general one gives: the same files, rows, answers and notices.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeDataSet, SopClass, TransferSyntax } from '@x/dimse';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arriving } from '../../test/arriving-data.ts';
import { type InstanceArchive, openInstanceArchive } from './instance-archive.ts';
import type { Notice } from './notices.ts';

const SYNTAX = TransferSyntax.ExplicitVRLittleEndian;
const DESCRIPTION = { sopClass: SopClass.CTImageStorage, transferSyntax: SYNTAX, sourceAeTitle: 'SCU' };

interface Arrival {
  readonly number: number;
  readonly series: number;
  readonly pixels: number;
  readonly pieces: number;
  readonly flaw: 'none' | 'cut' | 'other instance' | 'bad study' | 'bad UID' | 'odd value';
  /** What happens before it arrives. */
  readonly before: 'nothing' | 'series removed' | 'incoming removed';
}

const arrival: fc.Arbitrary<Arrival> = fc
  .record({
    number: fc.integer({ min: 1, max: 4 }),
    series: fc.integer({ min: 1, max: 2 }),
    pixels: fc.integer({ min: 0, max: 3000 }),
    pieces: fc.integer({ min: 1, max: 5 }),
    flaw: fc.oneof(
      { weight: 5, arbitrary: fc.constant('none' as const) },
      fc.constantFrom('cut' as const, 'other instance', 'bad study', 'bad UID', 'odd value'),
    ),
    before: fc.oneof(
      { weight: 8, arbitrary: fc.constant('nothing' as const) },
      fc.constantFrom('series removed' as const, 'incoming removed'),
    ),
  })
  // A flawed instance that cannot be written has two reasons to be refused, and either may be given.
  .map((each) => (each.before === 'incoming removed' ? { ...each, flaw: 'none' } : each));

const uidOf = ({ number, flaw }: Arrival) => (flaw === 'bad UID' ? '../1' : `1.2.${number}`);

function bytesOf({ number, series, pixels, flaw }: Arrival): Uint8Array {
  const bytes = encodeDataSet(
    {
      SOPClassUID: DESCRIPTION.sopClass,
      SOPInstanceUID: flaw === 'other instance' ? '1.2.99' : `1.2.${number}`,
      StudyInstanceUID: flaw === 'bad study' ? '1..2' : '1.2',
      SeriesInstanceUID: `1.2.0.${series}`,
      PatientID: flaw === 'odd value' ? 'Ä\u0000' : `${pixels % 3}`,
      PixelData: new Uint8Array(2 * pixels).fill(pixels % 256),
    },
    SYNTAX,
  );
  return flaw === 'cut' ? bytes.subarray(0, -5) : bytes;
}

function piecesOf(bytes: Uint8Array, count: number): Uint8Array[] {
  const size = Math.ceil(bytes.length / count);
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
}

/** The same data, which have arrived or are about to. */
function dataOf(arrived: Arrival, isAtHand: boolean) {
  const pieces = piecesOf(bytesOf(arrived), arrived.pieces);
  return isAtHand ? { ...arriving(...pieces), atHand: () => pieces } : arriving(...pieces);
}

async function keep(archive: InstanceArchive, arrived: Arrival, isAtHand: boolean): Promise<unknown> {
  try {
    return await archive.keep({ ...DESCRIPTION, sopInstance: uidOf(arrived) }, dataOf(arrived, isAtHand));
  } catch (error) {
    const { status, message, code } = error as { status?: number; message: string; code?: string };
    return status === undefined ? code : { status, message };
  }
}

/** All files below a folder, with their bytes. */
function filesIn(folder: string): Record<string, string> {
  const all: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) all[path.slice(folder.length)] = readFileSync(path, 'latin1');
  }
  return all;
}

async function store(arrivals: readonly Arrival[], isAtHand: boolean, fsync: boolean) {
  const folder = mkdtempSync(join(tmpdir(), 'keep-at-once-'));
  const notices: Notice[] = [];
  const notice = (each: Notice) => notices.push(each);
  const archive = await openInstanceArchive(folder, { fsync, reindex: false, notice });
  try {
    const answers: unknown[] = [];
    for (const each of arrivals) {
      if (each.before === 'series removed')
        rmSync(join(folder, 'instances/1.2/1.2.0.1'), { recursive: true, force: true });
      if (each.before === 'incoming removed') rmSync(join(folder, 'incoming'), { recursive: true, force: true });
      answers.push(await keep(archive, each, isAtHand));
      mkdirSync(join(folder, 'incoming'), { recursive: true });
    }
    const rows: unknown[] = [];
    for await (const row of archive.index.instances({ level: 'IMAGE', identifier: {} })) rows.push(row);
    const entities: unknown[] = [];
    for await (const entity of archive.index.find({ level: 'IMAGE', identifier: {} })) entities.push(entity);
    return {
      answers,
      files: filesIn(join(folder, 'instances')),
      incoming: readdirSync(join(folder, 'incoming')),
      rows,
      entities,
      notices,
    };
  } finally {
    await archive[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  }
}

test.each([false, true])('both courses give the same files, rows, answers and notices (fsync %s)', async (fsync) => {
  await fc.assert(
    fc.asyncProperty(fc.array(arrival, { minLength: 1, maxLength: 8 }), async (arrivals) => {
      expect(await store(arrivals, true, fsync)).toEqual(await store(arrivals, false, fsync));
    }),
    { numRuns: fsync ? 15 : 40 },
  );
});

test.each([false, true])(
  'keeps one of those that arrive at the same moment, at hand or not (fsync %s)',
  async (fsync) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(arrival, fc.boolean()), { minLength: 2, maxLength: 8 }), async (both) => {
        const folder = mkdtempSync(join(tmpdir(), 'keep-at-once-'));
        await using archive = await openInstanceArchive(folder, { fsync, reindex: false });
        try {
          const same = both.map(([each, isAtHand], index) => {
            const one: Arrival = { ...each, number: 1, series: 1, pixels: 100 + index, flaw: 'none' };
            return [one, isAtHand] as const;
          });
          const kept = await Promise.all(same.map(([one, isAtHand]) => keep(archive, one, isAtHand)));
          const firsts = kept.map((each) => !(each as { isDuplicate: boolean }).isDuplicate);
          expect(firsts.filter(Boolean)).toHaveLength(1);
          const [first] = same[firsts.indexOf(true)] as (typeof same)[number];
          const [file = '', ...others] = Object.values(filesIn(join(folder, 'instances')));
          expect(others).toEqual([]);
          expect(file.endsWith(Buffer.from(bytesOf(first)).toString('latin1'))).toBe(true);
          expect(await archive.index.locate('1.2.1')).toMatchObject([{ length: bytesOf(first).length }]);
        } finally {
          rmSync(folder, { recursive: true });
        }
      }),
      { numRuns: fsync ? 15 : 40 },
    );
  },
);

test('keeps the first of two that have arrived at the same moment', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keep-at-once-'));
  await using archive = await openInstanceArchive(folder, { fsync: false, reindex: false });
  try {
    const one: Arrival = { number: 1, series: 1, pixels: 1, pieces: 2, flaw: 'none', before: 'nothing' };
    // The first of a series makes its folder.
    await keep(archive, one, true);
    const both = [keep(archive, { ...one, number: 2 }, true), keep(archive, { ...one, number: 2, pixels: 9 }, true)];
    expect(await Promise.all(both)).toMatchObject([{ isDuplicate: false }, { isDuplicate: true }]);
    expect(await archive.index.locate('1.2.2')).toHaveLength(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
