// The presentation contexts that an SCP supports, prepared from its services for all associations (PS3.8 §7.1.1.13, PS3.7 §D.3.3.4).

import type { SupportedContext } from '@x/net';
import type { DataSetCodec } from '../data-set/dataset.ts';
import type { Service, ServiceClass } from './service-class.ts';
import { isStreamed, sopClassOf } from './service-lookup.ts';

/**
 * Returns the function that gives the transfer syntaxes and roles which are accepted for a SOP class; undefined if it is not
 * supported.
 * @param calls the service classes that handlers call on accepted associations
 */
export function supportedContexts(
  services: readonly Service[],
  calls: readonly ServiceClass[],
  codec: DataSetCodec,
): (uid: string) => SupportedContext | undefined {
  const listing = new Map<string, Service>();
  for (const service of services)
    for (const { uid } of Object.values(service.serviceClass.sopClasses))
      if (!listing.has(uid)) listing.set(uid, service);
  // A SOP class that a service takes beside those of the standard can be called as well.
  const called = calls.map((serviceClass) => {
    const { otherSopClasses } = services.find((service) => service.serviceClass === serviceClass) ?? {};
    return { serviceClass, ...(otherSopClasses && { otherSopClasses }) };
  });
  const answers = new Map(
    [undefined, ...services].map((service) => [
      service,
      { alone: answerOf(service, false, codec), called: answerOf(service, true, codec) },
    ]),
  );
  return (uid) => {
    const service = listing.get(uid) ?? services.find((each) => sopClassOf(each, uid));
    const answer = answers.get(service);
    if (called.some((each) => sopClassOf(each, uid))) return answer?.called;
    return service && answer?.alone;
  };
}

function answerOf(service: Service | undefined, isCalled: boolean, codec: DataSetCodec): SupportedContext {
  const roles = service?.roles ?? { scu: service !== undefined, scp: false };
  const isAny = !service || isStreamed(service.serviceClass);
  return {
    transferSyntaxes: service?.transferSyntaxes ?? (isAny ? 'any' : codec.transferSyntaxes),
    roles: { scu: roles.scu, scp: roles.scp || isCalled },
  };
}
