import { printDoors } from '@x/testing/print-doors';
import { expect, test } from 'vitest';

test('exports the names in doors.txt', async () => {
  await expect(printDoors(new URL('..', import.meta.url))).toMatchFileSnapshot('../doors.txt');
});
