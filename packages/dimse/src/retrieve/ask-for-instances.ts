// Asks a peer by C-FIND which instances a retrieval will bring, and in which transfer syntaxes (PS3.4 §C.6.1.1.5).

import { AssociationRejectedError, NotConnectedError, TlsError } from '@x/net';
import { type DataSetInput, DEFAULT_TRANSFER_SYNTAXES } from '../data-set/dataset.ts';
import { studyRoot } from '../services/query-retrieve.ts';
import { openSession } from '../session/scu.ts';
import type { SopClassDefinition } from '../session/service-class.ts';
import type { Session } from '../session/session.ts';
import { type FoundInstance, findInstances } from './find-instances.ts';
import { connectionOf, type GetOptions } from './get-options.ts';
import { callFind } from './retrieve-session.ts';

/**
 * The instances, on an association of their own. Undefined if the peer does not tell: it does not support C-FIND in this
 * model, fails, does not answer, or finds nothing.
 * @throws the reason of the signal; the errors of a peer that cannot be reached or does not accept us
 */
export async function askForInstances(options: GetOptions): Promise<readonly FoundInstance[] | undefined> {
  const { identifier, model = studyRoot, onSession: called, signal } = options;
  const sopClass = (model.sopClasses as Readonly<Record<string, SopClassDefinition | undefined>>).Find?.uid;
  if (sopClass === undefined) return undefined;
  const contexts = [{ abstractSyntax: sopClass, transferSyntaxes: DEFAULT_TRANSFER_SYNTAXES }];
  let session: Session | undefined;
  try {
    const opened = await openSession({ ...connectionOf(options), services: [model], contexts });
    session = opened;
    called?.(opened);
    const found: FoundInstance[] = [];
    const find = (wanted: DataSetInput) =>
      callFind(opened, model, { sopClass, identifier: wanted }, { ...(signal && { signal }) });
    for await (const instance of findInstances(find, identifier)) found.push(instance);
    return found.length > 0 ? found : undefined;
  } catch (error) {
    if (signal?.aborted || UNREACHABLE.some((kind) => error instanceof kind)) throw error;
    return undefined;
  } finally {
    await session?.release().catch(() => session?.abort());
  }
}

/** C-GET would have the same error. */
const UNREACHABLE = [AssociationRejectedError, NotConnectedError, TlsError];
