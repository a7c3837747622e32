// Channels of `node:diagnostics_channel` for tracing tools. Without subscribers they cost almost nothing.

import { lazily } from '@x/pdu/internal';
import { diagnosticsChannel } from '../node-modules.ts';
import type { Closed } from '../upper-layer/connection-events.ts';
import type { Association } from './association.ts';

/** Published when an association is established, on `dicom.association.start`. */
export interface AssociationStart {
  /** The association that was established. */
  readonly association: Association;
}

/** Published when an association has ended, on `dicom.association.end`. Both messages have the same association. */
export interface AssociationEnd extends AssociationStart {
  /** How it ended. */
  readonly closed: Closed;
  /** Milliseconds since it was established. */
  readonly duration: number;
}

/** The name of the channel for the start of associations. */
export const ASSOCIATION_START = 'dicom.association.start';
/** The name of the channel for the end of associations. */
export const ASSOCIATION_END = 'dicom.association.end';

const start = lazily(() => diagnosticsChannel().channel(ASSOCIATION_START));
const end = lazily(() => diagnosticsChannel().channel(ASSOCIATION_END));

/** Publishes the start of the association now, and its end later. */
export function traceAssociation(association: Association): void {
  if (start().hasSubscribers) start().publish({ association } satisfies AssociationStart);
  const established = performance.now();
  void association.closed.then((closed) => {
    if (end().hasSubscribers)
      end().publish({ association, closed, duration: performance.now() - established } satisfies AssociationEnd);
  });
}
