// Text from peers for terminals and logs: controls, direction marks and line separators are escaped.

const OBEYED = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** The text with these characters escaped as in JSON. */
export function withoutControls(text: string): string {
  return OBEYED.test(text) ? text.replace(new RegExp(OBEYED, 'gu'), escaped) : text;
}

function escaped(control: string): string {
  return Array.from(
    { length: control.length },
    (_, index) => `\\u${control.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');
}
