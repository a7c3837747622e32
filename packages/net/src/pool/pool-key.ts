// The key of a request: requests with equal keys may share an association.

// Options that do not affect what is negotiated.
const IRRELEVANT = new Set(['signal', 'timeouts', 'onConnection']);

/**
 * Returns equal keys for requests (`RequestOptions` or extensions of it) with equal fields.
 * @throws TypeError for a request over a connected socket, because a socket serves one association.
 */
export function poolKey(request: object): string {
  if ('socket' in request) throw new TypeError('an association over a connected socket cannot be pooled');
  const relevant = Object.entries(request).filter(([name, value]) => !IRRELEVANT.has(name) && value !== undefined);
  return keyOf(Object.fromEntries(relevant));
}

function keyOf(value: unknown): string {
  if (value instanceof Uint8Array) return `bytes:${Buffer.from(value).toString('base64')}`;
  if (Array.isArray(value)) return `[${value.map(keyOf).join(',')}]`;
  if (typeof value === 'function' || (typeof value === 'object' && value !== null && !isPlain(value)))
    return identityOf(value);
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, field]) => `${JSON.stringify(name)}:${keyOf(field)}`)
      .join(',')}}`;
  return typeof value === 'bigint' ? `${value}n` : `${JSON.stringify(value)}`;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

// TLS contexts and functions are compared by identity.
const identities = new WeakMap<object, string>();
let lastIdentity = 0;

function identityOf(value: object): string {
  const known = identities.get(value) ?? `#${++lastIdentity}`;
  identities.set(value, known);
  return known;
}
