// The requests of the operator to delete instances, from the control socket or for a folder without a running archive.

import type { Logger } from '@x/cli/logger';
import { UsageError } from '@x/cli/program';
import { isUid } from '@x/dimse';
import type { AuditLog } from './audit/audit-log.ts';
import { type ControlRequest, openControlSocket } from './data-folder/control-socket.ts';
import type { DeletionScope } from './instances/archive-index/archive-index.ts';
import type { InstanceArchive } from './instances/instance-archive.ts';

/** The commands of one archive or area. @param aeTitle Its AE title, for the audit log. */
export function deleteByRequest(instances: InstanceArchive, aeTitle: string, audit: AuditLog | undefined) {
  return {
    ping: async () => ({ aeTitle }),
    measure: (request: ControlRequest) => instances.index.deletions.measure(scopeOf(request)),
    delete: (request: ControlRequest) => {
      const scope = scopeOf(request);
      const user = typeof request.user === 'string' ? request.user.slice(0, MOST_CHARACTERS) : '';
      return instances.delete(scope, {
        isForced: request.isForced === true,
        onDecided: (deleted) => audit?.deleted({ ...scope, ...deleted, aeTitle, user }),
      });
    },
  };
}

/** Opens the control socket of the archive and of each area. Without one, the archive works, and the operator is told. */
export async function openControls(
  archives: readonly { readonly aeTitle: string; readonly instances: InstanceArchive }[],
  audit: AuditLog | undefined,
  logger: Logger,
): Promise<AsyncDisposable> {
  const opened: AsyncDisposable[] = [];
  for (const { aeTitle, instances } of archives) {
    for (const study of instances.finishedDeletions) {
      logger.info({ event: 'deleted', study }, `the deletion of ${study} was finished`);
      audit?.deleted({ study, aeTitle });
    }
    // Without a folder, the command uses the database.
    const { folder } = instances;
    if (folder === undefined) continue;
    try {
      opened.push(await openControlSocket(folder, deleteByRequest(instances, aeTitle, audit)));
    } catch (error) {
      logger.warn(`dimse-scp delete cannot reach ${aeTitle} while it runs: ${(error as Error).message}`);
    }
  }
  return {
    async [Symbol.asyncDispose]() {
      for (const each of opened) await each[Symbol.asyncDispose]();
    },
  };
}

/** The request comes from another program, which may be of another version. */
function scopeOf({ study, series, sopInstance }: ControlRequest): DeletionScope {
  if (!isUidText(study)) throw new UsageError('the Study Instance UID is missing or not a UID');
  if (series !== undefined && !isUidText(series)) throw new UsageError('the Series Instance UID is not a UID');
  if (sopInstance !== undefined && !isUidText(sopInstance)) throw new UsageError('the SOP Instance UID is not a UID');
  return { study, ...(series !== undefined && { series }), ...(sopInstance !== undefined && { sopInstance }) };
}

function isUidText(value: unknown): value is string {
  return typeof value === 'string' && isUid(value);
}

const MOST_CHARACTERS = 64;
