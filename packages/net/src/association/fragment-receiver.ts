// The receiving side of an association: fragments as they are pulled (PS3.8 §7.6, §9.3.5).

import { AbortReason, AbortSource, type PDataTf, PduError, type PresentationDataValue } from '@x/pdu';
import type { UpperLayerConnection } from '../upper-layer/connection.ts';

export class FragmentReceiver {
  /** Settles when the PDU that ends the fragments was pulled: A-RELEASE-RQ or A-RELEASE-RP. */
  readonly drained: Promise<void>;
  readonly #connection: UpperLayerConnection;
  readonly #contexts: ReadonlyMap<number, unknown>;
  #drain!: () => void;
  #values: readonly PresentationDataValue[] = [];
  /** How many of them have been pulled. */
  #pulled = 0;
  #hasBegun = false;
  #isInsideMessage = false;

  constructor(connection: UpperLayerConnection, contexts: ReadonlyMap<number, unknown>) {
    this.#connection = connection;
    this.#contexts = contexts;
    this.drained = new Promise((resolve) => {
      this.#drain = resolve;
    });
  }

  /** Whether there are fragments, or other PDUs, that were received and not pulled. */
  get hasUnread(): boolean {
    return this.#pulled < this.#values.length || !this.#connection.waiting.isEmpty;
  }

  /** Whether the last fragment that was pulled was not the last one of its command or data set. */
  get isInsideMessage(): boolean {
    return this.#isInsideMessage;
  }

  /** See `Association.receivedValue`. */
  received(place: number): PresentationDataValue | undefined {
    let left = place - (this.#values.length - this.#pulled);
    if (left < 0) return this.#values[this.#pulled + place];
    for (let index = 0; ; index++) {
      const pdu = this.#connection.waiting.at(index);
      if (pdu?.type !== 'P-DATA-TF') return undefined;
      if (left < pdu.values.length) return pdu.values[left];
      left -= pdu.values.length;
    }
  }

  /** See `Association.takeValue`. */
  take(): PresentationDataValue | undefined {
    this.#hasBegun = true;
    if (this.#pulled === this.#values.length && this.#connection.waiting.at(0)?.type === 'P-DATA-TF')
      this.#take((this.#connection.waiting.take() as PDataTf).values);
    const value = this.#values[this.#pulled];
    if (!value) return undefined;
    this.#pulled++;
    this.#isInsideMessage = !value.last;
    return value;
  }

  /** See `Association.nextValue`. */
  async next(): Promise<PresentationDataValue | undefined> {
    for (;;) {
      const value = this.take();
      if (value) return value;
      const { done, value: pdu } = await this.#connection.next();
      if (done) return undefined;
      if (pdu.type === 'P-DATA-TF') this.#take(pdu.values);
      else if (pdu.type === 'A-RELEASE-RQ' || pdu.type === 'A-RELEASE-RP') {
        this.#drain();
        return undefined;
      }
    }
  }

  /** Pulls and drops all fragments, if none has ever been pulled. Returns whether it does. */
  discardUnlessBegun(): boolean {
    if (this.#hasBegun) return false;
    void this.#discard();
    return true;
  }

  async #discard(): Promise<void> {
    try {
      while (await this.next());
    } catch {
      // The error is the one in `closed`.
    }
  }

  #take(values: readonly PresentationDataValue[]): void {
    const hasUnread = this.#pulled < this.#values.length;
    this.#values = hasUnread ? [...this.#values.slice(this.#pulled), ...values] : values;
    this.#pulled = 0;
    const stray = values.find(({ contextId }) => !this.#contexts.has(contextId));
    if (!stray) return;
    const fault = `a fragment came on presentation context ${stray.contextId}, which was not accepted`;
    this.#connection.abort({
      source: AbortSource.ServiceProvider,
      reason: AbortReason.UnexpectedPduParameter,
      cause: new PduError('unexpected-parameter', fault, ['P-DATA-TF']),
    });
    // The fragments before it are valid; the pull after them throws the error that the association ended with.
    this.#values = this.#values.slice(0, this.#values.indexOf(stray));
  }
}
