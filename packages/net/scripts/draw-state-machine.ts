// Draws the state diagram of the guide from the tables: npx tsx scripts/draw-state-machine.ts.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  type EventName,
  type Role,
  STATES,
  type State,
  TRANSITIONS,
  transition,
} from '../src/upper-layer/state-machine.ts';

const BLOCK = /(<!-- drawn from the tables by .*? -->\n).*?(<!-- end -->)/s;
export const PAGE = fileURLToPath(new URL('../../../apps/docs/guide/state-machine.md', import.meta.url));

/** The page with the diagram as the tables have it. */
export function redraw(page: string): string {
  return page.replace(BLOCK, (_, before: string, after: string) => `${before}\n${diagram()}${after}`);
}

function diagram(): string {
  const lines = new Set<string>();
  for (const role of ['requestor', 'acceptor'] as const satisfies readonly Role[])
    for (const state of Object.keys(STATES) as State[])
      for (const event of Object.keys(TRANSITIONS) as EventName[]) {
        const found = transition(state, event, role);
        // Aborts and the close of the transport would hide the rest.
        if (!found || found.action.startsWith('AA-') || found.next === state) continue;
        lines.add(`  ${state} --> ${found.next}: ${event} / ${found.action}`);
      }
  // The meanings stand below: in the diagram they would make it too wide for a page.
  const width = Math.max(...Object.values(STATES).map(({ length }) => length));
  const meanings = Object.entries(STATES).map(
    ([state, meaning]) => `| ${state.padEnd(5)} | ${meaning.padEnd(width)} |`,
  );
  const head = [`| state | ${'meaning'.padEnd(width)} |`, `| ----- | ${'-'.repeat(width)} |`];
  return `${['```mermaid', 'stateDiagram-v2', ...lines, '```', '', ...head, ...meanings].join('\n')}\n\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(PAGE, redraw(readFileSync(PAGE, 'utf8')));
