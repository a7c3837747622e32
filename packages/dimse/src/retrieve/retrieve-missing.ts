// The rest of a C-GET: the missing instances are retrieved one by one, so that only the one that cannot be sent fails.

import type { ProposedContext } from '@x/net';
import { DimseError, RequestError } from '../message/errors.ts';
import type { Session } from '../session/session.ts';
import { LOSSES_OF_CULPRIT, LOST_ASSOCIATIONS } from '../store/suspects.ts';
import type { FoundInstance } from './find-instances.ts';
import type { ReceivedInstance } from './received-instances.ts';

/** The steps of a retrieval that the rest of it repeats. */
export interface Getting {
  /** The contexts for the missing instances, in groups of one association each. */
  readonly groups: Iterable<readonly ProposedContext[]>;
  open(contexts: readonly ProposedContext[]): Promise<Session>;
  /** Performs C-GET for one instance. */
  retrieve(session: Session, instance: FoundInstance): AsyncGenerator<ReceivedInstance, void, undefined>;
  /** Whether an instance was answered. */
  hasAnswered(sopInstance: string): boolean;
  /** Tells that the peer answered the request for an instance with a failure. */
  failed(sopInstance: string, error: DimseError): void;
}

/**
 * Retrieves each instance on an association that has a context for it. An instance on which two associations are lost fails.
 * @throws the error of opening an association; RequestError if too many associations in a row are lost
 */
export async function* retrieveMissing(
  getting: Getting,
  missing: readonly FoundInstance[],
): AsyncGenerator<ReceivedInstance, void, undefined> {
  const setAside = new Set<string>();
  let lostInARow = 0;
  for (const contexts of getting.groups) {
    const proposed = new Set(contexts.map(({ abstractSyntax }) => abstractSyntax));
    let session: Session | undefined;
    try {
      for (const instance of missing) {
        const { sopInstance, sopClass } = instance;
        if (sopClass !== undefined && !proposed.has(sopClass)) continue;
        for (let losses = 0; !getting.hasAnswered(sopInstance) && !setAside.has(sopInstance); ) {
          session ??= await getting.open(contexts);
          try {
            yield* getting.retrieve(session, instance);
            lostInARow = 0;
            break;
          } catch (error) {
            // A failure status is the answer for this instance.
            if (error instanceof DimseError) {
              getting.failed(sopInstance, error);
              break;
            }
            if (!isLossOf(error, session)) throw error;
            session = undefined;
            if (++lostInARow >= LOST_ASSOCIATIONS) throw error;
            if (++losses >= LOSSES_OF_CULPRIT) setAside.add(sopInstance);
          }
        }
      }
    } finally {
      await session?.release().catch(() => session?.abort());
    }
  }
}

/** Whether an error tells that the association of the session was lost. */
export function isLossOf(error: unknown, { association }: Session): boolean {
  return error instanceof RequestError && !association.isEstablished;
}
