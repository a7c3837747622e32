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

const BLOCK = /(<!-- drawn from the tables by .*? -->\n```mermaid\n)[^`]*(```\n<!-- end -->)/;
export const PAGE = fileURLToPath(new URL('../../../apps/docs/guide/state-machine.md', import.meta.url));

/** The page with the diagram as the tables have it. */
export function redraw(page: string): string {
  return page.replace(BLOCK, (_, before: string, after: string) => `${before}${diagram()}${after}`);
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
  const names = Object.entries(STATES).map(([state, meaning]) => `  ${state}: ${state} ${meaning}`);
  return `${['stateDiagram-v2', ...names, ...lines].join('\n')}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(PAGE, redraw(readFileSync(PAGE, 'utf8')));
