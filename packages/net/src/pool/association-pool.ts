// A pool of associations, each for one peer, one pair of AE titles, one list of contexts, one TLS identity.

import type { Association } from '../association/association.ts';
import { type RequestOptions, requestAssociation } from '../association/request.ts';
import { Pool } from './pool.ts';
import { poolKey } from './pool-key.ts';
import type { PoolOptions } from './pool-options.ts';

/** Those of `PoolOptions`; associations are opened by `requestAssociation`, unless told otherwise. */
export type AssociationPoolOptions = Partial<Omit<PoolOptions<RequestOptions, Association>, 'keyOf'>>;

/** A pool that `createAssociationPool` made. */
export type AssociationPool = Pool<RequestOptions, Association>;

/**
 * A pool of associations, each for one peer, one pair of AE titles, one list of contexts, one TLS identity.
 * @throws TypeError on acquiring with a ready socket: it cannot be opened twice.
 */
export function createAssociationPool(options: AssociationPoolOptions = {}): AssociationPool {
  return new Pool({
    open: (request, signal) => {
      const signals = request.signal ? AbortSignal.any([signal, request.signal]) : signal;
      return requestAssociation({ ...request, signal: signals });
    },
    ...options,
    keyOf: poolKey,
  });
}
