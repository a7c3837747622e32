// Names for the other packages of this project. This door is outside semantic versioning: names may change or be removed
// in any release. Applications should import from `@x/net`.

export { isValidUid, MAXIMUM_PRESENTATION_CONTEXTS } from '@x/pdu';
export {
  type AssociationLimitOptions,
  AssociationLimits,
  LOCAL_LIMIT_EXCEEDED,
} from './association/association-limits.ts';
export { warnOfMistake } from './association/listener-reports.ts';
export {
  ACCEPTOR_RULES,
  addressOptions,
  LISTEN_OPTIONS,
  LOCAL_RULES,
  placesOf,
  REQUEST_RULES,
  signalOptions,
} from './association/option-tables.ts';
export { openAssociation } from './association/request.ts';
export { Condition } from './condition.ts';
export { AbandonedMessageError } from './errors.ts';
export { windowOf } from './negotiation/negotiated-options.ts';
export { onAbort, unlessAborted } from './on-abort.ts';
export { Pool } from './pool/pool.ts';
export { poolKey } from './pool/pool-key.ts';
export { POOL_RULES, type Poolable, type PoolOptions } from './pool/pool-options.ts';
export { classifyFailure, type FailureClass } from './pool/retry.ts';
export { settledWithin, TIMEOUT_RULES } from './timeouts.ts';
export { Trace } from './trace.ts';
export type { ConnectionLimitOptions } from './transport/connection-limits.ts';
export { RELOAD_OPTIONS } from './transport/option-tables.ts';
export { type ProxyHeader, parseProxyHeader } from './transport/proxy-protocol.ts';
export type { TransportAcceptorOptions } from './transport/transport-acceptor.ts';
export { WatchedEmitter, warn } from './watched-emitter.ts';
