// Sessions kept for the next who needs one; C-ECHO keeps them alive (PS3.4 Annex A).

import { Pool, type PoolOptions, poolKey } from '@x/net/internal';
import { verification } from '../services/verification.ts';
import { impliedContexts, type OpenSessionOptions, openSession } from '../session/scu.ts';
import type { Session } from '../session/session.ts';

/** How many sessions are kept, for how long: see `PoolOptions` of `@x/net`. */
export interface SessionPoolOptions
  extends Omit<PoolOptions<OpenSessionOptions, Session>, 'open' | 'keyOf' | 'keepAlive'> {
  /** Milliseconds after which an idle session is asked for an echo, if Verification is among its services. Default never. */
  readonly echoInterval?: number;
}

/**
 * A pool of sessions: `acquire` takes what `openSession` does, and shares a session with those who ask for the same
 * peer, AE titles, contexts, identity and TLS. One with requests outstanding is not handed to anybody else.
 */
export function createSessionPool({
  echoInterval,
  ...options
}: SessionPoolOptions = {}): Pool<OpenSessionOptions, Session> {
  return new Pool({
    ...options,
    keyOf: sessionKey,
    open: (request, signal) =>
      openSession({ ...request, signal: request.signal ? AbortSignal.any([signal, request.signal]) : signal }),
    ...(echoInterval !== undefined && { keepAlive: { interval: echoInterval, check: echo } }),
  });
}

function sessionKey({ services, serves = [], contexts, ...rest }: OpenSessionOptions): string {
  const proposed = contexts ?? impliedContexts(services, serves);
  return poolKey({ ...rest, contexts: proposed, handlers: serves.map(({ handlers }) => handlers) });
}

async function echo(session: Session): Promise<void> {
  const canEcho = [...session.association.contexts.values()].some(
    ({ abstractSyntax }) => abstractSyntax === verification.sopClasses.Verification.uid,
  );
  if (canEcho) await session.use(verification).echo();
}
