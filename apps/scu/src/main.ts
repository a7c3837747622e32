#!/usr/bin/env node
// dimse-scu: a service class user for the command line.

// First, before anything that allocates.
import '@x/cli/short-lived-memory';

// The imports of a bundle are loaded before its code runs.
const { runScu } = await import('./run.ts');
await runScu();
