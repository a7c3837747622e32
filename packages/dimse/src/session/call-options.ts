// The options and the properties of calls, with their rules.

import { OptionError } from '@x/net';
import { aNumber, aSignal, nearestWord, type OptionRules, type OptionTable } from '@x/pdu/internal';
import type { Operation } from '../message/operation.ts';

/** Limits on how long a call may take. */
export interface CallOptions {
  /** Cancels the call, with C-CANCEL if the operation supports it. */
  readonly signal?: AbortSignal;
  /** Milliseconds without a response after which the association is aborted. Default: the timeout of the session. */
  readonly responseTimeout?: number;
  /** Milliseconds after which a C-GET or C-MOVE is cancelled. Default: `retrieveTotal` of the session. */
  readonly retrieveTotalTimeout?: number;
}

/** The options of every call. */
export const CALL_RULES: OptionRules<CallOptions> = {
  signal: aSignal,
  responseTimeout: aNumber,
  retrieveTotalTimeout: aNumber,
};

export const CALL_OPTIONS: OptionTable<CallOptions> = { of: 'a call', rules: CALL_RULES };

/** The properties of every request, besides those of its operation. */
const REQUEST_PROPERTIES = ['sopClass', 'transferSyntax'];

/** @throws OptionError for a property that requests of the operation do not have. */
export function checkRequest({ name, request }: Pick<Operation, 'name' | 'request'>, values: object): void {
  for (const property of Object.keys(values)) {
    if (Object.hasOwn(request, property) || REQUEST_PROPERTIES.includes(property)) continue;
    const names = [...Object.keys(request), ...REQUEST_PROPERTIES];
    const near = nearestWord(property, names);
    const advice = near ? `did you mean '${near}'?` : `its properties are ${names.join(', ')}`;
    throw new OptionError('OPTION_UNKNOWN', property, `${name}-RQ has no property '${property}'; ${advice}`);
  }
}
