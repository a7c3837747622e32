// Contestants measured in turns, A B C A B C …, so that other load on the machine affects all of them equally.

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { stopAll } from './processes.ts';
import type { Row, Standing, Turn } from './row.ts';
import { type Target, verdictOf } from './verdicts.ts';

export interface Contestant {
  readonly name: string;
  /** The programs without which the contestant is left out. */
  readonly needs?: readonly string[];
  turn(): Promise<Turn | readonly Turn[]>;
}

export interface RowOptions {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly rounds: number;
  readonly targets: readonly Target[];
  /** Milliseconds for one turn; a contestant that needs longer has failed. Default: 180,000. */
  readonly longestTurn?: number;
  /** Whether a round comes before those that are measured. Default true; false for rows whose every turn starts its programs. */
  readonly warmsUp?: boolean;
}

/** Runs each contestant once as a warm-up, unless the row needs none, then `rounds` times in turn. A contestant that fails runs no further turns. */
export async function contest(options: RowOptions, contestants: readonly Contestant[]): Promise<Row> {
  const { name, title, unit, rounds, targets, longestTurn = 180_000, warmsUp = true } = options;
  const { present, absent } = installed(contestants);
  const turns = new Map<string, Turn[]>();
  const failures = new Map<string, string>();
  for (let round = warmsUp ? -1 : 0; round < rounds; round++)
    for (const contestant of present) {
      if (failures.has(contestant.name)) continue;
      process.stderr.write(`${name}: round ${round + 1} of ${rounds}, ${contestant.name}\n`);
      try {
        const done = await within(longestTurn, contestant.turn());
        if (round < 0) continue;
        for (const turn of Array.isArray(done) ? (done as readonly Turn[]) : [done as Turn]) {
          const label = turn.label === undefined ? contestant.name : `${contestant.name}, ${turn.label}`;
          turns.set(label, [...(turns.get(label) ?? []), turn]);
        }
      } catch (error) {
        failures.set(contestant.name, error instanceof Error ? error.message : String(error));
      }
    }
  const standings = [...turns].map(([label, each]) => standing(label, each));
  const verdicts = targets.flatMap((target) => verdictOf(target, standings) ?? []);
  const notes = [
    ...absent.map((each) => `${each} is left out: it is not installed`),
    ...[...failures].map(([each, message]) => `FAILED ${each}: ${message}`),
  ];
  return { name, title, unit, standings, verdicts, notes, ...(failures.size > 0 && { failed: true }) };
}

/** The contestants whose programs are installed, and the names of the others. */
export function installed<Needing extends Pick<Contestant, 'name' | 'needs'>>(contestants: readonly Needing[]) {
  const isPresent = ({ needs = [] }: Needing) => needs.every(isInstalled);
  return {
    present: contestants.filter(isPresent),
    absent: contestants.filter((each) => !isPresent(each)).map(({ name }) => name),
  };
}

const found = new Map<string, boolean>();

/** Whether a program is in one of the folders of PATH. */
export function isInstalled(program: string): boolean {
  let isFound = found.get(program);
  if (isFound === undefined) {
    const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
    isFound = folders.some((folder) => existsSync(join(folder, program)));
    found.set(program, isFound);
  }
  return isFound;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

async function within<Value>(milliseconds: number, work: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      stopAll();
      reject(new Error(`the turn took longer than ${milliseconds / 1000} s`));
    }, milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    // A turn that is late fails a second time when its programs have been killed.
    work.catch(() => {});
  }
}

function standing(name: string, turns: readonly Turn[]): Standing {
  const rates = turns.map(({ amount, milliseconds }) => (amount / milliseconds) * 1000);
  const peak = (side: 0 | 1) => Math.max(...turns.map(({ peaks }) => peaks?.[side] ?? 0)) / 1e6;
  const each = (value: (turn: Turn) => number | undefined) => {
    const values = turns.flatMap((turn) => {
      const total = value(turn);
      return total === undefined ? [] : [total / (turn.operations ?? turn.amount)];
    });
    return values.length > 0 ? median(values) : undefined;
  };
  const [cpu, senderCpu] = [each((turn) => turn.cpu), each((turn) => turn.senderCpu)];
  const [major, minor] = [each((turn) => turn.collections?.major), each((turn) => turn.collections?.minor)];
  return {
    name,
    rate: median(rates),
    slowest: Math.min(...rates),
    fastest: Math.max(...rates),
    ...(cpu !== undefined && { cpu }),
    ...(senderCpu !== undefined && { senderCpu }),
    ...(major !== undefined && minor !== undefined && { collections: { major: 1000 * major, minor: 1000 * minor } }),
    ...(turns.some(({ peaks }) => peaks) && { peaks: [peak(0), peak(1)] as const }),
  };
}
