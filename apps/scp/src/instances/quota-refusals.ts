// Log lines about instances for which the quota has no room: at most one a minute for each association, with a count.

import type { Logger } from '@x/cli/logger';

/** An association, as this file uses it. */
export interface RefusedAssociation {
  readonly id: string;
  readonly closed: Promise<unknown>;
}

interface Refusals {
  /** When the last line was written. */
  since: number;
  /** Instances that were refused since. */
  count: number;
}

/** In milliseconds. */
const INTERVAL = 60_000;

export class QuotaRefusals {
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #associations = new WeakMap<RefusedAssociation, Refusals>();

  /** @param now Milliseconds of a clock that is not set. */
  constructor(logger: Logger, now: () => number = () => performance.now()) {
    this.#logger = logger;
    this.#now = now;
  }

  /** Logs the first refusal of an association at once. The others are counted, and told once a minute and at its end. */
  add(association: RefusedAssociation, sopInstance: string, why: string): void {
    const known = this.#associations.get(association);
    if (!known) {
      const first: Refusals = { since: this.#now(), count: 0 };
      this.#associations.set(association, first);
      void association.closed.then(() => this.#tell(association, first, why));
      const line = { event: 'refused', association: association.id, sopInstance, status: OUT_OF_RESOURCES };
      this.#logger.warn(line, `instance ${JSON.stringify(sopInstance)}: ${why}; others are counted`);
      return;
    }
    known.count++;
    if (this.#now() - known.since >= INTERVAL) this.#tell(association, known, why);
  }

  #tell({ id }: RefusedAssociation, refusals: Refusals, why: string): void {
    const { count } = refusals;
    if (count === 0) return;
    refusals.count = 0;
    refusals.since = this.#now();
    const line = { event: 'refused', association: id, instances: count, status: OUT_OF_RESOURCES };
    this.#logger.warn(line, `${count} more ${count === 1 ? 'instance was' : 'instances were'} refused: ${why}`);
  }
}

const OUT_OF_RESOURCES = 0xa700;
