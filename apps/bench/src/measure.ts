// Contestants measured in turn, A B C A B C, so that a machine whose speed drifts is the same for all; medians count.

/** Something to be measured: gives its figure for one run, larger being better. */
export interface Contestant {
  readonly name: string;
  run(): Promise<number>;
}

export interface Row {
  readonly name: string;
  readonly unit: string;
  /** Median figures by contestant, ours first. */
  readonly figures: Readonly<Record<string, number>>;
  /** Ours divided by each of the others. */
  readonly ratios: Readonly<Record<string, number>>;
  readonly notes?: string;
}

/** Runs the contestants in turn, once without counting. The first one is ours. */
export async function compare(
  name: string,
  unit: string,
  contestants: readonly Contestant[],
  rounds: number,
): Promise<Row> {
  const all = new Map<string, number[]>(contestants.map((contestant) => [contestant.name, []]));
  for (let round = 0; round <= rounds; round++)
    for (const contestant of contestants) {
      const figure = await contestant.run();
      if (round > 0) all.get(contestant.name)?.push(figure);
    }
  const figures = Object.fromEntries([...all].map(([key, values]) => [key, median(values)]));
  const [ours, ...others] = contestants.map((contestant) => contestant.name) as [string, ...string[]];
  const ratios = Object.fromEntries(
    others.map((other) => [other, (figures[ours] as number) / (figures[other] as number)]),
  );
  return { name, unit, figures, ratios };
}

/** A table for people. */
export function printRow({ name, unit, figures, ratios, notes }: Row): void {
  const parts = Object.entries(figures).map(([key, value]) => {
    const ratio = ratios[key] === undefined ? '' : ` (ours is ${ratios[key].toFixed(2)} ×)`;
    return `    ${key.padEnd(28)} ${value.toFixed(value < 100 ? 2 : 0).padStart(9)} ${unit}${ratio}`;
  });
  process.stdout.write(`${name}\n${parts.join('\n')}\n${notes ? `    ${notes}\n` : ''}\n`);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
