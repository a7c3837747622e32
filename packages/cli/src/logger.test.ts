import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withoutControls } from './without-controls.ts';

/** What a program writes to its log that logs these at info. */
function logged(format: 'pretty' | 'json', lines: readonly object[]): string {
  const program = `
    import { text } from 'node:stream/consumers';
    import { createLogger } from './src/logger.ts';
    const logger = createLogger({ verbosity: 0, format: '${format}' });
    for (const { msg, ...line } of JSON.parse(await text(process.stdin))) logger.info(line, msg);
  `;
  const args = ['--conditions=@x/source', '--import', import.meta.resolve('tsx'), '--input-type=module', '-e', program];
  const script = ['-c', '"$0" "$@" 2>&1', process.execPath, ...args];
  const cwd = new URL('..', import.meta.url);
  return execFileSync('sh', script, { encoding: 'utf8', cwd, input: JSON.stringify(lines) });
}

/** What terminals and readers of logs obey. */
const OBEYED = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const HOSTILE = ['EVIL\n[12:00:00] INFO: forged\r\u001b[31mred\u0007\u009b2J', 'A\n  INFO: forged', 'a\u202eb\u2028c'];

test.each(['pretty', 'json'] as const)('what peers send makes no lines of its own, nor colors (%s)', (format) => {
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
  // As AE title, as UID, as the comment of an error, as the name of a file; and where we have nothing to say of it.
  const fields = (value: string) => ({ association: value, summary: value, sopInstance: value, other: { value } });
  const lines = all.map((value) => ({ ...fields(value), msg: `message ${value}` }));
  const found = logged(format, lines).trimEnd().split('\n');
  expect(found).toHaveLength(lines.length);
  for (const line of found) expect(line).not.toMatch(OBEYED);
  if (format === 'json') expect(found.map((line) => JSON.parse(line).msg)).toEqual(lines.map(({ msg }) => msg));
});

test('text without controls is as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const shown = withoutControls(text);
      expect(shown).not.toMatch(OBEYED);
      if (!OBEYED.test(text)) expect(shown).toBe(text);
    }),
  );
});

test('lines of our own follow, indented as they are', () => {
  const detail = '  protocol version 1\n  max PDU 0';
  expect(logged('pretty', [{ msg: 'received A-ASSOCIATE-RQ', detail }]).split('\n')).toHaveLength(4);
  const failure = { err: { stack: 'Error: b\nINFO: forged\n    at a:1', message: 'b' }, msg: 'failed' };
  expect(logged('pretty', [failure]).split('\n').slice(1)).toEqual(['    at a:1', '']);
  expect(logged('pretty', [{ association: 'a-1', msg: 'a' }])).toMatch(/^\[[\d:.]+\] INFO: \[a-1\] a\n$/);
});
