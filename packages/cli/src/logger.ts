// Logs of the applications: structured lines on stderr, or readable ones.

import { destination, type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import { withoutControls } from './without-controls.ts';

export type { Logger };

export interface LogOptions {
  /** 0: what an operator must know; 1: negotiation and instances; 2: every PDU and message. */
  readonly verbosity: number;
  readonly format: 'pretty' | 'json';
  readonly quiet?: boolean;
}

/**
 * Writes to stderr at once: nothing is lost when the process ends. What peers send makes no lines of its own in it, nor
 * controls a terminal. `detail` are lines of ours that are to follow a readable one.
 */
export function createLogger({ verbosity, format, quiet = false }: LogOptions): Logger {
  const level = quiet ? 'silent' : (['info', 'debug', 'trace'][Math.min(verbosity, 2)] as string);
  const options = { level, base: null, timestamp: timestamp };
  const stderr = destination({ dest: 2, sync: true });
  // Controls that JSON itself lets through.
  if (format === 'json')
    return pino(options, { write: (line) => void stderr.write(`${withoutControls(line.slice(0, -1))}\n`) });
  return pino(
    options,
    pretty({
      destination: 2,
      sync: true,
      colorize: process.stderr.isTTY === true,
      // The message says the rest.
      include: 'time,level',
      messageFormat: readable,
      timestampKey: 'time',
    }),
  );
}

function readable({ association, msg, detail, err }: Record<string, unknown>): string {
  const { stack = '' } = (err ?? {}) as { readonly stack?: string };
  const lines = [
    `${association === undefined ? '' : `[${String(association)}] `}${String(msg)}`,
    ...(typeof detail === 'string' ? detail.split('\n') : []),
    ...stack.split('\n').filter((line) => /^ {4}at /.test(line)),
  ];
  return lines.map(withoutControls).join('\n');
}

// Epoch milliseconds with a fraction, so that lines of two processes can be put in order.
function timestamp(): string {
  return `,"time":${(performance.timeOrigin + performance.now()).toFixed(3)}`;
}
