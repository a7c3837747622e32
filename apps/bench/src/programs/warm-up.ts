// The warm-up of programs that send: the work is done once before it is measured, if WARM_UP is set.

import { setTimeout as delay } from 'node:timers/promises';

/** For the bench to read the costs so far, in milliseconds. */
const PAUSE = 100;

export async function warmUp(work: () => Promise<void>): Promise<void> {
  if (!process.env.WARM_UP) return;
  await work();
  process.stdout.write('warm\n');
  await delay(PAUSE);
}
