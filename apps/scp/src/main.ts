#!/usr/bin/env node
// dimse-scp: a small DICOM archive.

// First, before anything that allocates.
import '@x/cli/short-lived-memory';
import { runProcess } from '@x/cli/program';
import { scpProgram } from './program.ts';

await runProcess(scpProgram());
