import { expect, test } from 'vitest';
import { HostTable, hostOf } from './host.ts';

test.each([
  ['10.0.0.5', '10.0.0.5'],
  ['::ffff:10.0.0.5', '10.0.0.5'],
  ['::ffff:a00:5', '10.0.0.5'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::6', '2001:db8:1:2::/64'],
  ['2001:0db8:0001:0002::', '2001:db8:1:2::/64'],
  ['2001:db8::7', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['64:ff9b::10.0.0.5', '64:ff9b:0:0::/64'],
  ['a name', 'a name'],
])('the host of %s is %s', (address, host) => {
  expect(hostOf(address)).toBe(host);
});

test('a table forgets the host that was set longest ago', () => {
  const table = new HostTable<number>(3);
  for (const host of ['a', 'b', 'c', 'a', 'd']) table.set(host, 1);
  expect([table.size, table.get('a'), table.get('b')]).toEqual([3, 1, undefined]);
});
