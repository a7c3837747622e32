// The rows of patients, studies and series are the same in whatever order instances arrive.

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SopClass, TransferSyntax, type UntypedDataSet } from '@x/dimse';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { IndexedInstance } from './archive-index.ts';
import { openSqlArchiveIndex } from './sql-archive-index.ts';

type Described = readonly [IndexedInstance, UntypedDataSet];

/** Two patients in one study, three series, and instances that describe the same entities, so many of them in the same words. */
const instances = (inSameWords: number): readonly Described[] =>
  Array.from({ length: 12 }, (_, number) => described(number, Math.floor(number / inSameWords)));

const described = (number: number, words: number): Described => [
  {
    study: '1.2',
    series: `1.2.${number % 3}`,
    sopInstance: `1.2.3.${number}`,
    sopClass: SopClass.CTImageStorage,
    transferSyntax: TransferSyntax.ExplicitVRLittleEndian,
    length: number,
  },
  {
    PatientID: `P${number % 2}`,
    PatientName: { Alphabetic: `Name${words}` },
    StudyDescription: `study ${words}`,
    SeriesDescription: `series ${words}`,
    Modality: 'CT',
  },
];

async function rowsOf(all: readonly Described[], order: readonly number[]): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'arrival-sequence-'));
  try {
    const index = await openSqlArchiveIndex(join(folder, 'index.db'), { fsync: false });
    try {
      for (const number of order) await index.add(...(all[number] as Described));
      const rows: UntypedDataSet[] = [];
      for (const level of ['PATIENT', 'STUDY', 'SERIES'] as const)
        for await (const found of index.find({ level, identifier: {} })) rows.push(found);
      return rows.map((row) => JSON.stringify(row, Object.keys(row).sort())).sort();
    } finally {
      await index[Symbol.asyncDispose]();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const ascending = Array.from({ length: 12 }, (_, number) => number);

test.each([1, 6])('in descending order, in any order, and with repetitions, %d in the same words', async (same) => {
  const all = instances(same);
  const expected = await rowsOf(all, ascending);
  expect((expected as string[]).length).toBeGreaterThan(4);
  expect(await rowsOf(all, [...ascending].reverse())).toEqual(expected);
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray(ascending, { minLength: ascending.length }),
      fc.array(fc.integer({ min: 0, max: 11 }), { maxLength: 6 }),
      async (order, again) => {
        expect(await rowsOf(all, [...order, ...again])).toEqual(expected);
      },
    ),
    { numRuns: 25 },
  );
});

test('writes no index of patients, studies and series for each instance in descending order', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'arrival-sequence-'));
  const path = join(folder, 'index.db');
  const index = await openSqlArchiveIndex(path, { fsync: false });
  try {
    // Each page of a transaction is written to the log once.
    const pages = () => Math.floor(statSync(`${path}-wal`).size / 4096);
    const all = Array.from({ length: 20 }, (_, number) => described(2 * (19 - number), 0));
    await index.add(...(all[0] as Described));
    const before = pages();
    for (const each of all.slice(1)) await index.add(...each);
    // The rows of the instance, its series, its study and its patient, and two indexes of instances.
    expect(pages() - before).toBeLessThanOrEqual(7 * 19);
  } finally {
    await index[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  }
});
