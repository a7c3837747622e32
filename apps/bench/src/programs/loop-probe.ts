// Loaded before dimse-scp (node --import): prints the longest stretch of its event loop, in milliseconds, at each SIGUSR2.

import { monitorEventLoopDelay } from 'node:perf_hooks';

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
process.on('SIGUSR2', () => {
  process.stderr.write(`\nlongest stretch ${(delay.max / 1e6).toFixed(1)} ms\n`);
  delay.reset();
});
