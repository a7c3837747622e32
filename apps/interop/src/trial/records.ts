// The record of the trial: acknowledged instances, requests for commitment with their reports, and how operations ended.

import type { Study } from './instances.ts';

/** A request for commitment. */
export interface Commitment {
  readonly study: Study;
  /** Whether it was answered with Success. If not, it may be reported nevertheless. */
  isAccepted: boolean;
  /** The times of its reports, in milliseconds. */
  readonly reports: number[];
}

/** How an attempt of an operation ended. `other` is a fault. */
export type Ending = 'Success' | 'lacking resources' | 'partly moved' | 'rejected' | 'killed' | 'other';

export class Records {
  /** Studies of which instances were acknowledged, with the SOP Instance UIDs. */
  readonly acknowledged = new Map<string, Set<string>>();
  /** By Transaction UID. */
  readonly commitments = new Map<string, Commitment>();
  readonly endings: Record<string, Partial<Record<Ending, number>>> = {};
  readonly faults: string[] = [];
  readonly #holding = new Set<string>();
  #held = Promise.resolve();

  acknowledge(study: string, sopInstance: string): void {
    const known = this.acknowledged.get(study) ?? new Set();
    this.acknowledged.set(study, known.add(sopInstance));
  }

  ended(operation: string, ending: Ending): void {
    const endings = this.endings[operation] ?? {};
    this.endings[operation] = endings;
    endings[ending] = (endings[ending] ?? 0) + 1;
  }

  reported(transaction: string, { committed, failed }: { readonly committed: number; readonly failed: number }): void {
    const commitment = this.commitments.get(transaction);
    if (!commitment) {
      this.fault(`the commitment ${transaction} was reported, but not requested`);
      return;
    }
    commitment.reports.push(Date.now());
    const { length } = commitment.study.instances;
    if (committed !== length || failed !== 0)
      this.fault(`${transaction}: ${committed} of ${length} instances committed, ${failed} failed`);
  }

  /** Has reports to these AE titles wait, unanswered, until `release`. */
  hold(aeTitles: readonly string[]): void {
    for (const title of aeTitles) this.#holding.add(title);
    this.#held = new Promise((resolve) => {
      this.release = () => {
        this.#holding.clear();
        this.waiting = 0;
        resolve();
      };
    });
  }

  release: () => void = () => {};
  /** The number of reports that wait. */
  waiting = 0;

  /** Settles at once, or when the report may be answered. */
  async mayAnswer(aeTitle: string): Promise<void> {
    if (!this.#holding.has(aeTitle)) return;
    this.waiting++;
    await this.#held;
  }

  fault(text: string): void {
    this.faults.push(text);
    if (this.faults.length <= MOST_SHOWN) process.stdout.write(`fault at ${new Date().toISOString()}: ${text}\n`);
  }

  get instances(): number {
    let count = 0;
    for (const { size } of this.acknowledged.values()) count += size;
    return count;
  }
}

/** Faults that are printed. */
const MOST_SHOWN = 20;
