// Logs of the applications: structured lines on stderr, or readable ones.

import { destination, type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

export type { Logger };

export interface LogOptions {
  /** 0: what an operator must know; 1: negotiation and instances; 2: every PDU and message. */
  readonly verbosity: number;
  readonly format: 'pretty' | 'json';
  readonly quiet?: boolean;
}

/** Writes to stderr at once: nothing is lost when the process ends. */
export function createLogger({ verbosity, format, quiet = false }: LogOptions): Logger {
  const level = quiet ? 'silent' : (['info', 'debug', 'trace'][Math.min(verbosity, 2)] as string);
  const options = { level, base: null, timestamp: timestamp };
  if (format === 'json') return pino(options, destination({ dest: 2, sync: true }));
  return pino(
    options,
    pretty({
      destination: 2,
      sync: true,
      colorize: process.stderr.isTTY === true,
      // What the message says, too.
      ignore:
        'event,direction,type,association,summary,by,context,items,path,peer,sopInstance,status,reason,source,transactionUid,committed,failed',
      messageFormat: ({ association, msg }) =>
        `${association === undefined ? '' : `[${String(association)}] `}${escaped(String(msg))}`,
      timestampKey: 'time',
    }),
  );
}

// Epoch milliseconds with a fraction, so that lines of two processes can be put in order.
function timestamp(): string {
  return `,"time":${(performance.timeOrigin + performance.now()).toFixed(3)}`;
}

/** What peers send must make no lines of its own, nor control a terminal. Lines of ours are indented. */
function escaped(text: string): string {
  return text.replace(/(?!\n {2})\p{Cc}/gu, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
