// Writes zeros over the credentials in the bytes of one direction of a conversation (PS3.7 §D.3.3.7), as the bytes arrive.

type Step = { readonly do: 'read' | 'pass' | 'zero'; readonly length: number };
type Walk = Generator<Step, void, Uint8Array>;

/**
 * Masks a stream of PDUs. User names and all other bytes stay, as in `maskedPdu`: a capture shows exactly
 * what was sent. If an item is not known, the rest of its PDU becomes zeros.
 */
export class CredentialMask {
  readonly #walk: Walk = walk();
  #step = this.#walk.next().value as Step;
  #left = this.#step.length;
  #read: number[] = [];

  /** Masks the next bytes in place. */
  mask(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const length = Math.min(this.#left, bytes.length - at);
      if (this.#step.do === 'zero') bytes.fill(0, at, at + length);
      else if (this.#step.do === 'read') this.#read.push(...bytes.subarray(at, at + length));
      at += length;
      this.#left -= length;
      while (this.#left === 0) this.#next();
    }
  }

  #next(): void {
    // The walk never ends.
    this.#step = this.#walk.next(Uint8Array.from(this.#read)).value as Step;
    this.#left = this.#step.length;
    this.#read = [];
  }
}

const read = (length: number): Step => ({ do: 'read', length });
const pass = (length: number): Step => ({ do: 'pass', length });
const zero = (length: number): Step => ({ do: 'zero', length });

const HEADER_LENGTH = 6;
/** From the header of an A-ASSOCIATE PDU to its variable items (PS3.8 Table 9-11). */
const FIXED_LENGTH = 68;
const ITEM_HEADER_LENGTH = 4;

function* walk(): Walk {
  for (;;) {
    const header = yield read(HEADER_LENGTH);
    const length = ((header[2] as number) * 0x1000000 + number16(header, 3) * 0x100 + (header[5] as number)) >>> 0;
    const isAssociation = header[0] === 0x01 || header[0] === 0x02;
    if (isAssociation) yield* items(length);
    else yield pass(length);
  }
}

/** The high digits of the types of items and sub-items: 10H, 20H and 21H, 50H to 5FH. */
const KNOWN_ITEMS: ReadonlySet<number> = new Set([0x10, 0x20, 0x50]);

/** Sub-items are walked like items, so that a wrong length of the item around them hides none. */
function* items(length: number): Walk {
  let left = length;
  const taken = (wanted: number): number => {
    const here = Math.min(wanted, left);
    left -= here;
    return here;
  };
  yield pass(taken(FIXED_LENGTH));
  while (left >= ITEM_HEADER_LENGTH) {
    const header = yield read(taken(ITEM_HEADER_LENGTH));
    const type = header[0];
    if (type === 0x50) continue;
    const inside = taken(number16(header, 2));
    if (type === 0x58) yield* identity(inside);
    else if (type === 0x59) {
      yield pass(Math.min(2, inside));
      yield zero(Math.max(0, inside - 2));
    } else if (KNOWN_ITEMS.has((type as number) & 0xf0)) yield pass(inside);
    else {
      // A length before it is wrong, so that credentials may be anywhere in the rest.
      yield zero(inside);
      yield zero(taken(left));
    }
  }
  yield pass(left);
}

/** PS3.7 Table D.3-14. The primary field is a name, a ticket, an assertion or a token. */
function* identity(length: number): Walk {
  if (length < 4) {
    yield zero(length);
    return;
  }
  const head = yield read(4);
  const primary = Math.min(number16(head, 2), length - 4);
  const left = length - 4 - primary;
  yield (head[0] as number) <= 2 ? pass(primary) : zero(primary);
  yield pass(Math.min(2, left));
  yield zero(Math.max(0, left - 2));
}

function number16(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) * 0x100 + (bytes[at + 1] as number);
}
