// Runs before each test file. DIMSE_PROPERTY_RUNS multiplies the number of cases that each property is tried with.

import type fastCheck from 'fast-check';
import { vi } from 'vitest';

// These wait for one second unless they are told otherwise, which a busy machine may need for a process to start.
const PATIENCE = { timeout: 20_000 };
const { waitUntil, waitFor } = vi;
vi.waitUntil = (callback, options) => waitUntil(callback, { ...PATIENCE, ...(typeof options === 'object' && options) });
vi.waitFor = (callback, options) => waitFor(callback, { ...PATIENCE, ...(typeof options === 'object' && options) });

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
