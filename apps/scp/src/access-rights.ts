// The rights of calling AE titles on an area: requests beyond them are refused with the status of the standard.

import { DimseError, type HandlerContext, type Service, Status } from '@x/dimse';

/** The calling AE titles that have each right; all of them if it is absent. */
export interface AccessRights {
  /** To query and to retrieve: C-FIND, C-GET, N-GET. */
  readonly read?: readonly string[];
  /** To store and to change: C-STORE, N-CREATE, N-SET, N-ACTION, N-DELETE. */
  readonly write?: readonly string[];
  /** To send to other peers: C-MOVE. */
  readonly move?: readonly string[];
}

type Right = keyof AccessRights;
type AnyHandler = NonNullable<Service['handlers'][string]>;

/** Whether a calling AE title has one right at least. Associations of others are rejected. */
export function hasAnyRight({ read, write, move }: AccessRights, callingAeTitle: string): boolean {
  return [read, write, move].some((titles) => !titles || titles.includes(callingAeTitle));
}

/** The service, which performs only requests that the calling AE title has the right to. */
export function withRights(service: Service, rights: AccessRights): Service {
  const handlers = Object.entries(service.handlers).map(([name, handler]): [string, AnyHandler | undefined] => {
    const right = RIGHT_OF_OPERATION.get(name) ?? 'write';
    const titles = rights[right];
    // Everybody may find out whether the area answers.
    if (!handler || !titles || name === 'echo') return [name, handler];
    return [name, permitted(name, right, titles, handler)];
  });
  return { ...service, handlers: Object.fromEntries(handlers) };
}

function permitted(operation: string, right: Right, titles: readonly string[], handler: AnyHandler): AnyHandler {
  return (request: never, context: HandlerContext) => {
    const { callingAeTitle, calledAeTitle } = context;
    if (titles.includes(callingAeTitle)) return handler(request, context);
    // PS3.7 has 0124H for all operations but C-FIND (§9.1.2.1.5), which has Unable to Process for this.
    throw new DimseError(operation === 'find' ? Status.UnableToProcess : Status.NotAuthorized, {
      errorComment: `${callingAeTitle} may not ${right} in ${calledAeTitle}`,
    });
  };
}

const RIGHT_OF_OPERATION: ReadonlyMap<string, Right> = new Map([
  ['find', 'read'],
  ['get', 'read'],
  ['move', 'move'],
]);
