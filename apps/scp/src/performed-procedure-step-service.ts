// Modality Performed Procedure Step, as the archive provides it: steps are kept across restarts.

import { performedProcedureStepProvider, type Service } from '@x/dimse';
import type { Workflow } from './workflow.ts';
import { sqlPerformedProcedureStepStore } from './workflow-database/sql-performed-procedure-step-store.ts';

export function performedProcedureStepService({ database }: Workflow): Service {
  return performedProcedureStepProvider({ store: sqlPerformedProcedureStepStore(database) });
}
