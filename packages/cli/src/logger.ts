// Logs of the applications: readable lines or JSON lines on stderr.

import { destination, type Logger, pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { OutputStream } from './program.ts';
import { withoutControls } from './without-controls.ts';

export type { Logger };

export interface LogOptions {
  /** 0: messages for the operator; 1: also negotiation and instances; 2: also every PDU and message. */
  readonly verbosity: number;
  readonly format: 'pretty' | 'json';
  /** Writes nothing at all. Default: false. */
  readonly quiet?: boolean;
  /** Default: stderr of this process. */
  readonly stderr?: OutputStream;
}

/**
 * Makes a logger that writes each line at once, so that none is lost when the process ends. Text from peers can neither
 * start a line nor control a terminal. In readable lines, the lines of the field `detail` follow the message.
 */
export function createLogger({ verbosity, format, quiet = false, stderr = process.stderr }: LogOptions): Logger {
  const level = quiet ? 'silent' : (['info', 'debug', 'trace'][Math.min(verbosity, 2)] as string);
  const output = stderr === process.stderr ? destination({ dest: 2, sync: true }) : stderr;
  // JSON escapes line breaks, but not every control.
  const render =
    format === 'json'
      ? (line: string) => `${withoutControls(line.slice(0, -1))}\n`
      : prettyFactory({
          colorize: stderr.isTTY === true,
          // The message repeats what matters of the other fields.
          include: 'time,level',
          messageFormat: readable,
          timestampKey: 'time',
        });
  return pino({ level, base: null, timestamp }, { write: (line) => void output.write(render(line)) });
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

// Milliseconds since 1970 with a fraction, so that the lines of two processes can be put in order.
function timestamp(): string {
  return `,"time":${(performance.timeOrigin + performance.now()).toFixed(3)}`;
}
