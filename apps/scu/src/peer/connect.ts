// Sessions with the peer, as the options of the command line describe them.

import { logConnection, logMessages } from '@x/cli/conversation';
import type { Logger } from '@x/cli/logger';
import type { PeerAddress } from '@x/cli/peer';
import { tlsClientOptions } from '@x/cli/tls-options';
import { openSession, type Service, type ServiceClass, type Session } from '@x/dimse';
import type { ExtendedNegotiation, ProposedContext, UpperLayerConnection } from '@x/net';
import type { ConversationCapture } from '@x/net/capture';
import { onAbort } from '@x/net/internal';
import type { CommonOptions } from '../options/shared-options.ts';
import { userIdentity } from '../options/user-identity.ts';
import type { Output } from '../output/output.ts';

/** Everything that a verb needs to work with a peer; `Options` are the options and arguments of the verb itself. */
export interface Connecting<Options = unknown> {
  readonly peer: PeerAddress;
  readonly options: CommonOptions & Options;
  readonly output: Output;
  readonly logger: Logger;
  /** Aborts when the verb is to end in an orderly way. */
  readonly signal: AbortSignal;
  /** Aborts when the verb is to end at once. */
  readonly insistence: AbortSignal;
  /** The connections that are open. */
  readonly connections: Set<UpperLayerConnection>;
  /** Records the traffic, if the user asked for it. */
  readonly capture?: ConversationCapture | undefined;
}

/** Options for associations with the peer. @throws UsageError for options that contradict each other, and unreadable files */
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
    // Some peers fail on this item, so it is proposed only if the user asks for it.
    ...(window > 1 && { asynchronousOperations: { invoke: window, perform: 1 } }),
  };
}

/** Opens a session with the peer. If the signal aborts, the association is aborted. */
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
  abortOn(signal, session);
  return session;
}

/** Aborts the association of a session when the signal aborts, until the session has ended. */
export function abortOn(signal: AbortSignal, session: Session): void {
  const stop = onAbort(signal, () => session.abort(signal.reason));
  void session.ended.then(stop);
}
