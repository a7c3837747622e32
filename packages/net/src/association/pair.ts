// Two ends of an association in memory, for tests of this package and of applications.

import { aValueOf, checkOptions, type OptionTable } from '@x/pdu/internal';
import { stream } from '../node-modules.ts';
import { accept, acceptAssociation, type Decide } from './accept.ts';
import type { Acceptance } from './associate-accept.ts';
import type { Association } from './association.ts';
import { type LocalOptions, type RequestOptions, requestAssociation } from './request.ts';

/** The options of `associatedPair`. */
export interface PairOptions {
  /** Options of the requestor. Default: proposes Verification in Implicit VR Little Endian. */
  readonly request?: Partial<Omit<RequestOptions, 'socket' | 'host' | 'port'>>;
  /** The decision of the acceptor. Default: accepts all contexts in any transfer syntax and every role. */
  readonly decide?: Decide;
  /** Options of the accepting side. */
  readonly acceptor?: LocalOptions;
}

const PAIR_OPTIONS: OptionTable<PairOptions> = {
  of: 'associatedPair',
  rules: { request: aValueOf('object'), decide: aValueOf('function'), acceptor: aValueOf('object') },
  elsewhere: { contexts: 'its option `request`', supports: '`accept`, the result of its option `decide`' },
};

/** Associates two ends over a pair of streams. @throws OptionError; the errors of `requestAssociation`. */
export async function associatedPair(
  options: PairOptions = {},
): Promise<[requestor: Association, acceptor: Association]> {
  checkOptions(PAIR_OPTIONS, options);
  const [one, other] = stream().duplexPair();
  const accepting = acceptAssociation(other, {
    decide: () => accept(EVERYTHING),
    ...options.acceptor,
    ...withDecide(options),
  });
  // If both fail, the requestor's error is thrown.
  accepting.catch(() => {});
  const requestor = await requestAssociation({
    socket: one,
    callingAeTitle: 'REQUESTOR',
    calledAeTitle: 'ACCEPTOR',
    contexts: [{ abstractSyntax: VERIFICATION, transferSyntaxes: [IMPLICIT_VR_LITTLE_ENDIAN] }],
    ...options.request,
  });
  const acceptor = await accepting;
  if (!acceptor) throw new Error('the acceptor has no association');
  return [requestor, acceptor];
}

const VERIFICATION = '1.2.840.10008.1.1';
const IMPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2';
const EVERYTHING: Acceptance = { supports: () => ({ transferSyntaxes: 'any', roles: { scu: true, scp: true } }) };

function withDecide({ decide }: PairOptions): { readonly decide?: Decide } {
  return decide ? { decide } : {};
}
