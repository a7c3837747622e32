// Puts the segments of one direction of a TCP connection in order (RFC 9293 §3.4).

import { CaptureError } from './pcapng.ts';

/** The segments of one direction, in any order. The time is n log n for n segments, whatever their order. */
export class SegmentOrder {
  /** The number of comparisons so far, for tests. */
  comparisons = 0;
  /** A heap: each segment is before those at twice its index plus 1 and plus 2. */
  #held: HeldSegment[] = [];
  #heldLength = 0;
  /** The sequence number of the next byte, and its position in the stream, which does not wrap around. */
  #next: number | undefined;
  #position = 0;

  /** The stream begins at this sequence number. */
  begin(sequence: number): void {
    this.#position += this.#next === undefined ? 0 : (sequence - this.#next) | 0;
    this.#next = sequence >>> 0;
  }

  /**
   * Takes a segment. Returns the bytes that are in order now. Without `begin`, the first segment begins the stream.
   * @throws CaptureError if too many segments wait for one that is missing. All of them are dropped.
   */
  *take(sequence: number, payload: Uint8Array): Generator<Uint8Array, void, undefined> {
    this.#next ??= sequence;
    // Sequence numbers wrap around after 2^32.
    const position = this.#position + ((sequence - this.#next) | 0);
    if (position > this.#position) {
      this.#hold({ position, payload });
      return;
    }
    yield* this.#inOrder({ position, payload });
    for (let first = this.#held[0]; first && first.position <= this.#position; first = this.#held[0]) {
      this.#removeFirst();
      yield* this.#inOrder(first);
    }
  }

  /** The part of the segment that is new. */
  *#inOrder({ position, payload }: HeldSegment): Generator<Uint8Array, void, undefined> {
    const known = this.#position - position;
    if (known >= payload.length) return;
    const length = payload.length - known;
    this.#position += length;
    this.#next = ((this.#next as number) + length) >>> 0;
    yield payload.subarray(known);
  }

  #hold({ position, payload }: HeldSegment): void {
    this.#heldLength += payload.length;
    if (this.#heldLength > MAXIMUM_HELD_LENGTH || this.#held.length === MAXIMUM_HELD_SEGMENTS) {
      this.#held = [];
      throw new CaptureError('segments are missing from the capture');
    }
    // A copy, because the payload is part of a block of the file that would be kept as a whole.
    const segment = { position, payload: new Uint8Array(payload) };
    const held = this.#held;
    let index = held.length;
    while (index > 0) {
      const above = (index - 1) >>> 1;
      if (!this.#isBefore(segment, held[above])) break;
      held[index] = held[above] as HeldSegment;
      index = above;
    }
    held[index] = segment;
  }

  #removeFirst(): void {
    const held = this.#held;
    this.#heldLength -= held[0]?.payload.length ?? 0;
    const last = held.pop();
    if (!last || held.length === 0) return;
    let index = 0;
    for (let below = 1; below < held.length; below = 2 * index + 1) {
      if (below + 1 < held.length && this.#isBefore(held[below + 1] as HeldSegment, held[below])) below++;
      if (!this.#isBefore(held[below] as HeldSegment, last)) break;
      held[index] = held[below] as HeldSegment;
      index = below;
    }
    held[index] = last;
  }

  #isBefore(one: HeldSegment, other: HeldSegment | undefined): boolean {
    this.comparisons++;
    return other !== undefined && one.position < other.position;
  }
}

interface HeldSegment {
  /** Of its first byte in the stream. */
  readonly position: number;
  readonly payload: Uint8Array;
}

/** Limits on the segments that wait for a missing one: in bytes, and in segments. TCP windows are smaller. */
export const MAXIMUM_HELD_LENGTH = 16 * 1024 * 1024;
export const MAXIMUM_HELD_SEGMENTS = 32 * 1024;
