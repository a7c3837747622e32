// What a service class is: a name, SOP classes, operations (PS3.4). The built-in ones are made with this and nothing else.

import type { Association, Roles } from '@x/net';
import type { Fields, IsStreamed, Operation, Received, Sent } from '../message/operation.ts';
import type { StatusTable } from '../message/status.ts';
import type { ResponseStatus, Responses } from './responses.ts';

type AnyOperation = Operation<Fields, Fields, 'one' | 'many'>;
type Operations = Readonly<Record<string, AnyOperation>>;

/** A SOP class of a service: its UID, and which of the service's operations it has. */
export interface SopClassDefinition<Name extends string = string> {
  readonly uid: string;
  readonly operations: readonly Name[];
  /**
   * UIDs of other SOP classes whose requests come on its presentation context. A meta SOP class has no operations of its
   * own: those of the other SOP class count then; else its own do.
   */
  readonly includes?: readonly string[];
}

/** A service class, for both roles. */
export interface ServiceClass<
  O extends Operations = Operations,
  C extends Readonly<Record<string, SopClassDefinition>> = Readonly<Record<string, SopClassDefinition>>,
> {
  /** The standard's name for it, or yours. */
  readonly name: string;
  readonly operations: O;
  readonly sopClasses: C;
  /** Statuses with a meaning of their own in this service. */
  readonly statuses: StatusTable;
  /** The operations of SOP classes that are not listed, if users and providers may add such: private ones, later ones. */
  readonly otherSopClasses: readonly string[];
}

/** Declares a service class. @throws TypeError where two of its operations have the same Command Field. */
export function defineServiceClass<
  const O extends Operations,
  const C extends Readonly<Record<string, SopClassDefinition<keyof O & string>>>,
>(definition: {
  readonly name: string;
  readonly operations: O;
  readonly sopClasses: C;
  readonly statuses?: StatusTable;
  readonly otherSopClasses?: readonly (keyof O & string)[];
}): ServiceClass<O, C> {
  const commandFields = Object.values(definition.operations).map(({ commandField }) => commandField);
  if (new Set(commandFields).size < commandFields.length)
    throw new TypeError(`${definition.name}: two operations have the same Command Field`);
  return { statuses: {}, otherSopClasses: [], ...definition };
}

/** What every request says beside its operation's own properties. */
export type RequestOf<S extends ServiceClass, K extends keyof S['operations']> = Sent<S['operations'][K]['request']> &
  (HasOneSopClass<S, K> extends true ? { readonly sopClass?: string } : { readonly sopClass: string }) &
  (IsStreamed<S['operations'][K]['request']> extends true
    ? { readonly transferSyntax: string }
    : { readonly transferSyntax?: string });

/** A received response. */
export type ResponseOf<S extends ServiceClass, K extends keyof S['operations']> = ResponseStatus &
  Received<S['operations'][K]['response']>;

/** How long a call may take. */
export interface CallOptions {
  /** Gives the call up: with C-CANCEL where the operation knows it. */
  readonly signal?: AbortSignal;
  /** Milliseconds without any response before the association is aborted. Default the session's. */
  readonly responseTimeout?: number;
  /** Milliseconds until a retrieve that has not ended is cancelled. Default the session's `retrieveTotal`. */
  readonly retrieveTotalTimeout?: number;
}

/** A service class as its user calls it: one method for each operation. */
export type Client<S extends ServiceClass> = {
  readonly [K in keyof S['operations']]: (
    ...args: Record<string, never> extends RequestOf<S, K>
      ? [request?: RequestOf<S, K>, options?: CallOptions]
      : [request: RequestOf<S, K>, options?: CallOptions]
  ) => S['operations'][K]['answers'] extends 'many' ? Responses<ResponseOf<S, K>> : Promise<ResponseOf<S, K>>;
};

/** A session as handlers see it. */
export interface ServiceSession {
  readonly association: Association;
  /**
   * The operations of a service of the peer's. Their answers come behind the data of the request that is being handled:
   * these are to be read first.
   */
  use<S extends ServiceClass>(service: S): Client<S>;
  /** Ends the association at once. */
  abort(reason?: Error): void;
}

/** What a handler knows beside the request. */
export interface HandlerContext {
  /** Aborts on C-CANCEL, and when the association ends. */
  readonly signal: AbortSignal;
  /** The session the request came on: to call services of the peer's. */
  readonly session: ServiceSession;
  readonly callingAeTitle: string;
  readonly calledAeTitle: string;
  readonly messageId: number;
  /** The SOP class of the presentation context it came on: a meta SOP class, where that carries the request's own. */
  readonly abstractSyntax: string;
}

/** A request as its handler gets it. */
export type HandledRequest<S extends ServiceClass, K extends keyof S['operations']> = Received<
  S['operations'][K]['request']
> & { readonly sopClass: string; readonly transferSyntax: string };

/** What a handler answers with: a status, or a status and the response's properties. */
export type Answer<F extends Fields> = number | (ResponseStatus & Sent<F>);

/** A pending response: its status is Pending (FF00H) unless it says otherwise. */
export type PendingAnswer<F extends Fields> = Partial<ResponseStatus> & Sent<F>;

/** What a provider does for each operation. What it leaves out is answered 0211H, unrecognized operation. */
export type Handlers<S extends ServiceClass> = {
  readonly [K in keyof S['operations']]?: (
    request: HandledRequest<S, K>,
    context: HandlerContext,
  ) => S['operations'][K]['answers'] extends 'many'
    ? AsyncGenerator<
        PendingAnswer<S['operations'][K]['response']>,
        // biome-ignore lint/suspicious/noConfusingVoidType: a generator that returns nothing has returned Success
        Answer<S['operations'][K]['response']> | void,
        undefined
      >
    : Answer<S['operations'][K]['response']> | Promise<Answer<S['operations'][K]['response']>>;
};

/** What of a service is accepted. */
export interface ServeOptions {
  /** Transfer syntaxes in our order, or any. Default: any for streamed data, else those the data set codec knows. */
  readonly transferSyntaxes?: readonly string[] | 'any';
  /** Which SOP classes beyond the listed ones to accept, where the service class allows it. Default none. */
  readonly otherSopClasses?: (uid: string) => boolean;
  /** The roles the association's requestor may take. Default SCU. */
  readonly roles?: Roles;
  /** Longest data set of a request that is collected whole, in bytes. Default the session's. */
  readonly maximumDataSetLength?: number;
}

/** A service class with its handlers: what a provider offers. */
export interface Service extends ServeOptions {
  readonly serviceClass: ServiceClass;
  readonly handlers: Readonly<Record<string, AnyHandler | undefined>>;
}

/** A handler whose types have been checked by `serve`. */
export type AnyHandler = (request: never, context: HandlerContext) => unknown;

/** Joins a service class and its handlers. */
export function serve<S extends ServiceClass>(
  serviceClass: S,
  handlers: Handlers<S>,
  options: ServeOptions = {},
): Service {
  return { ...options, serviceClass, handlers: handlers as Service['handlers'] };
}

/** The operations a service has for a SOP class, and the SOP classes that come on its context; undefined if not its own. */
export function sopClassOf(
  service: Pick<Service, 'serviceClass' | 'otherSopClasses'>,
  uid: string,
): SopClassDefinition | undefined {
  const { sopClasses, otherSopClasses } = service.serviceClass;
  const listed = sopClassIndex(sopClasses).get(uid);
  if (listed) return listed;
  return otherSopClasses.length > 0 && service.otherSopClasses?.(uid)
    ? { uid, operations: otherSopClasses }
    : undefined;
}

/** The service that has a SOP class: one that lists it before one that takes others, too. */
export function serviceOf(services: readonly Service[], uid: string): Service | undefined {
  return (
    services.find(({ serviceClass }) => sopClassOf({ serviceClass }, uid)) ??
    services.find((service) => sopClassOf(service, uid))
  );
}

/** Whether a service class's requests stream their data. */
export function isStreamed(serviceClass: ServiceClass): boolean {
  return Object.values(serviceClass.operations).some(({ request }) =>
    Object.values(request).some(({ carriedBy }) => carriedBy === 'stream'),
  );
}

const indexes = new WeakMap<object, ReadonlyMap<string, SopClassDefinition>>();

function sopClassIndex(sopClasses: Readonly<Record<string, SopClassDefinition>>) {
  let index = indexes.get(sopClasses);
  if (!index) {
    index = new Map(Object.values(sopClasses).map((definition) => [definition.uid, definition]));
    indexes.set(sopClasses, index);
  }
  return index;
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
