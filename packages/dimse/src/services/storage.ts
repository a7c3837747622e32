// Storage: PS3.4 Annex B.

import { type ProposedContext, planAssociations } from '@x/net';
import { cStore } from '../message/operations.ts';
import { Status } from '../message/status.ts';
import { STORAGE_SOP_CLASSES } from '../registry/uids.generated.ts';
import { defineServiceClass } from '../session/service-class.ts';

/**
 * Storage (PS3.4 Annex B): the SOP classes of Table B.5-1, and others for who lists them in `otherSopClasses`. Its statuses
 * are those of Table B.2-1.
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
  // Private ones, and those the standard gained since this table was made.
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

/** What decides how an instance can be sent. */
export interface InstanceKind {
  readonly sopClass: string;
  readonly transferSyntax: string;
}

/**
 * The presentation contexts to send instances with: one for each SOP class and transfer syntax, so that what is
 * accepted is exactly what the files hold. In groups of at most `limit`, each for one association.
 */
export function storageContexts(instances: Iterable<InstanceKind>, limit = 128): ProposedContext[][] {
  const needs = [...instances].map(({ sopClass, transferSyntax }) => ({
    sopClasses: [sopClass],
    transferSyntaxes: [transferSyntax],
  }));
  return planAssociations(needs, limit);
}
