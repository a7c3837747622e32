// Values that are made when they are first used.

/** Returns a function that makes the value at its first call, and returns the same value at each later one. */
export function lazily<Value extends {}>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => (made ??= make());
}
