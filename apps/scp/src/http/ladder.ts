// The messages of an association as a ladder, recorded from its start in little memory: negotiation and command sets as
// bytes, data sets as lengths. It is formatted, as words or as a capture, only when it is requested.

import { summarizeMessage } from '@x/cli/conversation';
import { category, decodeCommandSet } from '@x/dimse';
import { encodePdu, type Pdu, type PresentationDataValue, summarizePdu } from '@x/net';
import { maskedPdu, type SaidBytes } from '@x/net/capture';

/** One arrow between the requestor, on the left, and the acceptor, as a page shows it. */
export interface Rung {
  /** Counts up within an association; a gap means that rungs were not kept. */
  readonly number: number;
  /** Milliseconds of the clock. */
  readonly at: number;
  readonly from: 'requestor' | 'acceptor';
  readonly kind: 'pdu' | 'message' | 'data';
  readonly words: string;
  /** Whether it is a failure: a status, a rejection, an abort. */
  readonly isBad?: boolean;
  /** Of a data set: the number of PDVs and bytes so far. */
  readonly parts?: number;
  readonly bytes?: number;
}

interface Kept {
  readonly number: number;
  readonly at: number;
  readonly byRequestor: boolean;
  /** The count of changes at its last change. */
  changed: number;
  /** A PDU without a message: its description, and its bytes if it is not too long. */
  readonly pdu?: { readonly words: string; readonly isBad: boolean };
  readonly contextId: number;
  /** The bytes of a PDU or a command set; undefined if it is too long to be kept. */
  readonly bytes?: Uint8Array | undefined;
  /** Of a data set. */
  parts: number;
  length: number;
  isComplete: boolean;
}

/** The maximum number of rungs kept of an association, beside its negotiation: the latest. */
export const MOST_RUNGS = 400;
/** The maximum bytes of command sets and PDUs kept of an association, beside its negotiation. */
export const MOST_BYTES = 64 * 1024;
const LONGEST_COMMAND = 4096;
const LONGEST_NEGOTIATION = 64 * 1024;
/** The maximum number of zeros that stand for a data set in a capture, because its bytes are not kept. */
const LONGEST_DATA_SHOWN = 16 * 1024;

/**
 * Keeps at most `MOST_RUNGS` rungs, `MOST_BYTES` and two PDUs of negotiation, whatever peers send. Adding a message formats
 * nothing; only the few PDUs around the messages are formatted.
 */
export class Ladder {
  readonly #opening: Kept[] = [];
  readonly #latest: Kept[] = [];
  /** The parts of a command received so far, by side. */
  readonly #commands = new Map<boolean, { readonly contextId: number; parts: Uint8Array[]; length: number }>();
  #bytes = 0;
  #number = 0;
  #changes = 0;

  /** The number of changes so far. */
  get changes(): number {
    return this.#changes;
  }

  /** The rungs that have changed since that number of changes. */
  rungs(since = 0): readonly Rung[] {
    if (since === this.#changes) return [];
    return [...this.#opening, ...this.#latest].filter(({ changed }) => changed > since).map(rungOf);
  }

  /** The recorded bytes of the association; data sets are zeros, up to a maximum length. */
  *said(): Generator<SaidBytes> {
    for (const kept of [...this.#opening, ...this.#latest]) {
      const { at: time, byRequestor, bytes } = kept;
      const pdu = kept.pdu ? bytes : pdvBytes(kept);
      const comment = kept.parts > 0 ? `a data set of ${kept.length} bytes in ${kept.parts} parts` : undefined;
      if (pdu) yield { time, byRequestor, bytes: pdu, ...(comment && { comment }) };
    }
  }

  add(byRequestor: boolean, pdu: Pdu): void {
    if (pdu.type === 'P-DATA-TF') {
      for (const value of pdu.values)
        if (value.kind === 'data') this.#addData(byRequestor, value);
        else this.#addCommand(byRequestor, value);
      return;
    }
    const isOpening = pdu.type === 'A-ASSOCIATE-RQ' || pdu.type === 'A-ASSOCIATE-AC';
    const encoded = joined(encodePdu(maskedPdu(pdu)));
    const bytes = encoded.length <= (isOpening ? LONGEST_NEGOTIATION : LONGEST_COMMAND) ? encoded : undefined;
    const isBad = pdu.type === 'A-ASSOCIATE-RJ' || pdu.type === 'A-ABORT';
    const kept = this.#next(byRequestor, { pdu: { words: summarizePdu(pdu), isBad }, bytes });
    if (isOpening && this.#opening.length < 2) this.#opening.push(kept);
    else this.#keep(kept);
  }

  #addCommand(byRequestor: boolean, { contextId, last, fragments }: PresentationDataValue): void {
    let command = this.#commands.get(byRequestor);
    if (command?.contextId !== contextId) {
      command = { contextId, parts: [], length: 0 };
      this.#commands.set(byRequestor, command);
    }
    for (const fragment of fragments) {
      command.length += fragment.length;
      // Fragments are only valid during the event.
      if (command.length <= LONGEST_COMMAND) command.parts.push(new Uint8Array(fragment));
    }
    if (!last) return;
    this.#commands.delete(byRequestor);
    const bytes = command.length <= LONGEST_COMMAND ? joined(command.parts) : undefined;
    this.#keep(this.#next(byRequestor, { contextId, bytes, length: command.length }));
  }

  #addData(byRequestor: boolean, { contextId, last, fragments }: PresentationDataValue): void {
    let kept = this.#latest.at(-1);
    if (!kept || kept.parts === 0 || kept.byRequestor !== byRequestor || kept.isComplete) {
      kept = this.#next(byRequestor, { contextId });
      this.#keep(kept);
    }
    kept.changed = ++this.#changes;
    kept.parts++;
    kept.isComplete = last;
    for (const { length } of fragments) kept.length += length;
  }

  #next(byRequestor: boolean, values: Partial<Kept>): Kept {
    const [number, changed] = [++this.#number, ++this.#changes];
    const nothing = { contextId: 0, parts: 0, length: 0, isComplete: false };
    return { number, at: Date.now(), byRequestor, changed, ...nothing, ...values };
  }

  #keep(kept: Kept): void {
    this.#latest.push(kept);
    this.#bytes += kept.bytes?.length ?? 0;
    while (this.#latest.length > MOST_RUNGS || this.#bytes > MOST_BYTES)
      this.#bytes -= this.#latest.shift()?.bytes?.length ?? 0;
  }
}

/** Copies the bytes: a view would keep the whole buffer in memory. */
function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function rungOf({ number, at, byRequestor, pdu, bytes, parts, length }: Kept): Rung {
  const rung = { number, at, from: byRequestor ? ('requestor' as const) : ('acceptor' as const) };
  if (pdu) return { ...rung, kind: 'pdu', words: pdu.words, ...(pdu.isBad && { isBad: true }) };
  if (parts > 0) return { ...rung, kind: 'data', words: 'data set', parts, bytes: length };
  if (!bytes) return { ...rung, kind: 'message', words: `a command set of ${length} bytes` };
  try {
    const command = decodeCommandSet(bytes);
    const isBad = command.status !== undefined && category(command.status) === 'failure';
    return { ...rung, kind: 'message', words: summarizeMessage(command), ...(isBad && { isBad }) };
  } catch (error) {
    return { ...rung, kind: 'message', words: `a command set that cannot be read: ${(error as Error).message}` };
  }
}

function pdvBytes({ contextId, bytes, parts, length, isComplete }: Kept): Uint8Array | undefined {
  const isData = parts > 0;
  if (!isData && !bytes) return undefined;
  const fragment = isData ? new Uint8Array(Math.min(length, LONGEST_DATA_SHOWN)) : (bytes as Uint8Array);
  const value = { contextId, kind: isData ? 'data' : 'command', last: !isData || isComplete, fragments: [fragment] };
  return joined(encodePdu({ type: 'P-DATA-TF', values: [value as PresentationDataValue] }));
}
