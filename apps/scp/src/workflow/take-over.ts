// Takes over the work of processes that have ended, if several share a database.

import type { PrintProvider } from '@x/dimse/print';
import type { StorageCommitmentProvider } from '@x/dimse/workflow';

/** Looks for what processes that have ended have left, until it is disposed of. */
export function takeOverRegularly(
  commitment: Pick<StorageCommitmentProvider, 'takeOver'>,
  printer: Pick<PrintProvider, 'takeOver'>,
): Disposable {
  const looking = setInterval(() => {
    // It fails for as long as the database cannot be used, which is reported elsewhere.
    void commitment.takeOver().catch(() => {});
    printer.takeOver();
  }, INTERVAL).unref();
  return { [Symbol.dispose]: () => clearInterval(looking) };
}

/** Milliseconds. */
const INTERVAL = 5000;
