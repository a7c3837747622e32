// Releases idle associations, so that they do not use up the limits of either side.

import { TimeoutError } from '../errors.ts';
import { LONGEST_TIMER } from '../timeouts.ts';
import type { Association } from './association.ts';

/**
 * Releases the association when nothing was sent or received on it for `idle` milliseconds and no message or operation
 * is in progress; if the peer has stopped in the middle of a message, aborts it. 0 or Infinity never ends it.
 */
export function releaseWhenIdle(association: Association, idle: number): void {
  if (idle === 0 || idle === Number.POSITIVE_INFINITY) return;
  let timer: NodeJS.Timeout;
  const watch = (milliseconds: number) => {
    timer = setTimeout(
      () => {
        const left = association.connection.lastActivity + idle - performance.now();
        const { awaited, peerName } = association.connection;
        if (left > 0) watch(left);
        // An operation that waits for its data set is busy, too, but must not hold its place for good.
        else if (awaited)
          association.abort(new TimeoutError('idle', idle, `${peerName} did not send any of ${awaited}`));
        else if (association.isBusy || association.sendQueue.messages > 0) watch(idle);
        // If the release fails, `closed` has the error.
        else association.release().catch(() => {});
      },
      Math.min(milliseconds, LONGEST_TIMER),
    );
    // The process may exit if this timer is all that is left.
    timer.unref();
  };
  watch(idle);
  void association.closed.then(() => clearTimeout(timer));
}
