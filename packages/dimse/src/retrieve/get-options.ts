// The options of a retrieval by C-GET.

import { aListOf, aNumber, aValueOf, checkOptions } from '@x/pdu/internal';
import type { DataSetInput } from '../data-set/dataset.ts';
import type { cGet } from '../message/operations.ts';
import type { OpenSessionOptions } from '../session/scu.ts';
import { CONNECTING_RULES, type Connecting, type RetrieveModel } from './retrieve-session.ts';

/** Options of `get`: those of `openSession`, except those that follow from the retrieval, and the following. */
export type GetOptions = Connecting & {
  /** The identifier: the level and its unique keys. */
  readonly identifier: DataSetInput;
  /** The information model: a service class with `get`. Default: `studyRoot`. */
  readonly model?: RetrieveModel<{ readonly get: typeof cGet }, 'Get'>;
  /**
   * The only SOP classes that instances may have. Default: those that the peer names when it is asked by C-FIND;
   * `RETRIEVED_SOP_CLASSES` if it does not tell.
   */
  readonly sopClasses?: readonly string[];
  /** SOP classes that are proposed beside those, first: private ones, for example. */
  readonly furtherSopClasses?: readonly string[];
  /** The only transfer syntaxes that instances may have, in order of preference. Default: `RETRIEVED_TRANSFER_SYNTAXES`. */
  readonly transferSyntaxes?: readonly string[];
  /** Transfer syntaxes that are proposed beside those, first. */
  readonly furtherTransferSyntaxes?: readonly string[];
  /**
   * The number of associations that contexts are proposed on, from 1 on. The query, and associations after a loss, are not
   * counted. Default: 8.
   */
  readonly associations?: number;
};

/** Default of `GetOptions.associations`. */
export const RETRIEVE_ASSOCIATIONS = 8;

/** The options of each association. @throws OptionError */
export function connectionOf(options: GetOptions): OpenSessionOptions {
  const connecting: Record<string, unknown> = { ...checkOptions<GetOptions>(GET_OPTIONS, options) };
  for (const name of Object.keys(OWN_RULES)) delete connecting[name];
  return connecting as unknown as OpenSessionOptions;
}

const OWN_RULES = {
  identifier: aValueOf('object'),
  model: aValueOf('object'),
  sopClasses: aListOf(aValueOf('string')),
  furtherSopClasses: aListOf(aValueOf('string')),
  transferSyntaxes: aListOf(aValueOf('string')),
  furtherTransferSyntaxes: aListOf(aValueOf('string')),
  associations: aNumber,
  onSession: aValueOf('function'),
};

const GET_OPTIONS = {
  of: 'get',
  rules: { ...CONNECTING_RULES, ...OWN_RULES },
  required: ['callingAeTitle', 'calledAeTitle', 'identifier'],
  elsewhere: { services: 'openSession; get has `model`', receiver: 'moveToSelf' },
};
