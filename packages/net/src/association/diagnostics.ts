// What tracing tools may subscribe to by `node:diagnostics_channel`. Without subscribers it costs next to nothing.

import { channel } from 'node:diagnostics_channel';
import type { Closed } from '../upper-layer/connection-events.ts';
import type { Association } from './association.ts';

/** Published when an association is established, on `dicom.association.start`. */
export interface AssociationStart {
  readonly association: Association;
}

/** Published when it has ended, on `dicom.association.end`: its id joins the two. */
export interface AssociationEnd extends AssociationStart {
  readonly closed: Closed;
  /** Milliseconds from its establishment. */
  readonly duration: number;
}

/** The names of the channels. */
export const ASSOCIATION_START = 'dicom.association.start';
export const ASSOCIATION_END = 'dicom.association.end';

const start = channel(ASSOCIATION_START);
const end = channel(ASSOCIATION_END);

/** Publishes the association's start, and its end when it comes. */
export function traceAssociation(association: Association): void {
  if (start.hasSubscribers) start.publish({ association } satisfies AssociationStart);
  const established = performance.now();
  void association.closed.then((closed) => {
    if (end.hasSubscribers)
      end.publish({ association, closed, duration: performance.now() - established } satisfies AssociationEnd);
  });
}
