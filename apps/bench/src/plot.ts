// Curves as SVG, with logarithmic axes.

import type { Curve, Plot } from './row.ts';

const WIDTH = 760;
const HEIGHT = 420;
const MARGIN = { top: 40, right: 30, bottom: 50, left: 70 };
/** The height of a line of the legend, which is below the axes. */
const LINE = 20;
const COLORS = ['#0b62a8', '#c4480e', '#2a7d3f', '#7a3fa0', '#8a6d00', '#555555'];

export function svg({ title, x, y, curves }: Plot): string {
  const drawn = curves
    .map(({ name, points }) => ({ name, points: points.filter(([at, value]) => at > 0 && value > 0) }))
    .filter(({ points }) => points.length > 0);
  const all = drawn.flatMap(({ points }) => points);
  const right = WIDTH - MARGIN.right;
  const bottom = HEIGHT - MARGIN.bottom;
  const xAt = scale(
    all.map(([at]) => at),
    MARGIN.left,
    right,
  );
  const yAt = scale(
    all.map(([, value]) => value),
    bottom,
    MARGIN.top,
  );
  const grid = [
    ...xAt.ticks.map((tick) => {
      const at = round(xAt.place(tick));
      return `<path d="M${at} ${MARGIN.top}V${bottom}" class="grid"/>${text(at, bottom + 18, short(tick), 'middle')}`;
    }),
    ...yAt.ticks.map((tick) => {
      const at = round(yAt.place(tick));
      return `<path d="M${MARGIN.left} ${at}H${right}" class="grid"/>${text(MARGIN.left - 8, at + 4, short(tick), 'end')}`;
    }),
  ];
  const paths = drawn.map(({ name, points }: Curve, index) => {
    const color = COLORS[index % COLORS.length] as string;
    const places = points.map(([at, value]) => [round(xAt.place(at)), round(yAt.place(value))] as const);
    const dots = places.map(([px, py]) => `<circle cx="${px}" cy="${py}" r="3" fill="${color}"/>`).join('');
    const legend = HEIGHT + LINE * index + 8;
    return [
      `<path d="M${places.map((place) => place.join(' ')).join('L')}" fill="none" stroke="${color}" stroke-width="2"/>`,
      dots,
      `<path d="M${MARGIN.left} ${legend - 4}h18" stroke="${color}" stroke-width="3"/>`,
      text(MARGIN.left + 26, legend, name, 'start'),
    ].join('');
  });
  const height = HEIGHT + LINE * drawn.length;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">`,
    '<style>text{font:12px sans-serif;fill:#222}.grid{stroke:#ddd;fill:none}</style>',
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="${MARGIN.left}" y="22" style="font-size:15px;font-weight:bold">${escaped(title)}</text>`,
    ...grid,
    ...paths,
    text((MARGIN.left + right) / 2, HEIGHT - 12, x, 'middle'),
    `<text transform="translate(16 ${(MARGIN.top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(y)}</text>`,
    '</svg>',
    '',
  ].join('\n');
}

/** A logarithmic scale with a tick at each power of ten, and at 2 and 5 times a power if there are few. */
function scale(values: readonly number[], from: number, to: number) {
  const [least, most] = values.length > 0 ? [Math.min(...values), Math.max(...values)] : [1, 10];
  const low = Math.log10(least) - 0.05;
  const high = Math.max(Math.log10(most) + 0.05, low + 0.2);
  const place = (value: number) => from + ((Math.log10(value) - low) / (high - low)) * (to - from);
  const candidates = (factors: readonly number[]) => {
    const ticks: number[] = [];
    for (let power = Math.floor(low); power <= Math.ceil(high); power++)
      for (const factor of factors) {
        const tick = factor * 10 ** power;
        if (Math.log10(tick) >= low && Math.log10(tick) <= high) ticks.push(tick);
      }
    return ticks;
  };
  const powers = candidates([1]);
  return { place, ticks: powers.length >= 3 ? powers : candidates([1, 2, 5]) };
}

function text(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end'): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${escaped(content)}</text>`;
}

function short(value: number): string {
  if (value >= 1e9) return `${value / 1e9}G`;
  if (value >= 1e6) return `${value / 1e6}M`;
  if (value >= 1e3) return `${value / 1e3}k`;
  return String(Number(value.toPrecision(3)));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(content: string): string {
  return content.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
