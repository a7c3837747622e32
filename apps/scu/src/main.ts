#!/usr/bin/env node
// dimse-scu: a service class user for the command line.

// Imported first, before anything that allocates.
import '@x/cli/short-lived-memory';
import { runProcess } from '@x/cli/program';
import { createScuProgram } from './program.ts';

await runProcess(createScuProgram());
