// Studies that requests for storage commitment name are needed until the requests have been reported.

import { nextTurn } from '@x/dimse/data-set';
import type { InstanceArchive } from '../instances/instance-archive.ts';
import { sqlCommitmentStore } from './workflow-database/sql-commitment-store.ts';
import type { WorkflowDatabase } from './workflow-database/workflow-database.ts';

export function addCommitmentNeed(instances: InstanceArchive, database: WorkflowDatabase): void {
  const store = sqlCommitmentStore(database);
  instances.needs.add(async (study) => {
    let compared = 0;
    for (const { peer, instances: references } of await store.all())
      for (const { sopInstance } of references) {
        if ((await instances.index.locate(sopInstance)).some((found) => found.study === study))
          return `for storage commitment to ${peer}`;
        if (++compared % COMPARED_AT_ONCE === 0) await nextTurn();
      }
    return undefined;
  });
}

const COMPARED_AT_ONCE = 100;
