// Who watches the associations of the archive: logs, captures, metrics, the live page. Nothing depends on them.

import type { Logger } from '@x/cli/logger';
import type { Session } from '@x/dimse';
import type { Association, UpperLayerConnection } from '@x/net';
import { logAssociation } from './association-log.ts';

export interface Observer {
  /** A connection of a peer's, before anything is said on it. */
  connection?(connection: UpperLayerConnection): void;
  session?(session: Session): void;
  /** A connection of ours: for a C-MOVE on an association of a peer's, or to tell a peer of an event. */
  ownConnection?(connection: UpperLayerConnection, parent?: Association): void;
}

/** Told of each connection of ours, and of the association it serves. */
export type WatchOwnConnection = (connection: UpperLayerConnection, parent?: Association) => void;

/** Logs connections of ours, and shows them to the observers. */
export function watchOwnConnections(observers: readonly Observer[], logger: Logger): WatchOwnConnection {
  return (connection, parent) => {
    logAssociation(connection, logger, parent?.id);
    for (const observer of observers) observer.ownConnection?.(connection, parent);
  };
}
