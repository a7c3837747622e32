#!/usr/bin/env node
// dimse-scu: a service class user for the command line.

// First, before anything that allocates or is compiled.
import '@x/cli/young-generation';
import '@x/cli/late-optimization';
import { fileURLToPath } from 'node:url';
import { loadProgram } from '@x/cli/compiled-program';

// Programs run an echo again and again; the other verbs use much code that it does not.
const part = process.argv[2] === 'echo' ? 'dimse-scu-echo' : 'dimse-scu';
const { runScu } = loadProgram(fileURLToPath(new URL('run.cjs', import.meta.url)), part) as typeof import('./run.ts');
await runScu(() => import('@bomb.sh/tab'));
