// Information models that are queried and retrieved from: what PS3.4 Annexes C, U, X, BB, HH, II and JJ have in common.

import { cFind, cGet, cMove } from '../message/operations.ts';
import type { StatusTable } from '../message/status.ts';
import { defineServiceClass } from '../session/service-class.ts';

/** PS3.4 Tables C.4-1, C.4-2 and C.4-3. */
export const QUERY_RETRIEVE_STATUSES: StatusTable = {
  42752: ['failure', 'out of resources'],
  42753: ['failure', 'out of resources: the number of matches cannot be calculated'],
  42754: ['failure', 'out of resources: sub-operations cannot be performed'],
  42768: ['failure', 'invalid prior record key'],
  43009: ['failure', 'move destination unknown'],
  43264: ['failure', 'the identifier does not match the SOP class'],
  43520: ['failure', 'none of the frames asked for were found in the SOP instance'],
  43521: ['failure', 'no new object can be created for this SOP class'],
  43522: ['failure', 'frames cannot be extracted'],
  43523: ['failure', 'a request by time for an object that is not based on time'],
  43524: ['failure', 'invalid request'],
  45056: ['warning', 'sub-operations complete, with one or more failures or warnings'],
  45057: ['warning', 'matching reached the limit of responses; a further request may return more'],
  49152: ['failure', 'unable to process'],
  65024: ['cancel', 'matching or sub-operations were stopped by a cancel request'],
  65280: ['pending', 'matches or sub-operations are continuing'],
  65281: ['pending', 'matches are continuing, but some optional keys are not supported'],
};

/** A service class that finds, moves and gets, each by a SOP class of its own. */
export function queryRetrieveModel<const Find extends string, const Move extends string, const Get extends string>(
  name: string,
  uids: { readonly find: Find; readonly move: Move; readonly get: Get },
) {
  return defineServiceClass({
    name,
    operations: { find: cFind, move: cMove, get: cGet },
    sopClasses: {
      Find: { uid: uids.find, operations: ['find'] },
      Move: { uid: uids.move, operations: ['move'] },
      Get: { uid: uids.get, operations: ['get'] },
    },
    statuses: QUERY_RETRIEVE_STATUSES,
  });
}
