// Tells whether an association ended because of an instance, of another one, or of the peer (PS3.8 §7.3, §7.4).

import { AssociationAbortedError, ConnectionLostError, StateError, TimeoutError } from '@x/net';
import { AbandonedMessageError } from '@x/net/internal';
import type { RequestError } from '../message/errors.ts';

/**
 * The cause of the end of an association: this instance or another one could not be read, or the peer; `earlier` if it had
 * ended before anything of this instance was sent.
 */
export type Fault = 'instance' | 'other instance' | 'peer' | 'earlier';

export const FAULTS_OF_PEER: ReadonlySet<Fault> = new Set(['peer', 'earlier']);

export function faultOf({ phase, messageId, cause }: RequestError): Fault {
  if (cause instanceof AbandonedMessageError) return 'other instance';
  // A request gets its Message ID when it is sent.
  if (messageId === 0) return 'earlier';
  const isPeers = [AssociationAbortedError, ConnectionLostError, StateError, TimeoutError].some(
    (kind) => cause instanceof kind,
  );
  return phase === 'await-response' || isPeers ? 'peer' : 'instance';
}
