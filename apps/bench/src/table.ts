// Rows as text.

import type { Row, Standing, Verdict } from './row.ts';

/** The row as text: a line for each contestant, then one for each target. */
export function table({ title, unit, standings, verdicts, notes, counts = {} }: Row): string {
  const width = Math.max(...[...standings.map(({ name }) => name), ...Object.keys(counts)].map((name) => name.length));
  return [
    title,
    ...standings.map((each) => `  ${each.name.padEnd(width)}  ${standingText(each, unit)}`),
    ...Object.entries(counts).map(([name, count]) => `  ${name.padEnd(width)}  ${figure(count)}`),
    ...verdicts.map((each) => `  ${verdictText(each)}`),
    ...notes.map((note) => `  ${note}`),
    '',
  ].join('\n');
}

export function verdictText({ target, value, bound, isRate, met }: Verdict): string {
  return `${met ? 'met   ' : 'MISSED'} ${figure(value)} (at ${isRate ? 'least' : 'most'} ${figure(bound).trim()}): ${target}`;
}

/** Three digits that count. */
export function figure(value: number): string {
  return (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)).padStart(6);
}

function standingText({ rate, slowest, fastest, peaks, cpu, senderCpu, collections }: Standing, unit: string): string {
  const ms = (value: number) => value.toFixed(3);
  return [
    `${figure(rate)} ${unit}/s  (${figure(slowest)} to ${figure(fastest)})`,
    ...(peaks ? [`peak ${peaks[0].toFixed(0)} MB sending, ${peaks[1].toFixed(0)} MB receiving`] : []),
    ...(senderCpu === undefined ? [] : [`${ms(senderCpu)} ms CPU each, sending`]),
    ...(cpu === undefined ? [] : [`${ms(cpu)} ms CPU each, receiving`]),
    ...(collections
      ? [`${collections.major.toFixed(1)} major and ${collections.minor.toFixed(0)} minor collections in 1,000`]
      : []),
  ].join('   ');
}
