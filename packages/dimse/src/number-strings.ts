// Decimal strings: numbers as text of at most 16 characters (PS3.5 §6.2, DS).

const LONGEST = 16;

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
