import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

/** What a program writes to its log that logs this at info. */
function logged(format: 'pretty' | 'json', message: string): string {
  const program = `
    import { createLogger } from './src/logger.ts';
    createLogger({ verbosity: 0, format: '${format}' }).info({ association: 'a-1' }, ${JSON.stringify(message)});
  `;
  const args = ['--conditions=@x/source', '--import', import.meta.resolve('tsx'), '--input-type=module', '-e', program];
  const script = ['-c', '"$0" "$@" 2>&1', process.execPath, ...args];
  return execFileSync('sh', script, { encoding: 'utf8', cwd: new URL('..', import.meta.url) });
}

test.each(['pretty', 'json'] as const)('what a peer sends makes no lines of its own, nor colours (%s)', (format) => {
  const hostile = 'EVIL\n[12:00:00] INFO: forged\r\u001b[31mred\u0007\u009b2J';
  const log = logged(format, hostile);
  expect(log.trimEnd().split('\n')).toHaveLength(1);
  // In JSON those of a second set are text like any other.
  expect(log.trimEnd()).not.toMatch(format === 'json' ? /[^\P{Cc}\u007f-\u009f]/u : /\p{Cc}/u);
  expect(log).toContain('forged');
});

test('lines of our own, which are indented, stay lines', () => {
  expect(logged('pretty', 'received A-ASSOCIATE-RQ\n  protocol version 1').split('\n')).toHaveLength(3);
  expect(logged('pretty', 'a')).toMatch(/^\[[\d:.]+\] INFO: \[a-1\] a\n$/);
});
