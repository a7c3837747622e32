// Names for the other packages of this project. This door is outside semantic versioning: names may change or be removed
// in any release. Applications should import from `@x/net`.

export { isValidUid, MAXIMUM_PRESENTATION_CONTEXTS } from '@x/pdu';
export { CodedError } from '@x/pdu/internal';
export type { AssociationLimitOptions } from './association/association-limits.ts';
export { warnOfMistake } from './association/listen.ts';
export {
  ACCEPTOR_RULES,
  addressOptions,
  LOCAL_RULES,
  placesOf,
  REQUEST_RULES,
  TIMEOUT_RULES,
} from './association/option-tables.ts';
export { openAssociation } from './association/request.ts';
export {
  aListOf,
  aNumber,
  anAeTitle,
  anObjectOf,
  anything,
  aValueOf,
  aWindow,
  checkOptions,
  type OptionRule,
  type OptionRules,
  type OptionTable,
} from './check-options.ts';
export { Condition } from './condition.ts';
export { AbandonedMessageError } from './errors.ts';
export { nearestWord } from './nearest-word.ts';
export { windowOf } from './negotiation/negotiated-options.ts';
export { onAbort } from './on-abort.ts';
export { Pool } from './pool/pool.ts';
export { poolKey } from './pool/pool-key.ts';
export type { Poolable, PoolOptions } from './pool/pool-options.ts';
export { classifyFailure, type FailureClass } from './pool/retry.ts';
export type { ConnectionLimitOptions } from './transport/connection-limits.ts';
export { type ProxyHeader, parseProxyHeader } from './transport/proxy-protocol.ts';
export type { TransportAcceptorOptions } from './transport/transport-acceptor.ts';
export { WatchedEmitter, warn } from './watched-emitter.ts';
