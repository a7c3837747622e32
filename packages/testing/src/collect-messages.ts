// Puts the received fragments of an association together to complete messages.

/** A source of fragments in which the last fragment of each message is marked. */
export interface Receiving {
  receive(): AsyncIterable<{ readonly fragments: readonly Uint8Array[]; readonly last: boolean }>;
}

/** The commands and data sets of all messages, up to the end. A rejection may be awaited later than it happens. */
export function collectMessages(association: Receiving): Promise<Buffer[]> {
  const collected = collect(association);
  collected.catch(() => {});
  return collected;
}

async function collect(association: Receiving): Promise<Buffer[]> {
  const messages: Buffer[] = [];
  let parts: Uint8Array[] = [];
  for await (const { fragments, last } of association.receive()) {
    parts.push(...fragments);
    if (!last) continue;
    messages.push(Buffer.concat(parts));
    parts = [];
  }
  return messages;
}
