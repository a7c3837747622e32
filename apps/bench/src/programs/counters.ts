// Loaded before a program (node --import): counts its garbage collections, with COUNT_PROMISES its promises too, and
// prints the counts at each SIGUSR2.

import { createHook } from 'node:async_hooks';
import { constants, type NodeGCPerformanceDetail, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';

const counts = { major: 0, minor: 0, promises: 0 };
const count = (entries: readonly PerformanceEntry[]) => {
  for (const entry of entries) {
    const { kind } = (entry as unknown as { readonly detail: NodeGCPerformanceDetail }).detail;
    if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) counts.major++;
    if (kind === constants.NODE_PERFORMANCE_GC_MINOR) counts.minor++;
  }
};
const observer = new PerformanceObserver((list) => count(list.getEntries()));
observer.observe({ entryTypes: ['gc'] });
if (process.env.COUNT_PROMISES)
  createHook({
    init(_, type) {
      if (type === 'PROMISE') counts.promises++;
    },
  }).enable();
process.on('SIGUSR2', () => {
  count(observer.takeRecords());
  process.stderr.write(`\ncounts ${JSON.stringify(counts)}\n`);
});
