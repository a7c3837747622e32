// Runs before each test file. DIMSE_PROPERTY_RUNS multiplies the number of cases that each property is tried with.

import type fastCheck from 'fast-check';
import { vi } from 'vitest';

const factor = Number(process.env.DIMSE_PROPERTY_RUNS ?? 1);
const DEFAULT_RUNS = 100;

// fast-check's global configuration would not reach the properties that give their own number.
if (factor !== 1) {
  vi.doMock('fast-check', async (importOriginal) => {
    const original = await importOriginal<typeof import('fast-check')>();
    const assert = <Values>(
      property: fastCheck.IProperty<Values> | fastCheck.IAsyncProperty<Values>,
      parameters: fastCheck.Parameters<Values> = {},
    ) => original.assert(property, { ...parameters, numRuns: Math.ceil((parameters.numRuns ?? DEFAULT_RUNS) * factor) });
    return { ...original, assert, default: { ...original.default, assert } };
  });
}
