// Contestants measured in turns, A B C A B C …, so that other load on the machine affects all of them equally.

/** The duration of one turn and the work done in it. */
export interface Turn {
  readonly milliseconds: number;
  /** In the row's unit: megabytes, instances or round trips. */
  readonly amount: number;
  /** Largest resident memory of the sending and the receiving process, in bytes. */
  readonly peaks?: readonly [sender: number, receiver: number];
  /** CPU of the receiving process, in milliseconds. */
  readonly cpu?: number;
}

export interface Contestant {
  readonly name: string;
  turn(): Promise<Turn>;
}

export interface Standing {
  readonly name: string;
  /** Medians over the turns, in the row's unit per second; and the slowest and fastest turn. */
  readonly rate: number;
  readonly slowest: number;
  readonly fastest: number;
  /** The largest of all turns, in MB. */
  readonly peaks?: readonly [sender: number, receiver: number];
  /** Median CPU of the receiving process per unit, in milliseconds. */
  readonly cpu?: number;
}

export interface Target {
  /** The contestant that is measured, and the one it is compared with. */
  readonly ours: string;
  readonly other: string;
  readonly atLeast: number;
}

export interface Row {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly standings: readonly Standing[];
  readonly verdicts: readonly (Target & { readonly ratio: number; readonly met: boolean })[];
  /** Further requirements of the row. */
  readonly notes: readonly string[];
}

export interface RowOptions {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly rounds: number;
  readonly targets: readonly Target[];
}

/** Runs each contestant once as a warm-up, then `rounds` times in turn. */
export async function contest(options: RowOptions, contestants: readonly Contestant[]): Promise<Row> {
  const { name, title, unit, rounds, targets } = options;
  const turns = contestants.map((): Turn[] => []);
  for (let round = -1; round < rounds; round++)
    for (const [index, contestant] of contestants.entries()) {
      process.stderr.write(`${name}: round ${round + 1} of ${rounds}, ${contestant.name}\n`);
      const turn = await contestant.turn();
      if (round >= 0) turns[index]?.push(turn);
    }
  const standings = contestants.map((contestant, index) => standing(contestant.name, turns[index] ?? []));
  const rateOf = (who: string) => standings.find((each) => each.name === who)?.rate;
  const verdicts = targets.flatMap((target) => {
    const [ours, other] = [rateOf(target.ours), rateOf(target.other)];
    if (ours === undefined || other === undefined) return [];
    return [{ ...target, ratio: ours / other, met: ours / other >= target.atLeast }];
  });
  return { name, title, unit, standings, verdicts, notes: [] };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The row as text: a line for each contestant, then one for each target. */
export function table({ title, unit, standings, verdicts, notes }: Row): string {
  const width = Math.max(...standings.map(({ name }) => name.length));
  const lines = standings.map(({ name, rate, slowest, fastest, peaks, cpu }) => {
    const memory = peaks ? `   peak ${peaks[0].toFixed(0)} MB sending, ${peaks[1].toFixed(0)} MB receiving` : '';
    const work = cpu === undefined ? '' : `   ${cpu.toFixed(2)} ms CPU each, receiving`;
    return `  ${name.padEnd(width)}  ${figure(rate)} ${unit}/s  (${figure(slowest)} to ${figure(fastest)})${memory}${work}`;
  });
  const outcomes = verdicts.map(
    ({ ours, other, ratio, atLeast, met }) =>
      `  ${met ? 'met   ' : 'MISSED'} ${ratio.toFixed(2)} × (at least ${atLeast} ×): ${ours} to ${other}`,
  );
  return [title, ...lines, ...outcomes, ...notes.map((note) => `  ${note}`), ''].join('\n');
}

function standing(name: string, turns: readonly Turn[]): Standing {
  const rates = turns.map(({ amount, milliseconds }) => (amount / milliseconds) * 1000);
  const peak = (side: 0 | 1) => Math.max(...turns.map(({ peaks }) => peaks?.[side] ?? 0)) / 1e6;
  const hasPeaks = turns.some(({ peaks }) => peaks);
  return {
    name,
    rate: median(rates),
    slowest: Math.min(...rates),
    fastest: Math.max(...rates),
    ...(turns.some(({ cpu }) => cpu !== undefined) && {
      cpu: median(turns.map(({ cpu = Number.NaN, amount }) => cpu / amount)),
    }),
    ...(hasPeaks && { peaks: [peak(0), peak(1)] as const }),
  };
}

function figure(value: number): string {
  return (value >= 100 ? value.toFixed(0) : value.toPrecision(3)).padStart(6);
}
