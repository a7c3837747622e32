// The error of calls and handlers whose association was released.

/** Made only if there is one: its stack takes longer than the rest of the end of an association. */
export function released(): Error {
  return new Error('the association was released');
}
