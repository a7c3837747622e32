// Targets of a row, and whether they are met.

import type { Standing, Verdict } from './row.ts';

/** The compared quantity: more is better for `rate`, less for the others. */
export type Quantity = 'rate' | 'cpu' | 'senderCpu' | 'major' | 'memory';

export interface Target {
  /** The standing that is measured. */
  readonly ours: string;
  /** The standing that it is compared with; without one, `bound` is a value and not a ratio. */
  readonly other?: string;
  /** Default: `rate`. */
  readonly of?: Quantity;
  /** The least ratio of rates, and the most of another quantity. */
  readonly bound: number;
}

const NAMES: Readonly<Record<Quantity, readonly [name: string, unit: string]>> = {
  rate: ['', '/s'],
  cpu: ['CPU receiving, ', ' ms each'],
  senderCpu: ['CPU sending, ', ' ms each'],
  major: ['', ' major collections in 1,000'],
  memory: ['', ' MB resident'],
};

/** Undefined if one of the two was not measured. */
export function verdictOf({ ours, other, of = 'rate', bound }: Target, standings: readonly Standing[]) {
  const measured = (name: string) =>
    quantity(
      standings.find((each) => each.name === name),
      of,
    );
  const [value, compared] = [measured(ours), other === undefined ? 1 : measured(other)];
  if (value === undefined || compared === undefined) return;
  const [name, unit] = NAMES[of];
  return verdict(
    other === undefined ? `${ours},${unit}` : `${name}${ours} to ${other}, ×`,
    value / compared,
    bound,
    of === 'rate',
  );
}

/** @param isRate whether `value` is to be at least, and not at most, `bound` */
export function verdict(target: string, value: number, bound: number, isRate = false): Verdict {
  return { target, value, bound, isRate, met: isRate ? value >= bound : value <= bound };
}

function quantity(standing: Standing | undefined, of: Quantity): number | undefined {
  if (of === 'major') return standing?.collections?.major;
  if (of === 'memory') return standing?.peaks && Math.max(...standing.peaks);
  return standing?.[of];
}
