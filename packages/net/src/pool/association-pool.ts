// A pool of associations: the public function over the generic pool.

import { checkOptions } from '@x/pdu/internal';
import type { Association } from '../association/association.ts';
import { type RequestOptions, requestAssociation } from '../association/request.ts';
import { Pool } from './pool.ts';
import { poolKey } from './pool-key.ts';
import { POOL_RULES, type PoolOptions } from './pool-options.ts';

/** Options of a pool. Default for `open`: `requestAssociation`. */
export type AssociationPoolOptions = Partial<Omit<PoolOptions<RequestOptions, Association>, 'keyOf'>>;

/** A pool that `createAssociationPool` made. */
export type AssociationPool = Pool<RequestOptions, Association>;

/**
 * Makes a pool of associations. Requests share an association if they have the same peer, AE titles, contexts, user
 * identity and TLS options.
 * @throws TypeError from `acquire` for a request with a connected socket, because it cannot be opened twice; OptionError.
 */
export function createAssociationPool(options: AssociationPoolOptions = {}): AssociationPool {
  checkOptions<AssociationPoolOptions>({ of: 'createAssociationPool', rules: POOL_RULES }, options);
  return new Pool({
    open: (request, signal) => {
      const signals = request.signal ? AbortSignal.any([signal, request.signal]) : signal;
      return requestAssociation({ ...request, signal: signals });
    },
    ...options,
    keyOf: poolKey,
  });
}
