// Data as it arrives from an association, for tests.

import type { IncomingData } from '@x/dimse';

/** Delivers the chunks one by one; a function among them is called at its position. */
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
