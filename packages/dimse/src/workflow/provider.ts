// How the providers and users of workflows and printing are made, and how they report failures.
//
// A provider is a class `…Provider`. Its constructor takes one options object: the functions that decide (`holds`, `print`),
// the `store` that keeps its state (default: one in memory), the `delivery` for events on associations that the provider
// requests, and callbacks named `on…`. A provider hands out its `service` for `createScp`. A failure of a request is its
// response; every other failure goes to `onFailure`, as a `ProviderFailure`. `close()`, or `await using`, ends what the
// provider does between requests; the store and the delivery stay open, because they may have other users. Close the SCP
// first.
//
// A user is a class `…User`, also made with one options object. It hands out its `service` for the events that the peer
// reports: for `serves` of `openSession`, and for the `services` of an SCP if the peer reports on associations of its own.
// Every method takes the session first, so that one user can work on several sessions, one after another or at once.

import type { Service, ServiceSession } from '../session/service-class.ts';

/** The members that every provider has. */
export interface Provider extends AsyncDisposable {
  /** For `createScp`. */
  readonly service: Service;
  /** Ends what the provider does between requests. Settles when that has ended. Close the SCP first. */
  close(): Promise<void>;
}

/** A failure that no response reports: it happened between requests, or does not change the outcome of its request. */
export interface ProviderFailure {
  /** The cause, as it was thrown. */
  readonly error: unknown;
  /** AE title of the peer that was to receive an event report, if the failure is about one. */
  readonly peer?: string;
  /** SOP Instance UID of the procedure step, work item or print job. */
  readonly sopInstance?: string;
  /** Transaction UID of a request for storage commitment. */
  readonly transactionUid?: string;
  /** The session of the request that led to the failure, if it is known. Its association may have ended. */
  readonly session?: ServiceSession;
}

/** Receives failures. Anything it throws is ignored. */
export type OnFailure<Failure = ProviderFailure> = (failure: Failure) => void;

/** Reports a failure. */
export function reportFailure<Failure>(onFailure: OnFailure<Failure> | undefined, failure: Failure): void {
  try {
    onFailure?.(failure);
  } catch {
    // A callback that fails must not stop a provider.
  }
}
