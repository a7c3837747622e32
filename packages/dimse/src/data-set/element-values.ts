// Reads the values of elements without parts (PS3.5 §6.2).

import type { Step, Steps } from '../turns.ts';
import { DataSetError } from './data-set-error.ts';
import type { Scope } from './data-set-scope.ts';
import { emptyValue } from './data-set-values.ts';
import type { ElementBytes } from './element-bytes.ts';
import { type NumberReader, numberReaders, swapped } from './number-values.ts';
import { isText, readingText, readingValueOfText, textIn, valueOfText } from './text-values.ts';
import type { ValueRepresentation } from './value-representations.ts';

/** Values of more bytes are read in steps. */
export const LONG_VALUE = 64 * 1024;

/** The value of the `length` bytes from `start` on, of a value representation without parts. */
export function valueIn(
  source: ElementBytes,
  start: number,
  tag: number,
  vr: ValueRepresentation,
  length: number,
  scope: Scope,
  offset: number,
): unknown {
  const end = start + length;
  if (length === 0) return emptyValue(vr.kind);
  if (vr.kind === 'bytes') return swapped(source.bytes.subarray(start, end), vr.wordSize, source.littleEndian);
  if (isText(vr)) return valueOfText(textIn(source.buffer, start, end, vr, scope.terms, { tag, offset }), vr);
  const read = numberReader(tag, vr, length, offset);
  if (length === vr.wordSize) return read(source.view, start, source.littleEndian);
  const values: unknown[] = [];
  for (let at = start; at < end; at += vr.wordSize) values.push(read(source.view, at, source.littleEndian));
  return values;
}

/** The same, in steps. */
export function* readingValue(
  source: ElementBytes,
  start: number,
  tag: number,
  vr: ValueRepresentation,
  length: number,
  scope: Scope,
  offset: number,
  step: Step,
): Steps<unknown> {
  if (step.add(length >>> 6)) yield step.end();
  if (length <= LONG_VALUE || vr.kind === 'bytes') return valueIn(source, start, tag, vr, length, scope, offset);
  const end = start + length;
  if (isText(vr)) {
    const text = yield* readingText(source.buffer, start, end, vr, scope.terms, { tag, offset }, step);
    return yield* readingValueOfText(text, vr, step);
  }
  const { littleEndian } = source;
  const read = numberReader(tag, vr, length, offset);
  const values: unknown[] = [];
  for (let at = start; at < end; at += vr.wordSize) {
    values.push(read(source.view, at, littleEndian));
    if (step.add(1)) yield step.end();
  }
  return values;
}

function numberReader(tag: number, vr: ValueRepresentation, length: number, offset: number): NumberReader {
  if (length % vr.wordSize !== 0)
    throw new DataSetError(`has ${length} bytes, ${vr.name} takes ${vr.wordSize} each`, { tag, offset });
  return numberReaders[vr.name] as NumberReader;
}
