// Limits of associations: in total, by calling AE title, and by address.

import { PresentationRejectReason, RejectResult, RejectSource } from '@x/pdu';
import { DEFAULT_MAXIMUM_ASSOCIATIONS } from '../limits.ts';
import { hostOf } from '../transport/host.ts';

/** How many associations a listener may have at once. */
export interface AssociationLimitOptions {
  /** In all; further ones are rejected as a transient local limit (PS3.8 §9.3.4: 2, 3, 2). Default 256. */
  readonly maximumAssociations?: number;
  /**
   * Associations at once of one calling AE title: a number, or a function of the title. Default no limit of its own.
   */
  readonly maximumAssociationsPerCallingAe?: number | ((callingAeTitle: string) => number);
  /**
   * Associations at once from one host, requests that wait for a decision included. A host is an IPv4 address, or an IPv6
   * network of 64 bits. Behind a load balancer with the PROXY protocol, it is the peer's, not the balancer's. Default no
   * limit of its own.
   */
  readonly maximumAssociationsPerAddress?: number;
}

/** The peer of an association. */
export interface Associated {
  readonly callingAeTitle: string;
  /** Absent if the transport has no address: then the limit by address does not apply. */
  readonly address?: string;
}

export class AssociationLimits {
  readonly #options: AssociationLimitOptions;
  readonly #byCallingAe = new Map<string, number>();
  readonly #byHost = new Map<string, number>();
  #count = 0;

  constructor(options: AssociationLimitOptions) {
    this.#options = options;
  }

  /** Places taken. */
  get count(): number {
    return this.#count;
  }

  /** Takes a place and returns a function that gives it back; undefined if a limit is reached. */
  enter({ callingAeTitle, address }: Associated): (() => void) | undefined {
    const { maximumAssociations = DEFAULT_MAXIMUM_ASSOCIATIONS, maximumAssociationsPerCallingAe: ofAe } = this.#options;
    const { maximumAssociationsPerAddress: ofAddress = Number.POSITIVE_INFINITY } = this.#options;
    const host = address === undefined ? undefined : hostOf(address);
    const limitOfAe = typeof ofAe === 'function' ? ofAe(callingAeTitle) : (ofAe ?? Number.POSITIVE_INFINITY);
    if (
      this.#count >= maximumAssociations ||
      (this.#byCallingAe.get(callingAeTitle) ?? 0) >= limitOfAe ||
      (host !== undefined && (this.#byHost.get(host) ?? 0) >= ofAddress)
    )
      return undefined;
    this.#add(callingAeTitle, host, 1);
    let hasLeft = false;
    return () => {
      if (!hasLeft) this.#add(callingAeTitle, host, -1);
      hasLeft = true;
    };
  }

  #add(callingAeTitle: string, host: string | undefined, change: 1 | -1): void {
    this.#count += change;
    addTo(this.#byCallingAe, callingAeTitle, change);
    if (host !== undefined) addTo(this.#byHost, host, change);
  }
}

/** The codes of A-ASSOCIATE-RJ if a limit is reached. */
export const LOCAL_LIMIT_EXCEEDED = {
  result: RejectResult.Transient,
  source: RejectSource.ServiceProviderPresentation,
  reason: PresentationRejectReason.LocalLimitExceeded,
} as const;

function addTo(counts: Map<string, number>, key: string, change: number): void {
  const count = (counts.get(key) ?? 0) + change;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
