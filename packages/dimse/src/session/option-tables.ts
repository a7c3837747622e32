// The options of `createScp`, `openSession` and `serve`, with their rules. The calls of `checkOptions` name their types.

import { type ListenOptions, OptionError, type Timeouts } from '@x/net';
import {
  ACCEPTOR_RULES,
  addressOptions,
  LISTEN_OPTIONS,
  LOCAL_RULES,
  placesOf,
  REQUEST_RULES,
  TIMEOUT_RULES,
} from '@x/net/internal';
import {
  aListOf,
  aNumber,
  anAeTitle,
  anObjectOf,
  anything,
  aValueOf,
  aWindow,
  nearestWord,
  type OptionRule,
  type OptionRules,
  type OptionTable,
  optionsIn,
  rulesWithout,
} from '@x/pdu/internal';
import type { SessionOptions, SessionTimeouts } from './session-options.ts';

const callback = aValueOf('function');

const aServiceClass: OptionRule = (value) => {
  if (isObject(value) && 'serviceClass' in value) return 'is provided by handlers: give it in `serves`';
  return isObject(value) && 'operations' in value ? undefined : 'is not a service class';
};

const aService: OptionRule = (value) => {
  if (isObject(value) && 'operations' in value)
    return 'is a service class without handlers: use serve(serviceClass, handlers)';
  return isObject(value) && 'serviceClass' in value ? undefined : 'is not a service, the result of serve()';
};

const DATA_SET_RULES = {
  maximumDataSetLength: aNumber,
  maximumElements: aNumber,
  maximumElementsPerItem: aNumber,
  maximumInflatedLength: aNumber,
};

const SESSION_TIMEOUT_RULES: OptionRules<SessionTimeouts> = {
  response: aNumber,
  retrieve: aNumber,
  retrieveTotal: aNumber,
  handler: aNumber,
  cancel: aNumber,
};

const ALL_TIMEOUTS = { timeouts: anObjectOf({ ...TIMEOUT_RULES, ...SESSION_TIMEOUT_RULES }) };

const SESSION_RULES = {
  ...DATA_SET_RULES,
  maximumPerforming: aNumber,
  maximumPerformingLength: aNumber,
  maximumQueuedLength: aNumber,
  timeouts: anObjectOf(SESSION_TIMEOUT_RULES),
  codec: aValueOf('object'),
  onUnknownCommand: callback,
};

export const SESSION_OPTIONS: OptionTable<SessionOptions> = { of: 'Session', rules: SESSION_RULES };

type PassedOptions = Omit<SessionOptions, 'timeouts'> & {
  readonly timeouts?: Partial<SessionTimeouts & Timeouts>;
};

/** The options of a session among those of `openSession` and `createScp`. */
export function sessionOptionsOf(options: PassedOptions): SessionOptions {
  return {
    ...optionsIn<SessionOptions>(SESSION_RULES, options),
    timeouts: optionsIn(SESSION_TIMEOUT_RULES, options.timeouts),
  };
}

/** The options of a listener among those of `createScp`. */
export function listenOptionsOf(options: PassedOptions): Omit<ListenOptions, 'decide' | 'serve'> {
  return {
    ...optionsIn<ListenOptions>(LISTEN_OPTIONS.rules, options),
    timeouts: optionsIn(TIMEOUT_RULES, options.timeouts),
  };
}

const ENTITY_RULES = {
  ...rulesWithout(SESSION_RULES, ['timeouts']),
  verification: aValueOf('boolean'),
  calls: aListOf(aServiceClass),
  accept: callback,
  verifyIdentity: callback,
  supportsRelated: callback,
  extendedNegotiation: callback,
  asynchronousOperations: aWindow,
};

const SHARED_SCP_RULES = {
  ...LOCAL_RULES,
  ...ACCEPTOR_RULES,
  ...ENTITY_RULES,
  ...ALL_TIMEOUTS,
  maximumPendingConnections: aNumber,
  strict: aValueOf('boolean'),
};

const SCP_RULES = { ...SHARED_SCP_RULES, aeTitle: anAeTitle, services: aListOf(aService) };

const NOT_OF_CREATE_SCP = {
  ...placesOf({ port: 0, host: 0, ipv6Only: 0, backlog: 0 }, 'scp.listen'),
  serves: 'openSession; createScp has `services`',
  callingAeTitle: 'openSession; createScp has `accept`',
  calledAeTitle: 'openSession; createScp has `aeTitle`',
  decide: 'listen; createScp has `accept`',
};

export const SCP_OPTIONS = {
  of: 'createScp',
  rules: SCP_RULES,
  required: ['aeTitle', 'services'],
  elsewhere: NOT_OF_CREATE_SCP,
};

const anEntity = anObjectOf(
  {
    ...ENTITY_RULES,
    services: aListOf(aService),
    maximumAssociations: aNumber,
    timeouts: anObjectOf(SESSION_TIMEOUT_RULES),
  },
  ['services'],
);

const entitiesByTitle: OptionRule = (value, path) => {
  if (!isObject(value) || Object.keys(value).length === 0) return 'is not an object with an entity for each AE title';
  for (const [title, entity] of Object.entries(value)) {
    const fault = anAeTitle(title, path);
    if (fault !== undefined) return `has a name that ${fault}`;
    const faultOfEntity = anEntity(entity, { of: path.of, within: `${path.within}${title}.` });
    if (faultOfEntity !== undefined) return `has '${title}', which ${faultOfEntity}`;
  }
  return undefined;
};

/** The options of `createScp` for several AE titles. */
export const ENTITIES_OPTIONS = {
  of: 'createScp',
  rules: { ...SHARED_SCP_RULES, applicationEntities: entitiesByTitle },
  elsewhere: {
    ...NOT_OF_CREATE_SCP,
    aeTitle: 'createScp without `applicationEntities`, whose names are the AE titles',
    services: 'each of `applicationEntities`',
  },
};

/** The address of `scp.listen`. */
export const SCP_ADDRESS = addressOptions('scp.listen', placesOf(SCP_RULES, 'createScp'));

export const OPEN_SESSION_OPTIONS = {
  of: 'openSession',
  rules: {
    ...REQUEST_RULES,
    ...SESSION_RULES,
    ...ALL_TIMEOUTS,
    services: aListOf(aServiceClass),
    serves: aListOf(aService),
    sends: aListOf(aValueOf('object')),
    contexts: aListOf(aValueOf('object')),
  },
  required: ['callingAeTitle', 'calledAeTitle', 'services'],
  elsewhere: {
    aeTitle: 'createScp; openSession has `callingAeTitle` and `calledAeTitle`',
    calls: 'createScp; openSession has `services`',
  },
};

/** The parts of a service class. */
export const SERVICE_CLASS_PARTS = {
  of: 'defineServiceClass',
  rules: {
    name: aValueOf('string'),
    operations: aValueOf('object'),
    sopClasses: aValueOf('object'),
    statuses: aValueOf('object'),
    otherSopClasses: aListOf(aValueOf('string')),
    queries: aValueOf('object'),
  },
  required: ['name', 'operations', 'sopClasses'],
};

export const SERVE_OPTIONS = {
  of: 'serve',
  rules: {
    transferSyntaxes: anything,
    otherSopClasses: callback,
    roles: aValueOf('object'),
    ...DATA_SET_RULES,
    maximumMatches: aNumber,
    supports: callback,
    isMatched: aValueOf('boolean'),
    retrieveAeTitle: anAeTitle,
    relational: aValueOf('boolean'),
    timezoneOffset: aValueOf('string'),
  },
};

/** @throws OptionError for a handler that belongs to none of the operations. */
export function checkHandlers(
  { name, operations, queries }: { readonly name: string; readonly operations: object; readonly queries: object },
  handlers: object,
): void {
  // A query is answered by items that the library matches, or by responses as they are.
  const names = [...Object.keys(operations), ...('find' in queries ? ['rawFind'] : [])];
  for (const [operation, handler] of Object.entries(handlers)) {
    const of = `serve: ${name}`;
    if (!names.includes(operation)) {
      const near = nearestWord(operation, names);
      const advice = near ? `did you mean '${near}'?` : `its operations are ${names.join(', ')}`;
      throw new OptionError('OPTION_UNKNOWN', operation, `${of} has no operation '${operation}'; ${advice}`);
    }
    const fault = handler === undefined ? undefined : callback(handler, { of, within: '' });
    if (fault) throw new OptionError('OPTION_INVALID', operation, `${of}: the handler '${operation}' ${fault}`);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
