// What this process claims for itself among the processes that share a database: a peer to deliver events to, a request to
// work on. A claim has a name, runs out by the clock of the database, and is renewed until it is released.

import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { type Kysely, type Migration, type QueryExecutorProvider, type RawBuilder, sql } from 'kysely';
import { lockName } from './migrations.ts';
import type { SharedDatabase } from './shared-database.ts';

/** The table of the claims. */
export interface ClaimTables {
  readonly claim: {
    readonly name: string;
    /** The process. */
    claimed_by: string;
    claimed_until: Date;
  };
}

export interface ClaimsOptions {
  /** Milliseconds after which a claim that is not renewed runs out. Default: 30,000. A third of it passes between renewals. */
  readonly lease?: number;
}

/**
 * Opens the claims of this process. Others see that it is there as long as it renews them.
 * @throws an error that `isUnavailable` knows
 */
export async function openClaims(shared: SharedDatabase, { lease = LEASE }: ClaimsOptions = {}): Promise<Claims> {
  const tables = await shared.open<ClaimTables>({ name: 'claim', migrations: MIGRATIONS });
  const claims = new Claims(shared, tables, lease);
  await claims.open();
  return claims;
}

/** The claims of others, for a command that claims nothing, and that others need not see. */
export async function readClaims(shared: SharedDatabase): Promise<Claims> {
  return new Claims(shared, await shared.open<ClaimTables>({ name: 'claim', migrations: MIGRATIONS }), LEASE);
}

export class Claims implements AsyncDisposable {
  /** Of this process and this start. */
  readonly process: string = randomUUID();
  readonly #shared: SharedDatabase;
  readonly #tables: Kysely<ClaimTables>;
  readonly #lease: number;
  readonly #held = new Map<string, Held>();
  readonly #closed = new AbortController();
  #others: readonly Other[] = [];
  #renewing: Promise<void> = Promise.resolve();
  #expiry: NodeJS.Timeout | undefined;

  constructor(shared: SharedDatabase, tables: Kysely<ClaimTables>, lease: number) {
    this.#shared = shared;
    this.#tables = tables;
    this.#lease = lease;
  }

  async open(): Promise<void> {
    const { rows } = await this.#shared.transaction(this.#tables, async (tables) => {
      // Of processes that start at the same time, one is the first.
      await sql`select pg_advisory_xact_lock(hashtextextended(${lockName(this.#shared.schema, 'claims')}, 0))`.execute(
        tables,
      );
      await sql`delete from claim where claimed_until < now() - interval '1 day'`.execute(tables);
      const others = await sql<Other>`select name, claimed_until::text as until from claim
        where name like ${`${PROCESS}%`} and claimed_until > now()`.execute(tables);
      await this.acquire(`${PROCESS}${this.process}`, tables);
      return others;
    });
    this.#others = rows;
    this.#expireAfter(performance.now());
    this.#renewing = this.#renew();
  }

  /**
   * Claims a name for this process; false if another process has it. With a transaction, the claim exists when that is
   * committed.
   */
  async acquire(name: string, tables: QueryExecutorProvider = this.#tables): Promise<boolean> {
    const { rows } = await sql`insert into claim (name, claimed_by, claimed_until)
      values (${name}, ${this.process}, ${this.#until})
      on conflict (name) do update set claimed_by = excluded.claimed_by, claimed_until = excluded.claimed_until
      where claim.claimed_by = excluded.claimed_by or claim.claimed_until < now() returning name`.execute(tables);
    return rows.length > 0;
  }

  /** Watches a name that this process has claimed. The signal aborts if the claim is lost; `release` ends the watch. */
  watch(name: string): AbortSignal {
    const held = this.#held.get(name) ?? { lost: new AbortController(), since: performance.now() };
    this.#held.set(name, held);
    return held.lost.signal;
  }

  /** Gives a name back if this process has it; returns whether it had. */
  async release(name: string, tables: QueryExecutorProvider = this.#tables): Promise<boolean> {
    this.#held.delete(name);
    const { rows } = await sql`delete from claim where name = ${name} and claimed_by = ${this.process}
      returning name`.execute(tables);
    return rows.length > 0;
  }

  /** Whether any process has claimed a name that begins like this. */
  async isAnyClaimed(beginning: string): Promise<boolean> {
    const { rows } = await sql`select name from claim
      where starts_with(name, ${beginning}) and claimed_until >= now() limit 1`.execute(this.#tables);
    return rows.length > 0;
  }

  /** Whether no process, or this one, has claimed the name that an expression gives: a condition in a query. */
  isFree(name: RawBuilder<unknown>): RawBuilder<boolean> {
    return sql<boolean>`not exists (select from claim where claim.name = ${name}
      and claimed_by <> ${this.process} and claimed_until >= now())`;
  }

  /** Whether no process, not even this one, has claimed the name that an expression gives: a condition in a query. */
  isUnclaimed(name: RawBuilder<unknown>): RawBuilder<boolean> {
    return sql<boolean>`not exists (select from claim where claim.name = ${name} and claimed_until >= now())`;
  }

  /** Whether this process has claimed the name: a condition in a query. */
  isMine(name: RawBuilder<unknown>): RawBuilder<boolean> {
    return sql<boolean>`exists (select from claim where claim.name = ${name} and claimed_by = ${this.process})`;
  }

  /**
   * Settles with whether all other processes were down when this one was opened. Those that have ended without a word are
   * recognized when their claims have run out.
   */
  async wasDown(signal: AbortSignal): Promise<boolean> {
    const names = this.#others.map(({ name }) => name);
    if (names.length === 0) return true;
    // Each of the others renews its claim, gives it back, or lets it run out.
    for (;;) {
      const { rows } = await sql<Other & { readonly isOver: boolean }>`select name, claimed_until::text as until,
        claimed_until < now() as "isOver" from claim where name = any(${names})`.execute(this.#tables);
      const now = new Map(rows.map((row) => [row.name, row]));
      // A process that has ended in good order has given its name back.
      if (this.#others.some(({ name, until }) => now.get(name)?.until !== until)) return false;
      if (rows.every(({ isOver }) => isOver)) return true;
      await setTimeout(this.#lease / RENEWALS, undefined, { signal, ref: false });
    }
  }

  /** Gives all names back. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    clearTimeout(this.#expiry);
    await this.#renewing;
    this.#lose([...this.#held.keys()], 'this process ends');
    // If the database cannot be reached, the claims run out.
    await sql`delete from claim where claimed_by = ${this.process}`.execute(this.#tables).catch(() => {});
  }

  get #until(): RawBuilder<Date> {
    return sql`now() + ${this.#lease} * interval '1 millisecond'`;
  }

  async #renew(): Promise<void> {
    const { signal } = this.#closed;
    for (;;) {
      await setTimeout(this.#lease / RENEWALS, undefined, { signal, ref: false }).catch(() => {});
      if (signal.aborted) return;
      const started = performance.now();
      try {
        // Transactions of this process that change a claim must not wait for its others, nor these for it.
        await sql`update claim set claimed_until = ${this.#until} where name in (
          select name from claim where claimed_by = ${this.process} for update skip locked)`.execute(this.#tables);
        const { rows } = await sql<{ name: string }>`select name from claim
          where claimed_by = ${this.process}`.execute(this.#tables);
        const mine = new Set(rows.map(({ name }) => name));
        const lost = [...this.#held].filter(([name, { since }]) => since < started && !mine.has(name));
        this.#lose(
          lost.map(([name]) => name),
          'another process has claimed it',
        );
        // It was not renewed in time, but the work goes on.
        if (!mine.has(`${PROCESS}${this.process}`)) await this.acquire(`${PROCESS}${this.process}`);
        this.#expireAfter(started);
      } catch {
        // The database may be reached the next time; until then the claims hold.
      }
    }
  }

  /** Claims hold for as long as the last renewal says, by a clock that starts before the database's. */
  #expireAfter(renewed: number): void {
    clearTimeout(this.#expiry);
    const left = renewed + this.#lease - performance.now();
    this.#expiry = globalThis.setTimeout(
      () => this.#lose([...this.#held.keys()], 'it could not be renewed in time'),
      Math.max(0, left),
    );
    this.#expiry.unref();
  }

  #lose(names: readonly string[], why: string): void {
    for (const name of names) {
      const held = this.#held.get(name);
      this.#held.delete(name);
      held?.lost.abort(new Error(`the claim of ${name} is lost: ${why}`));
    }
  }
}

interface Held {
  readonly lost: AbortController;
  /** By performance.now(). */
  readonly since: number;
}

/** Another process that was there when this one was opened. */
interface Other {
  readonly name: string;
  readonly until: string;
}

/** Milliseconds. */
const LEASE = 30_000;
/** In a lease. */
const RENEWALS = 3;
/** The names of the claims by which processes see each other. */
const PROCESS = 'process ';

const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '001-claims': {
    async up(database: Kysely<unknown>) {
      await sql`create table claim (
        name text primary key,
        claimed_by text not null,
        claimed_until timestamptz not null
      )`.execute(database);
      await sql`create index claim_by on claim (claimed_by)`.execute(database);
    },
  },
};
