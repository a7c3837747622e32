// Instances handed from the handlers of C-STORE to a loop, one at a time, which decides their status (PS3.7 §9.1.1).

import { Condition, onAbort } from '@x/net/internal';
import type { IncomingData } from '../message/operation.ts';
import { Status } from '../message/status.ts';
import { storage } from '../services/storage.ts';
import { type HandledRequest, type Service, serve } from '../session/service-class.ts';

/** An instance as it arrives. What of its data is not read is dropped when the loop goes on. */
export interface ReceivedInstance {
  readonly sopClass: string;
  readonly sopInstance: string;
  readonly transferSyntax: string;
  /** Read once; while it is not read, the peer is held back. */
  readonly data: IncomingData;
  /** What the peer is answered when the loop asks for the next instance. Success unless it is set. */
  status: number;
}

/** A C-STORE request that is a sub-operation of a retrieval, or says so. */
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

  /** A storage service that hands over what this gives no status for. */
  service(statusFor: (request: StoreRequest) => number | undefined): Service {
    return serve(
      storage,
      { store: (request, { signal }) => statusFor(request) ?? this.#offer(request, signal) },
      { otherSopClasses: () => true },
    );
  }

  /** There will be no more, for a reason if it is an error. */
  end(outcome: { readonly error?: unknown }): void {
    this.#end ??= outcome;
    this.#changed.notify();
  }

  /** The instances, one at a time. @throws the error it was ended with. */
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

  async #offer({ sopClass, sopInstance, transferSyntax, data }: StoreRequest, signal: AbortSignal): Promise<number> {
    if (this.#isClosed) return Status.ProcessingFailure;
    const instance = { sopClass, sopInstance, transferSyntax, data, status: Status.Success as number };
    return new Promise((answer) => {
      const offer = { instance, answer };
      this.#offers.push(offer);
      // Its association has ended: nobody waits for an answer, and what waits in line is withdrawn.
      onAbort(signal, () => {
        const at = this.#offers.indexOf(offer);
        if (at >= 0) this.#offers.splice(at, 1);
        answer(Status.ProcessingFailure);
      });
      this.#changed.notify();
    });
  }
}
