#!/usr/bin/env node
// dimse-scp: a small DICOM archive.

// First, before anything that allocates or is compiled.
import '@x/cli/young-generation';
import '@x/cli/inlining';
import '@x/cli/young-collection';

// Loaded here, because a failure to load a static import cannot be explained.
try {
  const { runScp } = await import('./run.ts');
  await runScp();
} catch (error) {
  if (!/^E[MN]FILE$/.test((error as NodeJS.ErrnoException).code ?? '')) throw error;
  process.stderr.write('dimse-scp: too few file descriptors: raise the limit (ulimit -n) to 1024 or more\n');
  process.exit(2);
}
