// Associations that nobody uses: released, so that they do not fill a table of ours or of the peer's.

import { LONGEST_TIMER } from '../timeouts.ts';
import type { Association } from './association.ts';

/**
 * Releases the association once nothing was sent or received on it for the time, in milliseconds, and nothing is under
 * way. 0 or Infinity never does.
 */
export function releaseWhenIdle(association: Association, idle: number): void {
  if (idle === 0 || idle === Number.POSITIVE_INFINITY) return;
  let timer: NodeJS.Timeout;
  const watch = (milliseconds: number) => {
    timer = setTimeout(
      () => {
        const left = association.connection.lastActivity + idle - performance.now();
        if (left > 0) watch(left);
        else if (association.isBusy || association.sendQueue.messages > 0) watch(idle);
        // It ends one way or another, which `closed` tells.
        else association.release().catch(() => {});
      },
      Math.min(milliseconds, LONGEST_TIMER),
    );
    // Whoever has nothing else to do need not stay for this.
    timer.unref();
  };
  watch(idle);
  void association.closed.then(() => clearTimeout(timer));
}
