// Data as they come from an association, for tests.

import type { IncomingData } from '@x/dimse';

/** The chunks one by one; a function is called in its place. */
export function arriving(...chunks: readonly (Uint8Array | (() => void | Promise<void>))[]): IncomingData {
  async function* batches() {
    for (const chunk of chunks) {
      if (typeof chunk === 'function') await chunk();
      else yield [chunk];
    }
  }
  return {
    batches,
    async *[Symbol.asyncIterator]() {
      for await (const batch of batches()) yield* batch;
    },
  };
}
