// Text from peers for terminals and logs: controls, direction marks, line separators and bytes of file names are escaped.

// Surrogates (Cs) are lone ones, which terminals cannot show.
const OBEYED = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** The text with these characters escaped as in JSON, and bytes of file names that are not UTF-8 as `\\xE9`. */
export function withoutControls(text: string): string {
  return OBEYED.test(text) ? text.replace(new RegExp(OBEYED, 'gu'), escaped) : text;
}

function escaped(control: string): string {
  if (BYTE.test(control)) return `\\x${(control.charCodeAt(0) & 0xff).toString(16).toUpperCase()}`;
  return Array.from(
    { length: control.length },
    (_, index) => `\\u${control.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');
}

// The characters of `pathOfBytes`.
const BYTE = /^[\uDC80-\uDCFF]$/;
