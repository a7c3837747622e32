// The rows of patients, studies and series are the same in whatever order instances arrive.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SopClass, TransferSyntax, type UntypedDataSet } from '@x/dimse';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { IndexedInstance } from './archive-index.ts';
import { openSqlArchiveIndex } from './sql-archive-index.ts';

/** Two patients in one study, three series, and instances that describe the same entities in other words. */
const INSTANCES: readonly [IndexedInstance, UntypedDataSet][] = Array.from({ length: 12 }, (_, number) => [
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
    PatientName: { Alphabetic: `Name${number}` },
    StudyDescription: `study ${number}`,
    SeriesDescription: `series ${number}`,
    Modality: 'CT',
  },
]);

async function rowsOf(order: readonly number[]): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'arrival-sequence-'));
  try {
    const index = await openSqlArchiveIndex(join(folder, 'index.db'), { fsync: false });
    try {
      for (const number of order) await index.add(...(INSTANCES[number] as [IndexedInstance, UntypedDataSet]));
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

const ascending = INSTANCES.map((_, number) => number);

test('in descending order, in any order, and with repetitions', async () => {
  const expected = await rowsOf(ascending);
  expect((expected as string[]).length).toBeGreaterThan(5);
  expect(await rowsOf([...ascending].reverse())).toEqual(expected);
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray(ascending, { minLength: ascending.length }),
      fc.array(fc.integer({ min: 0, max: 11 }), { maxLength: 6 }),
      async (order, again) => {
        expect(await rowsOf([...order, ...again])).toEqual(expected);
      },
    ),
    { numRuns: 25 },
  );
});
