// Sessions as the command line asks for them.

import { logConnection, logMessages } from '@x/cli/conversation';
import type { Logger } from '@x/cli/logger';
import type { PeerAddress } from '@x/cli/peer';
import { tlsClientOptions } from '@x/cli/tls-options';
import { openSession, type ServiceClass, type Session } from '@x/dimse';
import type { ConversationCapture, ExtendedNegotiation, ProposedContext } from '@x/net';
import { type CommonOptions, userIdentity } from './options.ts';

export interface Connecting {
  readonly peer: PeerAddress;
  readonly options: CommonOptions;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Records what is said, if that is wanted. */
  readonly capture?: ConversationCapture | undefined;
}

/** Opens a session with the peer. When the signal aborts, so does the association. */
export async function connect(
  { peer, options, logger, signal, capture }: Connecting,
  services: readonly ServiceClass[],
  contexts?: readonly ProposedContext[],
  window = 1,
  extendedNegotiations: readonly ExtendedNegotiation[] = [],
): Promise<Session> {
  const { timeout, connectTimeout } = options;
  const identity = userIdentity(options);
  const tls = tlsClientOptions(options);
  const session = await openSession({
    host: peer.host,
    port: peer.port,
    calledAeTitle: peer.aeTitle,
    callingAeTitle: options.calling,
    services,
    maximumLength: options.maxPdu,
    timeouts: {
      ...(timeout !== undefined && { association: timeout, response: timeout, release: timeout, write: timeout }),
      ...(connectTimeout !== undefined && { connect: connectTimeout }),
    },
    onConnection: (connection) => {
      logConnection(connection, logger);
      capture?.watch(connection);
    },
    signal,
    ...(tls && { tls }),
    ...(extendedNegotiations.length > 0 && { extendedNegotiations }),
    ...(contexts && { contexts }),
    ...(identity && { userIdentity: identity }),
    // Peers that choke on the proposal never see it unless it was asked for.
    ...(window > 1 && { asynchronousOperations: { invoked: window, performed: 1 } }),
  });
  logMessages(session, logger);
  signal.addEventListener('abort', () => session.abort(signal.reason), { once: true });
  return session;
}
