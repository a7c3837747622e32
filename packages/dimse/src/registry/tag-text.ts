// Tags as PS3.6 prints them.

/** A tag as people write it: `(0000,0100)`. */
export function tagText(tag: number): string {
  const digits = tag.toString(16).toUpperCase().padStart(8, '0');
  return `(${digits.slice(0, 4)},${digits.slice(4)})`;
}
