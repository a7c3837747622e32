// Attributes as the index keeps them: JSON of what can be answered to a query, whatever the instance has in them.

import { type DataSet, encodeDataSet, TransferSyntax } from '@x/dimse';

export interface StoredAttributes {
  readonly attributes: DataSet;
  readonly json: string;
}

/**
 * Values in another value representation than the attribute's are taken as they stand; of those that no answer could
 * carry, characters that may not be there become `?`, and what is of no use at all is left out. So one odd instance spoils
 * no answer: an umlaut in a code string, bytes for a name.
 */
export function storedAttributes(attributes: DataSet): StoredAttributes {
  const json = usualJson(attributes);
  if (json !== undefined) return { attributes, json };
  const answerable: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(attributes)) {
    const plain = plainValue(value);
    const kept = [plain, inAscii(plain)].find((each) => isAnswerable(keyword, each));
    if (kept !== undefined) answerable[keyword] = kept;
  }
  return { attributes: answerable, json: JSON.stringify(answerable) };
}

/** Of short attributes in ASCII, each in its own value representation: nothing speaks against them. */
function usualJson(attributes: DataSet): string | undefined {
  try {
    const json = JSON.stringify(attributes);
    return json.length <= USUAL_LENGTH && USUAL.test(json) && !json.includes('"vr":') ? json : undefined;
  } catch {
    // It has integers of 64 bits.
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

/** Without the value representation that an instance gives an attribute in spite of the standard. */
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
