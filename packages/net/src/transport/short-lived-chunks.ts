// Lets V8 free the chunks of received data soon, in processes that set no flags of V8.
//
// The bytes of a chunk are outside the heap of JavaScript, and its object in the heap is small. V8 frees chunks that are no
// longer used when its young generation is full of objects. Once that generation has grown to 16 MiB, hundreds of megabytes
// arrive before it is full, and the sum of the chunks makes V8 collect all generations instead: 40 to 55 times for each
// 526 MB. Objects that are as long as the chunks and are dropped at once fill the young generation earlier. That costs less.
//
// If the process has the function `gc` (`node --expose-gc`), it collects the young generation instead. That takes a quarter
// of the time, and less memory, because nothing fills the young generation.

import { v8 } from '../node-modules.ts';

/** Bytes: a smaller young generation is full soon enough. */
const LARGE_YOUNG_GENERATION = 4 * 1024 * 1024;
/** Received bytes after which the young generation is measured again. */
const MEASURED_EVERY = 4 * 1024 * 1024;
/** Bytes of a dropped object. Objects of more than 128 KiB do not begin in the young generation. */
const DROPPED_LENGTH = 64 * 1024;
/**
 * Connections that receive at the same time. If there are more, many chunks are in use at every moment, and frequent
 * collections would only move these to the old generation.
 */
const MOST_CONNECTIONS = 8;
const ELEMENT_LENGTH = 8;
/** Measurements of the young generation after which it is collected: less often, and more memory waits to be freed. */
const COLLECTED_EVERY = 2;

/** A connection that receives. */
export interface Receiver {
  /** The number of the round in which it was counted last. */
  countedIn?: number;
}

/**
 * Returns a function that is called with the length of each received chunk and an object for its connection.
 * @param youngGeneration returns the size of the young generation in bytes
 * @param drop makes an object of this many bytes in the young generation, and drops it
 * @param collector returns the function that collects the young generation, if the process has it
 */
export function shortLivedChunks(
  youngGeneration = sizeOfYoungGeneration,
  drop = dropObject,
  collector = minorCollector,
): (length: number, connection: Receiver) => void {
  let isDropping = false;
  // A set of connections would cost more than all else here.
  let round = 1;
  let connections = 0;
  let untilMeasured = 0;
  let untilDropped = DROPPED_LENGTH;
  return (length, connection) => {
    if (connection.countedIn !== round) {
      connection.countedIn = round;
      connections++;
    }
    untilMeasured -= length;
    if (untilMeasured <= 0) {
      untilMeasured = MEASURED_EVERY;
      const isUseful = connections <= MOST_CONNECTIONS && youngGeneration() > LARGE_YOUNG_GENERATION;
      const collect = collector();
      isDropping = isUseful && !collect;
      if (isUseful && round % COLLECTED_EVERY === 0) collect?.();
      round++;
      connections = 0;
    }
    if (!isDropping) return;
    untilDropped -= length;
    if (untilDropped > 0) return;
    untilDropped = DROPPED_LENGTH;
    drop(DROPPED_LENGTH);
  };
}

/** 0 if the runtime does not have the generations of V8. */
function sizeOfYoungGeneration(): number {
  return (
    v8()
      .getHeapSpaceStatistics()
      .find((space) => space.space_name === 'new_space')?.space_size ?? 0
  );
}

function minorCollector(): (() => void) | undefined {
  const { gc } = globalThis;
  return gc && (() => void gc({ type: 'minor' }));
}

/** The compiler would leave out an object that is never stored, and an array without values. */
const last: { dropped?: readonly number[] } = {};
let filled: readonly number[] = [];

/** A copy takes a third of the time of a new array that is filled. */
function dropObject(length: number): void {
  if (filled.length !== length / ELEMENT_LENGTH) filled = new Array<number>(length / ELEMENT_LENGTH).fill(0);
  last.dropped = filled.slice();
}
