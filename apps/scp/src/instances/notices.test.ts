import type { Logger } from '@x/cli/logger';
import { expect, test } from 'vitest';
import { Notices } from './notices.ts';

test('logs a thousand instances that deviate, and counts all', () => {
  const lines: string[] = [];
  const notices = new Notices({ warn: (_: object, message: string) => void lines.push(message) } as unknown as Logger);
  const message = '(0009,1001) has a length instead of a value representation';
  const deviation = { code: 'MISSING_VR', message, tag: 0x00091001, offset: 0, count: 2 } as const;
  for (let number = 1; number <= 1500; number++)
    notices.tell({
      kind: 'deviations',
      instance: { study: '1.2', series: '1.2.1', sopInstance: `1.2.${number}` },
      sourceAeTitle: 'CT1',
      deviations: [deviation],
    });
  expect(lines).toHaveLength(1000);
  expect(lines[0]).toBe(`instance 1.2.1 of CT1 deviates from the standard: ${message} (2 times)`);
  expect(lines[999]).toContain('further instances are only counted');
  expect(notices.counts).toMatchObject({ deviations: 1500 });
});
