// Text on a film, drawn from the glyphs of a font with smooth edges.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Area } from '@x/dimse/print';
import opentype, { type Font, type PathCommand } from 'opentype.js';

/** Is called for each pixel that the text touches, with a coverage from 0 to 1. */
export type Paint = (x: number, y: number, coverage: number) => void;

/** Writes a line of text into an area: as large as the area allows; aligned to its left, middle or right. */
export function writeText(text: string, area: Area, align: 'left' | 'centre' | 'right', paint: Paint): void {
  const line = text.replace(/\p{Cc}/gu, ' ').slice(0, LONGEST_LINE);
  if (line.trim() === '') return;
  const full = area.height * LINE_HEIGHT;
  const size = Math.min(full, (full * area.width) / Math.max(1, font().getAdvanceWidth(line, full)));
  const free = area.width - font().getAdvanceWidth(line, size);
  const left = area.left + { left: 0, centre: free / 2, right: free }[align];
  // Centers capitals vertically.
  const baseline = area.top + area.height / 2 + size * HALF_A_CAPITAL;
  fillPath(font().getPath(line, left, baseline, size).commands, area, paint);
}

/** The size of the text as a fraction of the height of the area. */
const LINE_HEIGHT = 0.7;
const HALF_A_CAPITAL = 0.36;
const LONGEST_LINE = 256;

let loaded: Font | undefined;

function font(): Font {
  if (!loaded) {
    const path = createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf');
    const { buffer, byteOffset, byteLength } = readFileSync(path);
    loaded = opentype.parse(buffer.slice(byteOffset, byteOffset + byteLength));
  }
  return loaded;
}

interface Edge {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** Fills the inside of the path, clipped to the area, with several lines per pixel row for smooth edges. */
function fillPath(commands: readonly PathCommand[], { left, top, width, height }: Area, paint: Paint): void {
  const edges = edgesOf(commands).filter(({ y1, y2 }) => y1 !== y2);
  const coverage = new Float32Array(width);
  for (let y = top; y < top + height; y++) {
    coverage.fill(0);
    for (let line = 0; line < LINES; line++) addSpans(coverage, edges, y + (line + 0.5) / LINES, left);
    for (let x = 0; x < width; x++) {
      const covered = (coverage[x] as number) / LINES;
      if (covered > 0) paint(left + x, y, Math.min(1, covered));
    }
  }
}

/** Lines sampled in each row of pixels. */
const LINES = 4;
/** Straight pieces of a curve. */
const PIECES = 6;

function addSpans(coverage: Float32Array, edges: readonly Edge[], y: number, left: number): void {
  const crossings = edges
    .filter(({ y1, y2 }) => Math.min(y1, y2) <= y && y < Math.max(y1, y2))
    .map(({ x1, y1, x2, y2 }) => ({ x: x1 + ((y - y1) / (y2 - y1)) * (x2 - x1) - left, winding: y1 < y2 ? 1 : -1 }))
    .sort((one, other) => one.x - other.x);
  let winding = 0;
  for (const [index, { x, winding: turn }] of crossings.entries()) {
    winding += turn;
    if (winding !== 0) addSpan(coverage, x, crossings[index + 1]?.x ?? x);
  }
}

function addSpan(coverage: Float32Array, from: number, to: number): void {
  const end = Math.min(to, coverage.length);
  for (let x = Math.max(0, Math.floor(from)); x < end; x++)
    coverage[x] = (coverage[x] as number) + Math.max(0, Math.min(x + 1, end) - Math.max(x, from));
}

function edgesOf(commands: readonly PathCommand[]): Edge[] {
  const edges: Edge[] = [];
  let [x, y, startX, startY] = [0, 0, 0, 0];
  const lineTo = (x2: number, y2: number) => {
    edges.push({ x1: x, y1: y, x2, y2 });
    [x, y] = [x2, y2];
  };
  const curveTo = (at: (t: number) => readonly [number, number]) => {
    for (let piece = 1; piece <= PIECES; piece++) lineTo(...at(piece / PIECES));
  };
  for (const command of commands) {
    const [fromX, fromY] = [x, y];
    if (command.type === 'M') [x, y, startX, startY] = [command.x, command.y, command.x, command.y];
    else if (command.type === 'L') lineTo(command.x, command.y);
    else if (command.type === 'Q')
      curveTo((t) => [
        between(between(fromX, command.x1, t), between(command.x1, command.x, t), t),
        between(between(fromY, command.y1, t), between(command.y1, command.y, t), t),
      ]);
    // The font's own outlines are quadratic.
    else if (command.type === 'Z') lineTo(startX, startY);
  }
  return edges;
}

function between(one: number, other: number, t: number): number {
  return one + (other - one) * t;
}
