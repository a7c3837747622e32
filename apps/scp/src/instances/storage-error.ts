// The status that C-STORE answers for an error of the disk (PS3.4 §B.2.3).

import { DimseError, Status } from '@x/dimse';
import { isDatabaseBroken, isDatabaseFull } from '../data-folder/sql-database.ts';
import { SyncError } from '../data-folder/sync-folder.ts';
import { isUnavailable } from '../shared-database/shared-database-error.ts';

/** The DimseError A700H if the error says that a disk is full or fails, or that the index cannot be used now; otherwise the error itself. */
export function storageError(error: unknown): unknown {
  const errorComment = reasonIn(error);
  return errorComment === undefined ? error : new DimseError(Status.OutOfResources, { errorComment, cause: error });
}

function reasonIn(error: unknown): string | undefined {
  if (error instanceof SyncError) return 'the archive could not sync to disk';
  if (isDatabaseFull(error)) return 'the index has no space left';
  if (isDatabaseBroken(error)) return 'the index has an I/O error';
  if (isUnavailable(error)) return 'the index cannot be used now';
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'the archive has no space left';
  if (code === 'EIO') return 'the archive could not write to disk';
  return undefined;
}
