// What two application entities say to each other, rung by rung: PDUs and messages as an operator sees them.

import { summarizeMessage } from '@x/cli/conversation';
import { decodeCommandSet } from '@x/dimse';
import { type Pdu, type PresentationDataValue, summarizePdu } from '@x/net';

/** One arrow between the requestor, on the left, and the acceptor. */
export interface Rung {
  /** Counts up within an association. */
  readonly number: number;
  /** Milliseconds of the clock. */
  readonly at: number;
  readonly from: 'requestor' | 'acceptor';
  readonly kind: 'pdu' | 'message' | 'data';
  readonly words: string;
  /** Of data: in how many PDVs, and how many bytes, so far. */
  readonly parts?: number;
  readonly bytes?: number;
}

/** The last rungs of an association. */
export class Ladder {
  readonly #rungs: Rung[] = [];
  /** The parts of a command that have come, by direction and context. */
  readonly #commands = new Map<string, Uint8Array[]>();
  #number = 0;

  get rungs(): readonly Rung[] {
    return this.#rungs;
  }

  /** Rungs after a number, the last one again: data may have been added to it. */
  since(number: number): readonly Rung[] {
    return this.#rungs.filter((rung) => rung.number >= number);
  }

  get last(): number {
    return this.#number;
  }

  add(from: Rung['from'], pdu: Pdu): void {
    if (pdu.type === 'P-DATA-TF') for (const value of pdu.values) this.#addValue(from, value);
    else this.#push({ from, kind: 'pdu', words: summarizePdu(pdu) });
  }

  #addValue(from: Rung['from'], { contextId, kind, last, fragments }: PresentationDataValue): void {
    if (kind === 'data') {
      this.#addData(
        from,
        fragments.reduce((sum, { length }) => sum + length, 0),
      );
      return;
    }
    const key = `${from} ${contextId}`;
    // Fragments are valid while they are shown only.
    const parts = [...(this.#commands.get(key) ?? []), ...fragments.map((fragment) => fragment.slice())];
    if (!last) {
      this.#commands.set(key, parts.slice(0, MOST_PARTS));
      return;
    }
    this.#commands.delete(key);
    this.#push({ from, kind: 'message', words: messageText(Buffer.concat(parts)) });
  }

  #addData(from: Rung['from'], length: number): void {
    const before = this.#rungs.at(-1);
    if (before?.kind !== 'data' || before.from !== from) {
      this.#push({ from, kind: 'data', words: 'data set', parts: 1, bytes: length });
      return;
    }
    const { parts = 0, bytes = 0 } = before;
    this.#rungs[this.#rungs.length - 1] = { ...before, parts: parts + 1, bytes: bytes + length };
  }

  #push(rung: Omit<Rung, 'number' | 'at'>): void {
    this.#rungs.push({ ...rung, number: ++this.#number, at: Date.now() });
    if (this.#rungs.length > MOST_RUNGS) this.#rungs.shift();
  }
}

const MOST_RUNGS = 400;
const MOST_PARTS = 16;

function messageText(bytes: Uint8Array): string {
  try {
    return summarizeMessage(decodeCommandSet(bytes));
  } catch (error) {
    return `a command set that cannot be read: ${(error as Error).message}`;
  }
}
