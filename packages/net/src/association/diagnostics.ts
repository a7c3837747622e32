// Channels of `node:diagnostics_channel` that tell of associations. Without subscribers they cost one check for each association.

import type { AssociateReject } from '@x/pdu';
import { lazily } from '@x/pdu/internal';
import { diagnosticsChannel } from '../node-modules.ts';
import { Trace, type TracedWork } from '../trace.ts';
import type { UpperLayerConnection } from '../upper-layer/connection.ts';
import type { Closed } from '../upper-layer/connection-events.ts';
import type { Role } from '../upper-layer/state-machine.ts';
import type { Association } from './association.ts';

/**
 * The name of the tracing channel of associations (`tracingChannel` of `node:diagnostics_channel`). Each event has an
 * `AssociationTrace`. `start` is published when the association is requested: before the requestor connects, or when the
 * acceptor has received A-ASSOCIATE-RQ. `asyncEnd` is published when it has ended: rejected, released, aborted, or never
 * connected. `error` comes before that if it failed. An association without a subscriber at its start publishes nothing.
 */
export const ASSOCIATION_CHANNEL = 'dicom.association';

/** The name of the channel (`channel`) on which the same `AssociationTrace` is published when the association is established. */
export const ASSOCIATION_ACCEPTED_CHANNEL = 'dicom.association.accepted';

/** An association on `ASSOCIATION_CHANNEL`. The same object is published with each event, and completed meanwhile. */
export interface AssociationTrace extends TracedWork {
  /** The role of this side. */
  readonly role: Role;
  /** The AE title of the requestor. */
  readonly callingAeTitle: string;
  /** The AE title of the acceptor, as it was requested. */
  readonly calledAeTitle: string;
  /** The address of the peer, if the transport has one. For a requestor, the host to connect to. */
  readonly address?: string;
  /** The port of the peer, as its address. */
  readonly port?: number;
  /** Present from `dicom.association.accepted` on. */
  association?: Association;
  /** The codes of A-ASSOCIATE-RJ, if the association was rejected by either side. */
  rejection?: Pick<AssociateReject, 'result' | 'source' | 'reason'>;
  /** How it ended. Absent before the end, and if the peer could not be reached. */
  closed?: Closed;
}

const channels = lazily(() => {
  const { channel, tracingChannel } = diagnosticsChannel();
  return {
    associations: tracingChannel<AssociationTrace, AssociationTrace>(ASSOCIATION_CHANNEL),
    accepted: channel(ASSOCIATION_ACCEPTED_CHANNEL),
  };
});

/** Told of the steps in which an association is established. */
export interface EstablishmentWatch {
  connected(connection: UpperLayerConnection): void;
  rejected(rejection: NonNullable<AssociationTrace['rejection']>): void;
}

/** Establishes an association, and publishes its course if somebody subscribes. `describe` is called only then. */
export function establish<Result extends Association | undefined>(
  describe: () => AssociationTrace,
  steps: (watch?: EstablishmentWatch) => Promise<Result>,
): Promise<Result> {
  const { associations, accepted } = channels();
  if (!associations.hasSubscribers && !accepted.hasSubscribers) return steps();
  const trace = new Trace(associations, describe());
  return trace.run(() => published(trace, steps));
}

async function published<Result extends Association | undefined>(
  trace: Trace<AssociationTrace>,
  steps: (watch: EstablishmentWatch) => Promise<Result>,
): Promise<Result> {
  const { work } = trace;
  let connection: UpperLayerConnection | undefined;
  const watch: EstablishmentWatch = {
    connected: (opened) => {
      connection = opened;
    },
    rejected: ({ result, source, reason }) => {
      work.rejection = { result, source, reason };
    },
  };
  try {
    const association = await steps(watch);
    if (association) {
      work.association = association;
      trace.within(() => channels().accepted.publish(work));
    }
    void connection?.closed.then((closed) => {
      work.closed = closed;
      trace.conclude(closed.error);
    });
    return association;
  } catch (error) {
    if (connection?.ended) work.closed = connection.ended;
    trace.conclude(error);
    throw error;
  }
}
