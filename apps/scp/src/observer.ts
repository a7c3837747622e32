// Observers of the associations of the archive: logs, captures, metrics, the live page. The archive works without them.

import type { Logger } from '@x/cli/logger';
import type { Session } from '@x/dimse';
import type { Association, UpperLayerConnection } from '@x/net';
import { logAssociation } from './association-log.ts';

export interface Observer {
  /** A peer has connected; no PDU has been exchanged yet. */
  connection?(connection: UpperLayerConnection): void;
  session?(session: Session): void;
  /** The archive has connected to a peer: for a C-MOVE on the association `parent`, or to report an event. */
  ownConnection?(connection: UpperLayerConnection, parent?: Association): void;
}

/** Is called for each connection that the archive makes, with the association that it serves. */
export type WatchOwnConnection = (connection: UpperLayerConnection, parent?: Association) => void;

/** Logs the connections that the archive makes, and passes them to the observers. */
export function watchOwnConnections(observers: readonly Observer[], logger: Logger): WatchOwnConnection {
  return (connection, parent) => {
    logAssociation(connection, logger, parent?.id);
    for (const observer of observers) observer.ownConnection?.(connection, parent);
  };
}
