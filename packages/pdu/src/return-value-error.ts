// The error for functions of a program that return something else than the function that calls them expects.

import { shown } from './check-options.ts';
import { CodedError } from './coded-error.ts';

/** A function of the program returned a value of another kind. TypeScript refuses such functions; plain JavaScript has this error. */
export class ReturnValueError extends CodedError {
  static override readonly name: string = 'ReturnValueError';
  readonly code = 'RETURN_VALUE_INVALID';
  /** The function: the name of its option, or of the operation that it handles. */
  readonly callback: string;

  constructor(callback: string, problem: string) {
    super(`${callback} ${problem}`);
    this.callback = callback;
  }
}

/** The error for a value, with the values that are expected in words. */
export function wrongReturn(callback: string, value: unknown, expected: string): ReturnValueError {
  return new ReturnValueError(callback, `returned ${shown(value)}, not ${expected}`);
}

/** Whether a value is an object that may have properties: not an array, bytes or a promise. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  const isObject = typeof value === 'object' && value !== null;
  return isObject && !Array.isArray(value) && !ArrayBuffer.isView(value) && !(value instanceof Promise);
}
