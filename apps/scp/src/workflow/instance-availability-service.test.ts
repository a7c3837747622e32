import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@x/cli/logger';
import { createScp, instanceAvailabilityNotification, openSession, Status } from '@x/dimse';
import { testPostgres } from '@x/testing/services';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { sharingProcesses } from '../../test/sharing-processes.ts';
import { instanceAvailabilityService } from './instance-availability-service.ts';
import { keptDataSet } from './workflow-database/kept-data-set.ts';
import { openWorkflowDatabase, type WorkflowDatabase } from './workflow-database/workflow-database.ts';

const notification = {
  ReferencedPerformedProcedureStepSequence: [],
  StudyInstanceUID: '1.2',
  ReferencedSeriesSequence: [
    {
      SeriesInstanceUID: '1.2.1',
      ReferencedSOPSequence: [
        {
          ReferencedSOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
          ReferencedSOPInstanceUID: '1.2.3',
          InstanceAvailability: 'ONLINE',
          RetrieveAETitle: 'ARCHIVE',
        },
      ],
    },
  ],
};

const server = await testPostgres();

type Opened = { readonly database: WorkflowDatabase } & AsyncDisposable;

/** Databases of this test. */
const WORLDS = {
  async embedded(): Promise<Opened> {
    const folder = mkdtempSync(join(tmpdir(), 'availability-'));
    const database = await openWorkflowDatabase(folder);
    const dispose = async () => {
      await database[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    };
    return { database, [Symbol.asyncDispose]: dispose };
  },
  async shared(): Promise<Opened> {
    const processes = sharingProcesses(server ?? '');
    const { workflow } = await processes.start();
    return { database: workflow, [Symbol.asyncDispose]: () => processes[Symbol.asyncDispose]() };
  },
};

test.each(['embedded', 'shared'] as const)(
  'keeps the latest 10,000 notifications in a database that is %s',
  async (world) => {
    if (world === 'shared' && server === undefined) return;
    await using opened = await WORLDS[world]();
    const { database } = opened;
    const attributes = Buffer.from(await keptDataSet(notification));
    await sql`with recursive numbers (number) as (select 1 union all select number + 1 from numbers where number < 10000)
    insert into instance_availability (sop_instance_uid, source_ae_title, study_instance_uid, received_at, attributes)
    select '1.9.' || number, 'A', '1.2', 0, ${attributes} from numbers order by number`.execute(database.tables);
    const logger = createLogger({ verbosity: 0, format: 'json', quiet: true });
    const service = instanceAvailabilityService({ database }, logger);
    await using scp = createScp({ aeTitle: 'ARCHIVE', services: [service] });
    const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
    const peer = { host: '127.0.0.1', port, callingAeTitle: 'A', calledAeTitle: 'ARCHIVE' };
    const session = await openSession({ ...peer, services: [instanceAvailabilityNotification] });
    await session.use(instanceAvailabilityNotification).create({ sopInstance: '1.2.3', attributes: notification });
    const again = session
      .use(instanceAvailabilityNotification)
      .create({ sopInstance: '1.2.3', attributes: notification });
    await expect(again).rejects.toMatchObject({ status: Status.DuplicateSopInstance });
    await session.release();
    const { rows } = await sql<{ count: number; oldest: string }>`
    select count(*) as count, (select sop_instance_uid from instance_availability order by sequence limit 1) as oldest
    from instance_availability`.execute(database.tables);
    expect(rows).toEqual([{ count: 10_000, oldest: '1.9.2' }]);
  },
);
