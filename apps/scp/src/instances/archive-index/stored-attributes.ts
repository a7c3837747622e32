// Attributes as the index stores them: JSON of values that a response can carry, whatever the instance has.

import { encodeDataSet, TransferSyntax, type UntypedDataSet } from '@x/dimse';

export interface StoredAttributes {
  readonly attributes: UntypedDataSet;
  readonly json: string;
}

/**
 * Values in another value representation than the dictionary has are kept if a response can carry them. Otherwise,
 * characters that are not allowed become `?`, and values that still do not fit are left out. So an unusual instance, for
 * example with an umlaut in a code string or bytes for a name, does not make a response fail.
 * @param onLeftOut Called with the keyword of each value that is left out.
 */
export function storedAttributes(
  attributes: UntypedDataSet,
  onLeftOut: (keyword: string) => void = () => {},
): StoredAttributes {
  const json = usualJson(attributes);
  if (json !== undefined) return { attributes, json };
  const answerable: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(attributes)) {
    const plain = plainValue(value);
    const kept = [plain, inAscii(plain)].find((each) => isAnswerable(keyword, each));
    if (kept !== undefined) answerable[keyword] = kept;
    else onLeftOut(keyword);
  }
  return { attributes: answerable, json: JSON.stringify(answerable) };
}

/** The JSON if all attributes are short, ASCII and in their usual value representation, so that no check is needed. */
function usualJson(attributes: UntypedDataSet): string | undefined {
  try {
    const json = JSON.stringify(attributes);
    return json.length <= USUAL_LENGTH && USUAL.test(json) && !json.includes('"vr":') ? json : undefined;
  } catch {
    // JSON cannot represent 64-bit integers.
    return undefined;
  }
}

const USUAL_LENGTH = 32_768;
const USUAL = /^[\x20-\x7e]*$/;

function isAnswerable(keyword: string, value: unknown): boolean {
  if (value === undefined) return false;
  try {
    encodeDataSet({ [keyword]: JSON.parse(JSON.stringify(value)) as unknown }, TransferSyntax.ExplicitVRLittleEndian);
    return true;
  } catch {
    return false;
  }
}

/** The value without its explicit value representation. */
function plainValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  return 'vr' in value && 'value' in value ? plainValue(value.value) : value;
}

function inAscii(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inAscii);
  return typeof value === 'string' ? value.replace(/[^\x20-\x7e]/g, '?') : undefined;
}
