// Getters of objects that are made often.

/**
 * The descriptor of an own property that is computed when it is read. It is made once, and `Object.defineProperty` adds it to
 * each object. For an object literal with a getter, V8 makes a dictionary of properties and, in the old generation, a pair of
 * accessors. That takes 5 µs, and everything that the getter refers to, a whole connection for instance, stays in memory until
 * the old generation is collected.
 */
export function ownGetter<This>(get: (this: This) => unknown): PropertyDescriptor & ThisType<This> {
  return { get, enumerable: true, configurable: true };
}
