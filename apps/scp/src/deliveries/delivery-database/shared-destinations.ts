// The destinations and consumers that a process has claimed, and what all processes know of destinations.

import type { DeliveryClaim, DeliveryClock, DestinationState } from '@x/dimse/workflow';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Claims } from '../../shared-database/claims.ts';
import type { DestinationClaims } from './delivery-database.ts';
import type { DeliveryRow } from './delivery-row.ts';

export class SharedDestinations implements DestinationClaims {
  readonly #tables: Kysely<unknown>;
  readonly #claims: Claims;
  readonly #clock: DeliveryClock;
  readonly #claimed = new Map<string, DeliveryClaim>();
  /** Names that `keep` has claimed. The signal aborts if the claim is lost. */
  readonly #kept = new Map<string, AbortSignal>();

  /** When it was last tried to keep a name. */
  readonly #triedAt = new Map<string, number>();

  constructor(tables: Kysely<unknown>, claims: Claims, clock: DeliveryClock) {
    this.#tables = tables;
    this.#claims = claims;
    this.#clock = clock;
  }

  async claimNext(destinations: readonly string[]): Promise<string | undefined> {
    if (destinations.length === 0) return undefined;
    const now = this.#clock.now();
    const { rows } = await sql<{ name: string }>`select d.name from unnest(${destinations}::text[]) as d (name)
      left join delivery_destination s on s.name = d.name
      cross join lateral (select not_before, sequence from delivery
        where state = 'waiting' and destination = d.name order by not_before, sequence limit 1) first
      where ${isOver(sql`coalesce(s.rests_until, 0)`, now)} and ${isOver(sql`first.not_before`, now)}
        and ${this.#claims.isFree(sql`${PREFIX} || d.name`)}
      order by first.not_before, first.sequence`.execute(this.#tables);
    for (const { name } of rows) if (await this.#claim(name)) return name;
    return undefined;
  }

  async later(destinations: readonly string[]): Promise<DeliveryRow | undefined> {
    const now = this.#clock.now();
    const { rows } = await sql<DeliveryRow>`select first.* from unnest(${destinations}::text[]) as d (name)
      left join delivery_destination s on s.name = d.name
      cross join lateral (select * from delivery
        where state = 'waiting' and destination = d.name and not_before > ${now} order by not_before, sequence limit 1) first
      where ${isOver(sql`coalesce(s.rests_until, 0)`, now)} and ${this.#claims.isFree(sql`${PREFIX} || d.name`)}
      order by first.not_before, first.sequence limit 1`.execute(this.#tables);
    return rows[0];
  }

  of(destination: string): DeliveryClaim | undefined {
    return this.#claimed.get(destination);
  }

  async wake(destination?: string): Promise<void> {
    await endRests(this.#tables, destination);
  }

  async keep(names: readonly string[]): Promise<ReadonlySet<string>> {
    const kept = new Set<string>();
    for (const name of names) if (this.#isKept(name) || (await this.#tryToKeep(name))) kept.add(name);
    return kept;
  }

  #isKept(name: string): boolean {
    return this.#kept.get(name)?.aborted === false;
  }

  /** Not too often: the process that has it keeps it. */
  async #tryToKeep(name: string): Promise<boolean> {
    const now = performance.now();
    if (now < (this.#triedAt.get(name) ?? Number.NEGATIVE_INFINITY) + TRY_INTERVAL) return false;
    this.#triedAt.set(name, now);
    if (!(await this.#claims.acquire(name))) return false;
    this.#kept.set(name, this.#claims.watch(name));
    return true;
  }

  async leave(except: ReadonlySet<string>): Promise<void> {
    for (const name of [...this.#kept.keys()]) {
      if (except.has(name)) continue;
      this.#kept.delete(name);
      await this.#claims.release(name);
    }
  }

  async rests(): Promise<ReadonlyMap<string, number>> {
    const { rows } = await sql<{ name: string; rests_until: number }>`select name, rests_until from delivery_destination
      where rests_until > ${this.#clock.now()}`.execute(this.#tables);
    return new Map(rows.map(({ name, rests_until }) => [name, rests_until]));
  }

  /** Gives all claims back. If the database cannot be reached, they run out. */
  async close(): Promise<void> {
    const names = [...[...this.#claimed.keys()].map(nameOf), ...this.#kept.keys()];
    this.#claimed.clear();
    this.#kept.clear();
    for (const name of names) await this.#claims.release(name).catch(() => {});
  }

  /** Another process may have claimed the destination since it was found, or may have let it rest. */
  async #claim(destination: string): Promise<boolean> {
    const name = nameOf(destination);
    if (!(await this.#claims.acquire(name))) return false;
    try {
      const signal = this.#claims.watch(name);
      const before = await this.#stateOf(destination);
      if (before.isResting) {
        await this.#claims.release(name);
        return false;
      }
      const release = (state: DestinationState) => this.#release(destination, before, state);
      this.#claimed.set(destination, { failures: before.failures, signal, release });
      return true;
    } catch (error) {
      await this.#claims.release(name).catch(() => {});
      throw error;
    }
  }

  async #stateOf(destination: string): Promise<StoredState> {
    const { rows } =
      await sql<StoredState>`select failures, not ${isOver(sql`rests_until`, this.#clock.now())} as "isResting"
      from delivery_destination where name = ${destination}`.execute(this.#tables);
    return rows[0] ?? { failures: 0, isResting: false };
  }

  /** The state first: another process may claim the destination at once. A process that has lost its claim says nothing. */
  async #release(
    destination: string,
    before: StoredState,
    { failures, restsUntil = 0 }: DestinationState,
  ): Promise<void> {
    const name = nameOf(destination);
    this.#claimed.delete(destination);
    if (failures !== before.failures || restsUntil > 0)
      await sql`insert into delivery_destination (name, failures, rests_until)
        select ${destination}, ${failures}::integer, ${restsUntil}::double precision where ${this.#claims.isMine(sql`${name}`)}
        on conflict (name) do update set failures = excluded.failures, rests_until = excluded.rests_until`.execute(
        this.#tables,
      );
    await this.#claims.release(name);
  }
}

/** Lets the destinations that rest be attempted again at once, all or one. */
export async function endRests(tables: Kysely<unknown>, destination?: string): Promise<void> {
  const which = destination === undefined ? sql`true` : sql`name = ${destination}`;
  await sql`update delivery_destination set rests_until = 0 where rests_until > 0 and ${which}`.execute(tables);
}

interface StoredState {
  readonly failures: number;
  readonly isResting: boolean;
}

/** Whether a time has come. A time that is further away than the longest delay is one of a clock that was set back. */
const isOver = (time: RawBuilder<unknown>, now: number) =>
  sql<boolean>`(${time} <= ${now} or ${time} > ${now + LONGEST})`;

const PREFIX = 'delivery ';
const nameOf = (destination: string) => `${PREFIX}${destination}`;
/** In milliseconds. */
const LONGEST = 600_000;
const TRY_INTERVAL = 2000;
