#!/usr/bin/env node
// dimse-scu: a service class user for the command line.

// First, before anything that allocates or is compiled.
import '@x/cli/young-generation';
import '@x/cli/compile-cache';

// The imports of a bundle are loaded before its code runs.
const { runScu } = await import('./run.ts');
await runScu();
