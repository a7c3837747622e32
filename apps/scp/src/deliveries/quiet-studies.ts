// The studies whose instances arrive, until they are quiet: hooks and notifications of studies wait for that.

import type { DeliveryDatabase, DeliveryQueries } from './delivery-database/delivery-database.ts';

/** A study whose instances have stopped to arrive. */
export interface QuietStudy {
  readonly study: string;
  readonly quiet_at: number;
}

export class QuietStudies {
  readonly #database: DeliveryDatabase;

  constructor(database: DeliveryDatabase) {
    this.#database = database;
  }

  /** An instance of the study has arrived; the study is quiet at a time, in milliseconds since 1970. */
  async arrive(queries: DeliveryQueries, study: string, quietAt: number): Promise<void> {
    await queries.run(ARRIVE, study, quietAt);
  }

  /** Studies that are quiet now. If the clock was set back, a study does not wait for it: nothing waits for longer than `timeout`. */
  quiet(now: number, timeout: number): Promise<readonly QuietStudy[]> {
    return this.#database.rows(QUIET, now, now + timeout + 1000);
  }

  /** Forgets a study, unless an instance has arrived since it was found to be quiet. Returns whether this call did. */
  async end(queries: DeliveryQueries, { study, quiet_at }: QuietStudy): Promise<boolean> {
    return (await queries.run(END, study, quiet_at)) > 0;
  }

  async has(study: string): Promise<boolean> {
    return (await this.#database.rows(HAS, study)).length > 0;
  }
}

const ARRIVE = `insert into arriving_study (study, quiet_at) values (?, ?)
  on conflict (study) do update set quiet_at = excluded.quiet_at`;
const QUIET = `select study, quiet_at from arriving_study where quiet_at <= ? or quiet_at > ? order by quiet_at limit 100`;
const END = 'delete from arriving_study where study = ? and quiet_at = ?';
const HAS = 'select 1 as found from arriving_study where study = ?';
