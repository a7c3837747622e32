import { Writable } from 'node:stream';
import fc from 'fast-check';
import { prettyFactory } from 'pino-pretty';
import { expect, test } from 'vitest';
import { createLateLogger, createLogger, type Logger } from './logger.ts';
import { withoutControls } from './without-controls.ts';

/** The text that a logger writes for these lines, logged at info. */
function logged(format: 'pretty' | 'json', lines: readonly object[]): string {
  let text = '';
  const stderr = collecting((chunk) => {
    text += chunk;
  });
  const logger = createLogger({ verbosity: 0, format, stderr });
  for (const { msg, ...line } of lines as readonly { msg: string }[]) logger.info(line, msg);
  return text;
}

function collecting(take: (chunk: string) => void): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      take(String(chunk));
      done();
    },
  });
}

/** Characters that terminals and readers of logs obey. */
const OBEYED = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const HOSTILE = ['EVIL\n[12:00:00] INFO: forged\r\u001b[31mred\u0007\u009b2J', 'A\n  INFO: forged', 'a\u202eb\u2028c'];

test.each(['pretty', 'json'] as const)('text from peers starts no lines and sets no colors (%s)', (format) => {
  const pieces = [
    ...HOSTILE,
    '\n',
    '\n  ',
    '\r',
    '\u001b[2J',
    '\u009b',
    '\u202e',
    '\u2029',
    '\0',
    '\\',
    '"',
    'é',
    '放',
  ];
  const text = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary' })), { maxLength: 6 });
  const texts = fc.sample(text, 300).map((parts) => parts.join(''));
  const all = [...HOSTILE, ...texts];
  // As the AE title, as a UID, in the message, and in a field that readable lines leave out.
  const fields = (value: string) => ({ association: value, summary: value, sopInstance: value, other: { value } });
  const lines = all.map((value) => ({ ...fields(value), msg: `message ${value}` }));
  const found = logged(format, lines).trimEnd().split('\n');
  expect(found).toHaveLength(lines.length);
  for (const line of found) expect(line).not.toMatch(OBEYED);
  if (format === 'json') expect(found.map((line) => JSON.parse(line).msg)).toEqual(lines.map(({ msg }) => msg));
});

test('leaves text without control characters unchanged', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const shown = withoutControls(text);
      expect(shown).not.toMatch(OBEYED);
      if (!OBEYED.test(text)) expect(shown).toBe(text);
    }),
  );
});

test('writes the lines of a detail and of a stack below the message, with their indentation', () => {
  const detail = '  protocol version 1\n  max PDU 0';
  expect(logged('pretty', [{ msg: 'received A-ASSOCIATE-RQ', detail }]).split('\n')).toHaveLength(4);
  const failure = { err: { stack: 'Error: b\nINFO: forged\n    at a:1', message: 'b' }, msg: 'failed' };
  expect(logged('pretty', [failure]).split('\n').slice(1)).toEqual(['    at a:1', '']);
  expect(logged('pretty', [{ association: 'a-1', msg: 'a' }])).toMatch(/^\[[\d:.]+\] INFO: \[a-1\] a\n$/);
});

test.each([false, true])('readable lines are those of pino-pretty (on a terminal: %s)', (isTTY) => {
  const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
  const stderr = Object.assign(
    collecting((chunk) => lines.push(chunk)),
    { isTTY },
  );
  const lines: string[] = [];
  const pretty = prettyFactory({
    colorize: isTTY,
    include: 'time,level',
    messageFormat: '{msg}',
    timestampKey: 'time',
  });
  fc.assert(
    fc.property(fc.constantFrom(...levels), fc.stringMatching(/^[ -z]{1,40}$/), (level, msg) => {
      createLogger({ verbosity: 2, format: 'pretty', stderr })[level](msg);
      const line = lines.at(-1) as string;
      const time = line.slice(1, 13);
      const at = new Date(`2026-01-01T${time}`).getTime();
      const numbers = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 };
      const expected = pretty(JSON.stringify({ level: numbers[level], time: at, msg }));
      expect(line).toBe(expected);
    }),
  );
});

test('a readable line without a detour by way of JSON is the same as with it', () => {
  const lines: string[] = [];
  const stderr = collecting((chunk) => lines.push(chunk.replace(/^\[[\d:.]+\]/, '')));
  const logger = createLogger({ verbosity: 2, format: 'pretty', stderr });
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...HOSTILE, '%s %d %%'));
  const value = fc.oneof(text, fc.constantFrom(undefined, null, 7, {}, new Error('a\nb')));
  const fields = fc.record({ association: value, detail: value, err: value, msg: value }, { requiredKeys: [] });
  fc.assert(
    fc.property(fc.oneof(fields, fc.constant(new Error('c'))), fc.option(text, { nil: undefined }), (line, msg) => {
      for (const each of [logger, logger.child({})])
        if (msg === undefined) each.warn(line);
        else {
          each.warn(line, msg);
          each.error(msg);
        }
      const [direct, byJson] = [lines.slice(0, lines.length / 2), lines.slice(lines.length / 2)];
      lines.length = 0;
      expect(direct).toEqual(byJson);
    }),
  );
});

test.each([{ verbosity: 0 }, { verbosity: 1 }, { verbosity: 2 }, { verbosity: 0, quiet: true }])(
  'a late logger writes the lines of a logger (%o)',
  (options) => {
    const linesOf = (create: typeof createLateLogger) => {
      let text = '';
      const stderr = collecting((chunk) => {
        text += chunk;
      });
      const logger: Logger = create({ ...options, format: 'json', stderr });
      const child = logger.child({ association: 'a-1' });
      for (const each of [logger, child])
        for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const) {
          each[level](`a line at ${level}`);
          each[level]({ event: 'test', enabled: each.isLevelEnabled(level) }, 'a line with fields');
        }
      return text.replace(/"time":[\d.]+/g, '');
    };
    expect(linesOf(createLateLogger)).toBe(linesOf(createLogger));
    expect(linesOf(createLateLogger) === '').toBe(options.quiet === true);
  },
);
