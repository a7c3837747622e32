// Storage: PS3.4 Annex B.

import { type ProposedContext, planAssociations } from '@x/net';
import { cStore } from '../message/operations.ts';
import { Status } from '../message/status.ts';
import { STORAGE_SOP_CLASSES } from '../registry/uids.generated.ts';
import { defineServiceClass } from '../session/service-class.ts';

/**
 * Storage (PS3.4 Annex B) with the SOP classes of Table B.5-1 and the statuses of Table B.2-1. A provider accepts other
 * SOP classes, such as private ones, if `otherSopClasses` allows them.
 */
export const storage = defineServiceClass({
  name: 'Storage',
  operations: { store: cStore },
  sopClasses: Object.fromEntries(
    STORAGE_SOP_CLASSES.map((uid): [string, { uid: string; operations: ['store'] }] => [
      uid,
      { uid, operations: ['store'] },
    ]),
  ),
  // Private SOP classes, and those added to the standard after this table was made.
  otherSopClasses: ['store'],
  statuses: {
    0xb000: ['warning', 'coercion of data elements'],
    0xb006: ['warning', 'elements discarded'],
    0xb007: ['warning', 'the data set does not match the SOP class'],
    [Status.OutOfResources]: ['failure', 'out of resources'],
    [Status.DataSetDoesNotMatchSopClass]: ['failure', 'the data set does not match the SOP class'],
    [Status.CannotUnderstand]: ['failure', 'cannot understand'],
  },
});

/** The properties of an instance that decide which presentation context can carry it. */
export interface InstanceKind {
  readonly sopClass: string;
  readonly transferSyntax: string;
}

/**
 * The presentation contexts to propose for sending instances: one for each pair of SOP class and transfer syntax, because
 * instances are sent as they are encoded. Returns groups of at most `limit` contexts, each for one association.
 */
export function storageContexts(instances: Iterable<InstanceKind>, limit = 128): ProposedContext[][] {
  const needs = [...instances].map(({ sopClass, transferSyntax }) => ({
    sopClasses: [sopClass],
    transferSyntaxes: [transferSyntax],
  }));
  return planAssociations(needs, limit);
}
