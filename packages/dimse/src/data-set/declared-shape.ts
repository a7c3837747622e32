// The declared shape of a value: that of the VR and the VM which the dictionary has for its attribute (PS3.5 §6.2, §6.4).

import type { Attribute } from './data-dictionary.ts';
import { isBulkData } from './element.ts';
import { valueRepresentation } from './value-representations.ts';

/**
 * A value in the shape that the dictionary declares: one value if the VM is 1, otherwise an array. Undefined if the value has
 * another VR or VM.
 */
export function inDeclaredShape({ vr: declared, vm }: Attribute, vr: string, value: unknown): unknown {
  if (!isDeclaredVr(declared, vr, value)) return undefined;
  if (vr === 'SQ' || value instanceof Uint8Array) return value;
  const isOne = vm === '1';
  if (!Array.isArray(value)) {
    if (value === '') return isOne ? value : [];
    if (value === null) return isOne ? value : [];
    if (isNumberText(vr, value) || isBulkData(value)) return undefined;
    if (isOne) return value;
    return allowsCount(vm, 1) ? [value] : undefined;
  }
  if (value[0] instanceof Uint8Array) return declared === 'OB or OW' ? value : undefined;
  if (isOne) return value.length > 1 ? undefined : (value[0] ?? null);
  const hasText = (vr === 'DS' || vr === 'IS') && value.some((one) => typeof one === 'string');
  return !hasText && allowsCount(vm, value.length) ? value : undefined;
}

/** Whether the VR of a value is the one of the dictionary, or can be read as if it were. */
export function isDeclaredVr(declared: string, vr: string, value: unknown): boolean {
  if (declared === vr) return true;
  if (declared.length > 2) return declared.includes(vr) || value === null;
  // Some implementations write SH although the standard has LO.
  const [expected, found] = [valueRepresentation(declared), valueRepresentation(vr)];
  const isText = expected.kind === 'text' && found.kind === 'text';
  return isText && (expected.usesCharacterSet || !found.usesCharacterSet);
}

function isNumberText(vr: string, value: unknown): boolean {
  return typeof value === 'string' && (vr === 'DS' || vr === 'IS');
}

/** Whether an attribute of this VM may have so many values; it may always have none. */
function allowsCount(vm: string, count: number): boolean {
  if (count === 0 || vm === '1-n') return true;
  const { least, most, multiple } = COUNTS.get(vm) ?? learnCounts(vm);
  return count >= least && count <= most && count % multiple === 0;
}

interface Counts {
  readonly least: number;
  readonly most: number;
  readonly multiple: number;
}

const COUNTS = new Map<string, Counts>();

/** @param vm `3`, `1-2`, `2-n` or `3-3n`. */
function learnCounts(vm: string): Counts {
  const [first = '', last = first] = vm.split('-');
  const isOpen = last.endsWith('n');
  const counts = {
    least: Number(first),
    most: isOpen ? Number.POSITIVE_INFINITY : Number(last),
    multiple: isOpen ? Number(last.slice(0, -1) || 1) : 1,
  };
  COUNTS.set(vm, counts);
  return counts;
}
