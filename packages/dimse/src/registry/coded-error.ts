// The same as coded-error.ts of @x/pdu, of which this is a copy, because data sets import nothing of a network.

/**
 * An error with a code that does not change between releases. A program may load a package twice, as an ECMAScript module and
 * as CommonJS: `instanceof` compares the errors of another copy by the names of their classes.
 */
export abstract class CodedError extends Error {
  // Set here, because a bundler may give the class another name.
  static override readonly name: string = 'CodedError';
  /** Tells programs what happened: see the page on errors in the documentation. */
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    Object.defineProperty(this, Symbol.for('@x/error'), { value: true });
  }

  /** An accessor, because the stack is captured before fields are set, and begins with the name. */
  override get name(): string {
    return this.constructor.name;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: the class that `instanceof` names, which may be a subclass
    return isInstance(value, this);
  }
}

function isInstance(
  value: unknown,
  { name, prototype }: { readonly name: string; readonly prototype: object },
): boolean {
  if (typeof value !== 'object' || value === null || !(Symbol.for('@x/error') in value)) return false;
  const isBelow = (one: object) => Object.prototype.isPrototypeOf.call(one, value);
  if (isBelow(CodedError.prototype)) return isBelow(prototype);
  for (let at = Object.getPrototypeOf(value); at; at = Object.getPrototypeOf(at))
    if (at.constructor.name === name) return true;
  return false;
}
