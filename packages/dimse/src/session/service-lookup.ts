// Finds the service for a SOP class, and the definition of a SOP class in its service.

import type { Service, ServiceClass, SopClassDefinition } from './service-class.ts';

/** The definition of a SOP class in a service; undefined if the service does not have it. */
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

/** The service for a SOP class: the first that lists it, else the first that accepts it by `otherSopClasses`. */
export function serviceOf(services: readonly Service[], uid: string): Service | undefined {
  return (
    services.find(({ serviceClass }) => sopClassOf({ serviceClass }, uid)) ??
    services.find((service) => sopClassOf(service, uid))
  );
}

/** Whether the requests of a service class stream their data. */
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
