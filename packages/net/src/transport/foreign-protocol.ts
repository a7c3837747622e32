// Recognizes other protocols by their first bytes.

/** The name of the protocol that begins with these bytes; undefined if it is not known. */
export function foreignProtocol(bytes: Uint8Array | undefined): string | undefined {
  if (!bytes) return undefined;
  // A TLS record: content type 20 to 23, version 3.x.
  if (bytes[0] !== undefined && bytes[0] >= 20 && bytes[0] <= 23 && bytes[1] === 3) return 'TLS';
  const text = String.fromCharCode(...bytes);
  if (/^(?:HTTP\/|GET |POST |PUT |HEAD |OPTIONS|PRI \*)/.test(text)) return 'HTTP';
  if (/^SSH-/.test(text)) return 'SSH';
  return undefined;
}
