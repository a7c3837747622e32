// Tags and codes in hexadecimal, as PS3.6 and PS3.7 print them.

/** The tag in parentheses, such as `(0000,0100)`. */
export function tagText(tag: number): string {
  const digits = tag.toString(16).toUpperCase().padStart(8, '0');
  return `(${digits.slice(0, 4)},${digits.slice(4)})`;
}

/** A status or another code of 16 bits in four digits, such as `B000`. */
export function codeText(code: number): string {
  return code.toString(16).toUpperCase().padStart(4, '0');
}
