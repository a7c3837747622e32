// Prints the conformance statement of the archive that the options describe.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@x/cli/logger';
import { ExitCode, type ProgramContext } from '@x/cli/program';
import { archiveOptions } from './archive.ts';
import { openAreas } from './areas.ts';
import { conformanceStatement } from './conformance.ts';
import { openInstanceArchive } from './instances/instance-archive.ts';
import type { Options } from './options.ts';
import { openWorkflow } from './workflow/workflow.ts';

/** Describes what these options do: everything is opened as it would be, but in a temporary folder. */
export async function printConformance(described: Options, { stdout }: ProgramContext): Promise<number> {
  const logger = createLogger({ verbosity: 0, format: 'json', quiet: true });
  const data = await mkdtemp(join(tmpdir(), 'dimse-scp-'));
  try {
    const there = { ...described, data };
    await using instances = await openInstanceArchive(data, there);
    await using workflow = await openWorkflow(there, instances, logger);
    await using areas = await openAreas(there, logger, { observers: [] });
    const scp = archiveOptions(there, instances, workflow, logger);
    const entities = areas.all.map(({ options, entity, aeTitle }) => ({
      options,
      scp: { ...scp, ...entity, aeTitle },
    }));
    stdout.write(conformanceStatement({ options: described, scp }, entities));
    return ExitCode.Success;
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}
