// A pool of open sessions that C-ECHO keeps alive (PS3.4 Annex A).

import { POOL_RULES, Pool, type PoolOptions, poolKey } from '@x/net/internal';
import { aNumber, checkOptions, type OptionTable, rulesWithout } from '@x/pdu/internal';
import { impliedContexts, type OpenSessionOptions, openSession } from '../session/scu.ts';
import type { Session } from '../session/session.ts';
import { verification } from '../session/verification.ts';

/** Options of a session pool: the number of sessions and their lifetimes, as in `PoolOptions` of `@x/net`. */
export interface SessionPoolOptions
  extends Omit<PoolOptions<OpenSessionOptions, Session>, 'open' | 'keyOf' | 'keepAlive'> {
  /** Milliseconds after which an idle session sends C-ECHO, if it has a context for Verification. Default: never. */
  readonly echoInterval?: number;
}

/**
 * Makes a pool of sessions. `acquire` takes the options of `openSession` and reuses a session with the same peer, AE titles,
 * presentation contexts, user identity and TLS options. A session with outstanding requests is not reused.
 * @throws OptionError
 */
export function createSessionPool(given?: SessionPoolOptions): Pool<OpenSessionOptions, Session> {
  const { echoInterval, ...options } = checkOptions(POOL_OPTIONS, given);
  return new Pool({
    ...options,
    keyOf: sessionKey,
    open: (request, signal) =>
      openSession({ ...request, signal: request.signal ? AbortSignal.any([signal, request.signal]) : signal }),
    ...(echoInterval !== undefined && { keepAlive: { interval: echoInterval, check: echo } }),
  });
}

function sessionKey({ services, serves = [], sends, contexts, ...rest }: OpenSessionOptions): string {
  const proposed = contexts ?? impliedContexts(services, serves, sends);
  return poolKey({ ...rest, contexts: proposed, handlers: serves.map(({ handlers }) => handlers) });
}

async function echo(session: Session): Promise<void> {
  const canEcho = [...session.association.contexts.values()].some(
    ({ abstractSyntax }) => abstractSyntax === verification.sopClasses.Verification.uid,
  );
  if (canEcho) await session.use(verification).echo();
}

const POOL_OPTIONS: OptionTable<SessionPoolOptions> = {
  of: 'createSessionPool',
  rules: { ...rulesWithout(POOL_RULES, ['open', 'keepAlive']), echoInterval: aNumber },
};
