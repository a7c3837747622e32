// Logs of the applications: readable lines or JSON lines on stderr.

import { lazily } from '@x/pdu/internal';
import type { LogFn, Logger as PinoLogger } from 'pino';
import { pino } from './on-demand.ts';
import type { OutputStream } from './program.ts';
import { withoutControls } from './without-controls.ts';

/** The parts of a logger that the applications use. */
export interface Logger extends Pick<PinoLogger, Level | 'isLevelEnabled'> {
  /** Writes these fields with each line. */
  child(fields: object): Logger;
}

/** A logger with a level that can be changed. */
export interface AdjustableLogger extends Logger {
  level: string;
}

type Level = (typeof METHODS)[number];

const METHODS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

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
export function createLogger(options: LogOptions): AdjustableLogger {
  const { format, stderr = process.stderr } = options;
  const output = stderr === process.stderr ? pino().destination({ dest: 2, sync: true }) : stderr;
  const settings = { level: levelOf(options), base: null, timestamp };
  if (format === 'json') {
    // JSON escapes line breaks, but not every control.
    const write = (line: string) => void output.write(`${withoutControls(line.slice(0, -1))}\n`);
    return pino().pino(settings, { write });
  }
  const render = readableLines(stderr.isTTY === true);
  const write = (line: string) => void output.write(render(JSON.parse(line) as LogLine));
  const logger: PinoLogger = pino().pino({ ...settings, hooks: { logMethod } }, { write });
  return logger;

  /** Writes most lines without a detour by way of JSON, which takes longer than the rest. */
  function logMethod(this: PinoLogger, line: Parameters<LogFn>, method: LogFn, level: number): void {
    const plain = this === logger ? plainLine(line, level) : undefined;
    if (plain) output.write(render(plain));
    else method.apply(this, line);
  }
}

/**
 * Makes a logger that loads its package for its first line: loading takes longer than all else that a command does which
 * logs nothing.
 */
export function createLateLogger(options: LogOptions): Logger {
  return lateLogger(
    levelOf(options),
    lazily(() => createLogger(options)),
  );
}

function lateLogger(least: Level | 'silent', logger: () => Logger): Logger {
  const isLevelEnabled = (level: string) =>
    least !== 'silent' && METHODS.indexOf(level as Level) >= METHODS.indexOf(least);
  const method = (level: Level): Logger[Level] =>
    isLevelEnabled(level) ? (...line: readonly unknown[]) => logger()[level](...(line as [object])) : () => {};
  const methods = Object.fromEntries(METHODS.map((level) => [level, method(level)])) as Record<Level, Logger[Level]>;
  const child = (fields: object) =>
    lateLogger(
      least,
      lazily(() => logger().child(fields)),
    );
  return { ...methods, isLevelEnabled, child };
}

function levelOf({ verbosity, quiet = false }: LogOptions): Level | 'silent' {
  return quiet ? 'silent' : ((['info', 'debug', 'trace'] as const)[Math.min(verbosity, 2)] ?? 'info');
}

/** The line of a message, or of simple fields and a message; undefined if pino has to complete or to format it. */
function plainLine(line: readonly unknown[], level: number): LogLine | undefined {
  const [first, second] = line;
  if (line.length === 1 && typeof first === 'string') return { time: now(), level, msg: first };
  if (line.length !== 2 || typeof second !== 'string' || typeof first !== 'object' || first === null) return undefined;
  const { association, detail, err } = first as Partial<LogLine>;
  const isPlain = detail === undefined && err === undefined && !(first instanceof Error);
  if (!isPlain || (association !== undefined && typeof association !== 'string')) return undefined;
  return { time: now(), level, association, msg: second };
}

/** Renders a line for a reader. The message repeats what matters of the fields that are left out. */
function readableLines(hasColors: boolean): (line: LogLine) => string {
  return ({ time, level, association, msg, detail, err }) => {
    const { stack = '' } = err ?? {};
    const first = withoutControls(association === undefined ? `${msg}` : `[${association}] ${msg}`);
    const further = [
      ...(typeof detail === 'string' ? detail.split('\n') : NONE),
      ...(stack === '' ? NONE : stack.split('\n').filter((each) => /^ {4}at /.test(each))),
    ];
    const text = further.length === 0 ? first : [first, ...further.map(withoutControls)].join('\n');
    const name = LEVELS[level] ?? `${level}`;
    if (!hasColors) return `[${clockText(time)}] ${name}: ${text}\n`;
    const [on, off] = COLORS[level] ?? ['', ''];
    return `[${clockText(time)}] ${on}${name}${off}: ${CYAN}${text}${DEFAULT}\n`;
  };
}

const NONE: readonly string[] = [];

interface LogLine {
  readonly time: number;
  readonly level: number;
  readonly association?: unknown;
  readonly msg?: unknown;
  readonly detail?: unknown;
  readonly err?: { readonly stack?: string };
}

const LEVELS: Readonly<Record<number, string>> = {
  10: 'TRACE',
  20: 'DEBUG',
  30: 'INFO',
  40: 'WARN',
  50: 'ERROR',
  60: 'FATAL',
};

// Of terminals (ECMA-48).
const CYAN = '\u001b[36m';
const DEFAULT = '\u001b[39m';
const COLORS: Readonly<Record<number, readonly [on: string, off: string]>> = {
  10: ['\u001b[90m', DEFAULT],
  20: ['\u001b[34m', DEFAULT],
  30: ['\u001b[32m', DEFAULT],
  40: ['\u001b[33m', DEFAULT],
  50: ['\u001b[31m', DEFAULT],
  60: ['\u001b[41m', '\u001b[49m'],
};

/** The local time of day with milliseconds. */
function clockText(milliseconds: number): string {
  const time = new Date(milliseconds);
  const two = (value: number) => (value < 10 ? `0${value}` : `${value}`);
  const thousandths = `${time.getMilliseconds()}`.padStart(3, '0');
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${thousandths}`;
}

// Milliseconds since 1970 with a fraction, so that the lines of two processes can be put in order.
function timestamp(): string {
  return `,"time":${now().toFixed(3)}`;
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
