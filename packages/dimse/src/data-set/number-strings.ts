// Numbers as text: decimal strings of at most 16 characters, and integer strings (PS3.5 §6.2, DS and IS).

const LONGEST = 16;
// Some implementations write more digits than the standard allows.
const LONGEST_READ = 64;

/** The number as text: exact if 16 characters suffice, otherwise the nearest number that fits. */
export function decimalString(number: number): string {
  const shortest = String(number);
  if (shortest.length <= LONGEST) return shortest;
  const exact = forms(shortest, number).find((text) => text.length <= LONGEST && Number(text) === number);
  if (exact !== undefined) return exact;
  for (let digits = 15; digits > 0; digits--) {
    const rounded = Number(number.toPrecision(digits));
    // The largest numbers must not be rounded to infinity.
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

/** The number if JavaScript represents it without losing digits, otherwise the text. */
export function numberOf(text: string): number | string | null {
  if (text === '') return null;
  if (text.length > LONGEST_READ || !/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return text;
  const number = Number(text);
  return Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number) || /[eE]/.test(text))
    ? number
    : text;
}
