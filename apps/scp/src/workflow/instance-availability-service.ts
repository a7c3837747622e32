// The Instance Availability Notification service: notifications are logged, and the latest are kept (PS3.4 Annex R).

import type { Logger } from '@x/cli/logger';
import {
  checkAttributes,
  type DataSet,
  DimseError,
  INSTANCE_AVAILABILITY_ATTRIBUTES,
  instanceAvailabilityNotification,
  makeUid,
  type Service,
  Status,
  serve,
} from '@x/dimse';
import type { Workflow } from './workflow.ts';
import { keptDataSet } from './workflow-database/kept-data-set.ts';

export function instanceAvailabilityService({ database }: Pick<Workflow, 'database'>, logger: Logger): Service {
  return serve(instanceAvailabilityNotification, {
    async create({ sopInstance = makeUid(), attributes = {} }, { callingAeTitle, session }) {
      checkAttributes(attributes, INSTANCE_AVAILABILITY_ATTRIBUTES);
      const study = String(attributes.StudyInstanceUID);
      const row = {
        sop_instance_uid: sopInstance,
        source_ae_title: callingAeTitle,
        study_instance_uid: study,
        received_at: Date.now(),
        attributes: await keptDataSet(attributes),
      };
      await database.change(async (tables) => {
        const { numInsertedOrUpdatedRows = 0n } = await tables
          .insertInto('instance_availability')
          .values(row)
          .onConflict((conflict) => conflict.column('sop_instance_uid').doNothing())
          .executeTakeFirst();
        if (numInsertedOrUpdatedRows === 0n) throw new DimseError(Status.DuplicateSopInstance);
        await tables
          .deleteFrom('instance_availability')
          .where('sequence', '<=', ({ selectFrom }) =>
            selectFrom('instance_availability').select('sequence').orderBy('sequence', 'desc').offset(KEPT).limit(1),
          )
          .execute();
      });
      const words = Object.entries(countsOf(attributes)).map(([availability, count]) => `${count} ${availability}`);
      const { id: association } = session.association;
      const line = { event: 'availability', association, sopInstance, study, source: callingAeTitle };
      logger.info(line, `${callingAeTitle} reports for study ${study}: ${words.join(', ')}`);
      return { status: Status.Success, sopInstance };
    },
  });
}

/** The number of notifications that are kept. */
const KEPT = 10_000;

/** The number of instances by availability. */
function countsOf(attributes: DataSet): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const series of attributes.ReferencedSeriesSequence as readonly DataSet[])
    for (const { InstanceAvailability } of series.ReferencedSOPSequence as readonly DataSet[])
      counts[String(InstanceAvailability)] = (counts[String(InstanceAvailability)] ?? 0) + 1;
  return counts;
}
