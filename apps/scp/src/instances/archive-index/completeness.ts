// The record in the index whether it has an entry of every acknowledged instance.

import { readFileSync } from 'node:fs';
import type Database from 'libsql';

/**
 * An index is complete after a comparison with the files, and stays so because each entry is on disk before its instance is
 * acknowledged. Without fsync, that holds until the machine restarts.
 */
export class Completeness {
  readonly #database: Database.Database;
  readonly #complete: string;
  #value: string;

  /** @param fsync Whether entries are on disk when they are acknowledged. */
  constructor(database: Database.Database, fsync: boolean, boot: string | undefined = thisBoot()) {
    this.#database = database;
    const sinceBoot = boot === undefined ? INCOMPLETE : `${SINCE_BOOT}${boot}`;
    this.#complete = fsync ? COMPLETE : sinceBoot;
    const [row] = database.prepare('select value from completeness').all() as { value: string }[];
    this.#value = row?.value ?? INCOMPLETE;
    const isComplete = this.#value === COMPLETE || (boot !== undefined && this.#value === sinceBoot);
    // The process may be killed before the next comparison has passed, so what this one does to the index counts now. If boots
    // cannot be told apart, this process can still trust what it found.
    this.isComplete = isComplete;
    this.#record(isComplete ? this.#complete : INCOMPLETE);
  }

  isComplete: boolean;

  set(isComplete: boolean): void {
    this.isComplete = isComplete;
    this.#record(isComplete ? this.#complete : INCOMPLETE);
  }

  /** Records on disk, even without fsync: a power failure must not bring an earlier value back. */
  #record(value: string): void {
    if (value === this.#value) return;
    this.#database.pragma('synchronous = FULL');
    try {
      this.#database.prepare('insert or replace into completeness (id, value) values (1, ?)').run(value);
    } finally {
      this.#database.pragma('synchronous = NORMAL');
    }
    this.#value = value;
  }
}

const COMPLETE = 'complete';
const INCOMPLETE = 'incomplete';
const SINCE_BOOT = 'complete since boot ';

/** Identifies the time since the machine started; undefined if the system does not tell. */
function thisBoot(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}
