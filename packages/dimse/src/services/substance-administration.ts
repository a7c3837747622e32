// Substance Administration Query: PS3.4 Annex V.

import { cFind } from '../message/operations.ts';
import { Status } from '../message/status.ts';
import { SopClass } from '../registry/uids.generated.ts';
import { defineServiceClass } from '../session/service-class.ts';

/** Substance Administration Query (PS3.4 Annex V): product characteristics, and approval for administering a substance. */
export const substanceAdministration = defineServiceClass({
  name: 'Substance Administration Query',
  operations: { find: cFind },
  sopClasses: {
    ProductCharacteristics: { uid: SopClass.ProductCharacteristicsQuery, operations: ['find'] },
    SubstanceApproval: { uid: SopClass.SubstanceApprovalQuery, operations: ['find'] },
  },
  // Table V.4-1
  statuses: {
    [Status.OutOfResources]: ['failure', 'out of resources'],
    [Status.DataSetDoesNotMatchSopClass]: ['failure', 'the identifier does not match the SOP class'],
    [Status.CannotUnderstand]: ['failure', 'unable to process'],
    [Status.Cancel]: ['cancel', 'matching was stopped by a cancel request'],
    [Status.Pending]: ['pending', 'matches are continuing'],
    [Status.PendingWithWarning]: ['pending', 'matches are continuing, but some optional keys are not supported'],
  },
  queries: { find: { name: 'substance administration', negotiation: 'query' } },
});
