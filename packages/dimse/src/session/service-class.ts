// A service class: its name, SOP classes, operations and statuses (PS3.4). The built-in ones are declared with this alone.
//
// All providers are made in one way. `serve(serviceClass, handlers)` gives a Service; `createScp` and `openSession` take
// Services and run a Session that calls the handlers. A provider with state of its own is a class whose `service` property
// is such a Service.
//
// All failures are reported in one way. A handler that throws DimseError answers its status. Any other error is answered
// with Processing Failure (0110H), and the session reports it by the event `handlerError`. A provider that works outside of
// requests reports the errors of that work to its option `onFailure` (workflow/provider.ts).

import type { Association, Roles } from '@x/net';
import { checkOptions, optionsIn } from '@x/pdu/internal';
import type { Keyword } from '../data-set/data-dictionary.ts';
import type { DataSetLimits } from '../data-set/data-set-limits.ts';
import type { DataSetInput, Identifier } from '../data-set/data-set-values.ts';
import type { Fields } from '../message/field.ts';
import type { IsStreamed, Operation, Received, Sent } from '../message/operation.ts';
import type { cFind } from '../message/operations.ts';
import type { StatusTable } from '../message/status.ts';
import {
  ANSWER_OPTIONS,
  type AnswerQueryOptions,
  answerQuery,
  type QueryItems,
  type QueryService,
} from '../query/answer-query.ts';
import type { Query } from '../query/query.ts';
import type { QueryModel } from '../query/query-model.ts';
import type { CallOptions } from './call-options.ts';
import { checkHandlers, SERVE_OPTIONS, SERVICE_CLASS_PARTS } from './option-tables.ts';
import type { MatchOf, QueryRequest } from './query-call.ts';
import type { Answer, PendingAnswer, ResponseStatus, Responses } from './responses.ts';

type AnyOperation = Operation<Fields, Fields, 'one' | 'many'>;
type Operations = Readonly<Record<string, AnyOperation>>;

/** A SOP class of a service: its UID and the operations of the service that it has. */
export interface SopClassDefinition<Name extends string = string> {
  /** UID of the SOP class. */
  readonly uid: string;
  /** Names of operations of the service. */
  readonly operations: readonly Name[];
  /**
   * UIDs of other SOP classes whose requests its presentation context also carries. These requests may use the operations
   * listed here. A meta SOP class lists none; its requests may use the operations of the SOP class that they name.
   */
  readonly includes?: readonly string[];
}

/** A service class, for users and providers. */
export interface ServiceClass<
  O extends Operations = Operations,
  C extends Readonly<Record<string, SopClassDefinition>> = Readonly<Record<string, SopClassDefinition>>,
  Q extends Queries = Queries,
> {
  /** The name in the standard, or your own for a private service class. */
  readonly name: string;
  /** The operations by the names that users and providers call them. */
  readonly operations: O;
  /** The SOP classes by keyword. */
  readonly sopClasses: C;
  /** The statuses that have a specific meaning in this service. */
  readonly statuses: StatusTable;
  /** The operations of SOP classes that are not listed, if users and providers may add some: private ones, for example. */
  readonly otherSopClasses: readonly string[];
  /** The information model of `find`, if providers give it whole items, which `answerQuery` matches and selects from. */
  readonly queries: Q;
}

/** The information models of a service class. */
export interface Queries {
  /** The model of C-FIND. */
  readonly find?: QueryModel;
}

/**
 * Declares a service class: see `ServiceClass` for `name`, `operations` and `sopClasses`, and for `statuses`, `otherSopClasses`
 * and `queries`, which are optional.
 * @throws TypeError if two of its operations have the same Command Field
 */
export function defineServiceClass<
  const O extends Operations,
  const C extends Readonly<Record<string, SopClassDefinition<keyof O & string>>>,
  const Q extends Queries = Record<never, never>,
>(definition: {
  readonly name: string;
  readonly operations: O;
  readonly sopClasses: C;
  readonly statuses?: StatusTable;
  readonly otherSopClasses?: readonly (keyof O & string)[];
  readonly queries?: Q;
}): ServiceClass<O, C, Q> {
  checkOptions<typeof definition>(SERVICE_CLASS_PARTS, definition);
  const commandFields = Object.values(definition.operations).map(({ commandField }) => commandField);
  if (new Set(commandFields).size < commandFields.length)
    throw new TypeError(`${definition.name}: two operations have the same Command Field`);
  return { statuses: {}, otherSopClasses: [], ...definition, queries: definition.queries ?? ({} as Q) };
}

/**
 * The properties of a request: those of its operation, and those that every request has. `sopClass` may be left out if only one
 * SOP class has the operation, and `transferSyntax` if no data are streamed: then it is chosen from the accepted contexts.
 */
export type RequestOf<S extends ServiceClass, K extends keyof S['operations']> = Sent<S['operations'][K]['request']> &
  (HasOneSopClass<S, K> extends true ? { readonly sopClass?: string } : { readonly sopClass: string }) &
  (IsStreamed<S['operations'][K]['request']> extends true
    ? { readonly transferSyntax: string }
    : { readonly transferSyntax?: string });

/** The properties of a received response. */
export type ResponseOf<S extends ServiceClass, K extends keyof S['operations']> = ResponseStatus &
  Received<S['operations'][K]['response']>;

/** The methods with which a user calls a service class: one for each operation. */
export type Client<S extends ServiceClass> = {
  readonly [K in keyof S['operations']]: [typeof cFind, S['operations'][K]] extends [S['operations'][K], typeof cFind]
    ? QueryMethod<S, K>
    : (
        ...args: Record<string, never> extends RequestOf<S, K>
          ? [request?: RequestOf<S, K>, options?: CallOptions]
          : [request: RequestOf<S, K>, options?: CallOptions]
      ) => S['operations'][K]['answers'] extends 'many' ? Responses<ResponseOf<S, K>> : Promise<ResponseOf<S, K>>;
};

/** C-FIND: the responses have the attributes that the identifier requests, and those that the standard adds. */
type QueryMethod<S extends ServiceClass, K extends keyof S['operations']> =
  unknown extends DeclaredOf<S>
    ? CallQuery<S, K, DataSetInput>
    : CallQuery<S, K, DeclaredOf<S>> & CallQuery<S, K, DataSetInput>;

type CallQuery<S extends ServiceClass, K extends keyof S['operations'], Keys> = <
  const Requested extends keyof Keys & Keyword,
>(
  request: QueryRequest<Pick<Keys, Requested>> &
    (HasOneSopClass<S, K> extends true ? unknown : { readonly sopClass: string }),
  options?: CallOptions,
) => Responses<MatchOf<Requested>>;

type DeclaredOf<S extends ServiceClass> = S['queries'] extends { readonly find: QueryModel<infer Declared> }
  ? Declared
  : unknown;

/** The part of a session that handlers may use. */
export interface ServiceSession {
  /** The association under the session. */
  readonly association: Association;
  /**
   * The operations of a service that the peer provides. Responses arrive after the data of the request that is being
   * handled: read these data before you await a response.
   */
  use<S extends ServiceClass>(service: S): Client<S>;
  /** Aborts the association. */
  abort(reason?: Error): void;
}

/** The second argument of a handler: the origin of the request. */
export interface HandlerContext {
  /** Aborts when a C-CANCEL for this request arrives or the association ends. */
  readonly signal: AbortSignal;
  /** The session that received the request. Use it to call services of the peer. */
  readonly session: ServiceSession;
  /** AE title of the association's requestor. */
  readonly callingAeTitle: string;
  /** AE title that the requestor called. */
  readonly calledAeTitle: string;
  /** (0000,0110) Message ID of the request. */
  readonly messageId: number;
  /** The abstract syntax of the presentation context, which may be a meta SOP class that includes the SOP class of the request. */
  readonly abstractSyntax: string;
}

/** The first argument of a handler: the properties of a received request. */
export type HandledRequest<S extends ServiceClass, K extends keyof S['operations']> = OperationRequest<
  S['operations'][K]
>;

type OperationRequest<O extends AnyOperation> = Received<O['request']> & {
  readonly sopClass: string;
  readonly transferSyntax: string;
};

/**
 * The handlers of a provider. Operations without a handler are answered with 0211H, Unrecognized Operation.
 *
 * The handler `find` of a query gives whole items: the library matches them, and only requested attributes leave. `rawFind`
 * instead yields responses, whose identifiers are sent as they are.
 */
export type Handlers<S extends ServiceClass> = {
  readonly [K in keyof S['operations'] | RawHandlers<S>]?: K extends 'rawFind'
    ? Handler<S['operations']['find' & keyof S['operations']]>
    : K extends keyof S['queries']
      ? QueryHandler<S['operations'][K]>
      : Handler<S['operations'][K]>;
};

type RawHandlers<S extends ServiceClass> = S['queries'] extends { readonly find: QueryModel } ? 'rawFind' : never;

/** The handler of an operation. */
export type Handler<O extends AnyOperation> = (
  request: OperationRequest<O>,
  context: HandlerContext,
) => O['answers'] extends 'many'
  ? AsyncGenerator<
      PendingAnswer<O['response']>,
      // biome-ignore lint/suspicious/noConfusingVoidType: a generator that returns nothing answers Success
      Answer<O['response']> | void,
      undefined
    >
  : Answer<O['response']> | Promise<Answer<O['response']>>;

/**
 * The handler of a query: it gives the items that may match, all of them or those that it selects by `query`. Throw a
 * DimseError to answer a failure.
 */
export type QueryHandler<O extends AnyOperation> = (
  request: OperationRequest<O> & { readonly query: Query },
  context: HandlerContext,
) => QueryItems | Promise<QueryItems>;

/**
 * The requests that a provider accepts, and how it answers queries. Limits on data sets take precedence over those of the
 * session.
 */
export interface ServeOptions extends Partial<DataSetLimits>, AnswerQueryOptions {
  /** Transfer syntaxes in order of preference, or any; a list that ends with `any` prefers those before it. Default: any for streamed data, else those of the data set codec. */
  readonly transferSyntaxes?: readonly string[] | 'any';
  /** Whether to accept a SOP class that the service class does not list but allows to be added. Default: none. */
  readonly otherSopClasses?: (uid: string) => boolean;
  /** The roles that the requestor of the association may take. Default: SCU. */
  readonly roles?: Roles;
}

/** A service class with the handlers of a provider; made by `serve`. */
export interface Service extends ServeOptions {
  /** The service class that is served. */
  readonly serviceClass: ServiceClass;
  /** The handlers by the names of their operations. */
  readonly handlers: Readonly<Record<string, AnyHandler | undefined>>;
  /** Whether the library matches the items of `find`. Then it negotiates the options of matching, too. */
  readonly answersQueries?: boolean;
}

/** A handler whose types `serve` has checked. */
export type AnyHandler = (request: never, context: HandlerContext) => unknown;

/**
 * Makes a Service of a service class and handlers, for `createScp` and `openSession`.
 * @throws OptionError for a handler that is not one of the operations; TypeError if both `find` and `rawFind` are given
 */
export function serve<S extends ServiceClass>(
  serviceClass: S,
  handlers: Handlers<S>,
  options: ServeOptions = {},
): Service {
  checkHandlers(serviceClass, handlers);
  checkOptions<ServeOptions>(SERVE_OPTIONS, options);
  const given = handlers as Service['handlers'];
  if (!serviceClass.queries.find) return { ...options, serviceClass, handlers: given };
  const { find, rawFind, ...others } = given;
  if (find && rawFind) throw new TypeError(`${serviceClass.name}: give either find or rawFind, not both`);
  if (!find) return { ...options, serviceClass, handlers: { ...others, find: rawFind } };
  const matched = queryAnswered(serviceClass as QueryService, find as FindItems, options);
  return { ...options, serviceClass, handlers: { ...others, find: matched }, answersQueries: true };
}

type FindRequest = { readonly identifier: Identifier; readonly sopClass: string };
type FindItems = (request: FindRequest & { readonly query: Query }, context: HandlerContext) => QueryItems;

function queryAnswered(service: QueryService, find: FindItems, options: AnswerQueryOptions) {
  const matching = optionsIn(ANSWER_OPTIONS.rules, options);
  return (request: FindRequest, context: HandlerContext) =>
    answerQuery(service, (query) => find({ ...request, query }, context), request, context, matching);
}

type SopClassesWith<S extends ServiceClass, K> = {
  [N in keyof S['sopClasses']]: K extends S['sopClasses'][N]['operations'][number] ? N : never;
}[keyof S['sopClasses']];
type HasOneSopClass<S extends ServiceClass, K> = string extends keyof S['sopClasses']
  ? false
  : IsUnion<SopClassesWith<S, K>> extends true
    ? false
    : true;
type IsUnion<T, All = T> = T extends unknown ? ([All] extends [T] ? false : true) : never;
