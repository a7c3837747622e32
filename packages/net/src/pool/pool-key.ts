// When two requests may share an association: all that is negotiated, and all that secures it, is the same.

// What only says how to wait or whom to tell.
const IRRELEVANT = new Set(['signal', 'timeouts', 'onConnection']);

/**
 * The same for requests (`RequestOptions`, or what is made of them) whose fields are the same.
 * @throws TypeError for a request over a ready socket: it is spent with its first association.
 */
export function poolKey(request: object): string {
  if ('socket' in request) throw new TypeError('an association over a ready socket cannot be pooled');
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

// A TLS context or a function is the same only if it is itself.
const identities = new WeakMap<object, string>();
let lastIdentity = 0;

function identityOf(value: object): string {
  const known = identities.get(value) ?? `#${++lastIdentity}`;
  identities.set(value, known);
  return known;
}
