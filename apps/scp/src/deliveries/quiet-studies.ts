// The studies whose instances arrive, until they are quiet: hooks and notifications of studies wait for that.

import type { DeliveryDatabase } from './delivery-database/delivery-database.ts';

export class QuietStudies {
  readonly #sql: ReturnType<typeof statements>;

  constructor(database: DeliveryDatabase) {
    this.#sql = statements(database);
  }

  /** An instance of the study has arrived; the study is quiet at a time, in milliseconds since 1970. */
  arrive(study: string, quietAt: number): void {
    this.#sql.arrive.run(study, quietAt);
  }

  /** Studies that are quiet now. If the clock was set back, a study does not wait for it: nothing waits for longer than `timeout`. */
  quiet(now: number, timeout: number): readonly string[] {
    return (this.#sql.quiet.all(now, now + timeout + 1000) as { study: string }[]).map(({ study }) => study);
  }

  end(study: string): void {
    this.#sql.end.run(study);
  }

  has(study: string): boolean {
    return this.#sql.has.all(study).length > 0;
  }
}

function statements({ prepare }: DeliveryDatabase) {
  return {
    arrive: prepare('insert or replace into arriving_study (study, quiet_at) values (?, ?)'),
    quiet: prepare('select study from arriving_study where quiet_at <= ? or quiet_at > ? order by quiet_at limit 100'),
    end: prepare('delete from arriving_study where study = ?'),
    has: prepare('select 1 from arriving_study where study = ?'),
  };
}
