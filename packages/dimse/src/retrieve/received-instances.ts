// Hands instances from C-STORE handlers to a loop, one at a time; the loop decides their status (PS3.7 §9.1.1).

import { Condition, onAbort } from '@x/net/internal';
import type { IncomingData } from '../message/operation.ts';
import { Status } from '../message/status.ts';
import { storage } from '../services/storage.ts';
import { type HandledRequest, type Service, serve } from '../session/service-class.ts';

/** An instance as it arrives. Data that the loop does not read are dropped when it continues. */
export interface ReceivedInstance {
  /** SOP Class UID. */
  readonly sopClass: string;
  /** SOP Instance UID. */
  readonly sopInstance: string;
  /** UID of the transfer syntax in which it was sent. */
  readonly transferSyntax: string;
  /** The data set, which can be read once. The peer is held back while it is not read. */
  readonly data: IncomingData;
  /**
   * The status of the response, which is sent when the loop requests the next instance. Default: Success. Processing failure
   * if the association was lost before; then the data may end with an error, too.
   */
  status: number;
}

/** A C-STORE request that is, or claims to be, a sub-operation of a retrieval. */
export type StoreRequest = HandledRequest<typeof storage, 'store'>;

interface Offer {
  readonly instance: ReceivedInstance;
  readonly answer: (status: number) => void;
}

export class ReceivedInstances {
  readonly #offers: Offer[] = [];
  #end: { readonly error?: unknown } | undefined;
  #isClosed = false;
  /** An instance was offered, or the retrieval has ended. */
  readonly #changed = new Condition();

  /** A storage service that answers with the status from `statusFor`, or hands the instance to the loop if that is undefined. */
  service(statusFor: (request: StoreRequest) => number | undefined): Service {
    return serve(
      storage,
      { store: (request, { signal }) => statusFor(request) ?? this.#offer(request, signal) },
      { otherSopClasses: () => true },
    );
  }

  /** Lets another loop begin after one that has ended. */
  restart(): void {
    this.#end = undefined;
    this.#isClosed = false;
  }

  /** Ends the loop after the instances that are offered, with an error if there is one. */
  end(outcome: { readonly error?: unknown }): void {
    this.#end ??= outcome;
    this.#changed.notify();
  }

  /** The instances, one at a time. @throws the error given to `end`. */
  async *[Symbol.asyncIterator](): AsyncGenerator<ReceivedInstance, void, undefined> {
    try {
      for (;;) {
        const offer = this.#offers.shift();
        if (offer) {
          let status: number = Status.ProcessingFailure;
          try {
            yield offer.instance;
            status = offer.instance.status;
          } finally {
            offer.answer(status);
          }
        } else if (this.#end) {
          if ('error' in this.#end) throw this.#end.error;
          return;
        } else await this.#changed.wait();
      }
    } finally {
      this.#isClosed = true;
      for (const { answer } of this.#offers.splice(0)) answer(Status.ProcessingFailure);
    }
  }

  async #offer(request: StoreRequest, signal: AbortSignal): Promise<number> {
    if (this.#isClosed) return Status.ProcessingFailure;
    const instance = new OfferedInstance(request, signal);
    return new Promise((answer) => {
      const offer = { instance, answer };
      this.#offers.push(offer);
      // The association has ended: the response cannot be sent, and an instance that waits is withdrawn.
      onAbort(signal, () => {
        const at = this.#offers.indexOf(offer);
        if (at >= 0) this.#offers.splice(at, 1);
        answer(Status.ProcessingFailure);
      });
      this.#changed.notify();
    });
  }
}

class OfferedInstance implements ReceivedInstance {
  readonly sopClass: string;
  readonly sopInstance: string;
  readonly transferSyntax: string;
  readonly data: IncomingData;
  readonly #signal: AbortSignal;
  #status: number = Status.Success;

  constructor({ sopClass, sopInstance, transferSyntax, data }: StoreRequest, signal: AbortSignal) {
    this.sopClass = sopClass;
    this.sopInstance = sopInstance;
    this.transferSyntax = transferSyntax;
    this.data = data;
    this.#signal = signal;
  }

  get status(): number {
    return this.#signal.aborted ? Status.ProcessingFailure : this.#status;
  }

  set status(status: number) {
    this.#status = status;
  }
}
