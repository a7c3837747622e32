import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@x/cli/logger';
import { createScp, instanceAvailabilityNotification, openSession } from '@x/dimse';
import { toDicomJson } from '@x/dimse/data-set';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { instanceAvailabilityService } from './instance-availability-service.ts';
import { openWorkflowDatabase } from './workflow-database/workflow-database.ts';

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

test('keeps the latest 10,000 notifications', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'availability-'));
  const database = await openWorkflowDatabase(folder);
  const attributes = JSON.stringify(toDicomJson(notification));
  await sql`with recursive numbers (number) as (select 1 union all select number + 1 from numbers where number < 10000)
    insert into instance_availability (sop_instance_uid, source_ae_title, study_instance_uid, received_at, attributes)
    select '1.9.' || number, 'A', '1.2', 0, ${attributes} from numbers`.execute(database.tables);
  const logger = createLogger({ verbosity: 0, format: 'json', quiet: true });
  const service = instanceAvailabilityService({ database }, logger);
  await using scp = createScp({ aeTitle: 'ARCHIVE', services: [service] });
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  const peer = { host: '127.0.0.1', port, callingAeTitle: 'A', calledAeTitle: 'ARCHIVE' };
  const session = await openSession({ ...peer, services: [instanceAvailabilityNotification] });
  await session.use(instanceAvailabilityNotification).create({ sopInstance: '1.2.3', attributes: notification });
  await session.release();
  const { rows } = await sql<{ count: number; oldest: string }>`
    select count(*) as count, (select sop_instance_uid from instance_availability order by sequence limit 1) as oldest
    from instance_availability`.execute(database.tables);
  expect(rows).toEqual([{ count: 10_000, oldest: '1.9.2' }]);
  await database[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});
