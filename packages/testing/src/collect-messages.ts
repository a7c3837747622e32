// What an association receives, put together to whole messages: for those who test what arrives.

/** Anything that is received in fragments, of which the last one of each message is marked. */
export interface Receiving {
  receive(): AsyncIterable<{ readonly fragments: readonly Uint8Array[]; readonly last: boolean }>;
}

/** The commands and data sets of all messages, to the end. It may fail before anybody comes to look. */
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
