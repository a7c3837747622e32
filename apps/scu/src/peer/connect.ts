// Sessions as the command line asks for them.

import { logConnection, logMessages } from '@x/cli/conversation';
import type { Logger } from '@x/cli/logger';
import type { PeerAddress } from '@x/cli/peer';
import { tlsClientOptions } from '@x/cli/tls-options';
import { openSession, type Service, type ServiceClass, type Session } from '@x/dimse';
import type { ExtendedNegotiation, ProposedContext, UpperLayerConnection } from '@x/net';
import type { ConversationCapture } from '@x/net/capture';
import type { CommonOptions } from '../options/options.ts';
import { userIdentity } from '../options/user-identity.ts';

export interface Connecting {
  readonly peer: PeerAddress;
  readonly options: CommonOptions;
  readonly logger: Logger;
  /** Ends what goes on in good order. */
  readonly signal: AbortSignal;
  /** Ends it at once. */
  readonly insistence: AbortSignal;
  /** Those that were made, until they are closed. */
  readonly connections: Set<UpperLayerConnection>;
  /** Records what is said, if that is wanted. */
  readonly capture?: ConversationCapture | undefined;
}

/** The peer, and how it is called. */
export function peerOptions({ peer, options, logger, connections, capture }: Connecting, window = 1) {
  const { timeout, connectTimeout } = options;
  const identity = userIdentity(options);
  const tls = tlsClientOptions(options);
  return {
    host: peer.host,
    port: peer.port,
    calledAeTitle: peer.aeTitle,
    callingAeTitle: options.calling,
    maximumLength: options.maxPdu,
    timeouts: {
      ...(timeout !== undefined && {
        association: timeout,
        response: timeout,
        retrieve: timeout,
        release: timeout,
        write: timeout,
      }),
      ...(connectTimeout !== undefined && { connect: connectTimeout }),
    },
    onConnection: (connection: UpperLayerConnection) => {
      logConnection(connection, logger);
      connections.add(connection);
      void connection.disconnected.then(() => connections.delete(connection));
      capture?.watch(connection);
    },
    ...(tls && { tls }),
    ...(identity && { userIdentity: identity }),
    // Peers that choke on the proposal never see it unless it was asked for.
    ...(window > 1 && { asynchronousOperations: { invoked: window, performed: 1 } }),
  };
}

/** Opens a session with the peer. When the signal aborts, so does the association. */
export async function connect(
  connecting: Connecting,
  services: readonly ServiceClass[],
  contexts?: readonly ProposedContext[],
  window = 1,
  extendedNegotiations: readonly ExtendedNegotiation[] = [],
  serves: readonly Service[] = [],
): Promise<Session> {
  const { logger, signal } = connecting;
  const session = await openSession({
    ...peerOptions(connecting, window),
    services,
    serves,
    signal,
    ...(extendedNegotiations.length > 0 && { extendedNegotiations }),
    ...(contexts && { contexts }),
  });
  logMessages(session, logger);
  signal.addEventListener('abort', () => session.abort(signal.reason), { once: true });
  return session;
}
