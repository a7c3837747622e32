// Numbers as text: decimal strings of at most 16 characters, and integer strings (PS3.5 §6.2, DS and IS).

const LONGEST = 16;
// Some write more digits than they may.
const LONGEST_READ = 64;

/** The number as text: exactly where 16 characters can say it, else as near as they come. */
export function decimalString(number: number): string {
  const shortest = String(number);
  if (shortest.length <= LONGEST) return shortest;
  const exact = forms(shortest, number).find((text) => text.length <= LONGEST && Number(text) === number);
  if (exact !== undefined) return exact;
  for (let digits = 15; digits > 0; digits--) {
    const rounded = Number(number.toPrecision(digits));
    // The largest numbers are not to be rounded to what is none.
    if (!Number.isFinite(rounded)) continue;
    const text = forms(String(rounded), rounded).find((one) => one.length <= LONGEST);
    if (text !== undefined) return text;
  }
  return '0';
}

/** Other ways to write it: without the zero before the point, or digits and an exponent. */
function forms(shortest: string, number: number): string[] {
  const [mantissa = '0', exponent = '0'] = number.toExponential().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const power = Number(exponent) - fraction.length;
  return [
    shortest,
    shortest.replace('e+', 'e'),
    shortest.replace(/^(-?)0\./, '$1.'),
    `${whole}${fraction}e${power}`,
    `${mantissa}e${Number(exponent)}`,
  ];
}

/** A number where it is one that JavaScript keeps whole; else its text. */
export function numberOf(text: string): number | string | null {
  if (text === '') return null;
  if (text.length > LONGEST_READ || !/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return text;
  const number = Number(text);
  return Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number) || /[eE]/.test(text))
    ? number
    : text;
}
