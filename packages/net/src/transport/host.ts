// Hosts, as limits count them, and a bounded table of what is known about them.

import { net } from '../node-modules.ts';

/**
 * The host behind an address. An IPv4 address is one host, also if it is written as an IPv6 address. An IPv6 address
 * stands for its network of 64 bits: one machine may take any address in it, so that limits for single addresses would
 * limit no one. Peers that share such a network share the limits.
 */
export function hostOf(address: string): string {
  // The usual case: the patterns of `isIPv6` take longer than everything else here.
  if (!address.includes(':')) return address;
  const [plain = ''] = address.split('%');
  if (!net().isIPv6(plain)) return address;
  const groups = groupsOf(plain);
  const [, , , , , mark, high = 0, low = 0] = groups;
  if (mark === 0xffff && groups.slice(0, 5).every((group) => group === 0))
    return [high >>> 8, high & 0xff, low >>> 8, low & 0xff].join('.');
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

/** Values by host: at most `maximum`; then the one that was set longest ago is forgotten. */
export class HostTable<Value> {
  readonly #maximum: number;
  readonly #values = new Map<string, Value>();

  constructor(maximum = 10_000) {
    this.#maximum = maximum;
  }

  get size(): number {
    return this.#values.size;
  }

  get(host: string): Value | undefined {
    return this.#values.get(host);
  }

  set(host: string, value: Value): void {
    this.#values.delete(host);
    this.#values.set(host, value);
    if (this.#values.size <= this.#maximum) return;
    const [oldest] = this.#values.keys();
    if (oldest !== undefined) this.#values.delete(oldest);
  }

  delete(host: string): void {
    this.#values.delete(host);
  }
}

/** The eight groups of a valid IPv6 address. */
function groupsOf(address: string): readonly number[] {
  const plain = address.replace(/\d+\.\d+\.\d+\.\d+$/, (dotted) => {
    const [a = 0, b = 0, c = 0, d = 0] = dotted.split('.').map(Number);
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
  const [left = [], right = []] = plain.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16));
}
