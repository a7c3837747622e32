// Reading from the transport: paused and resumed; and while it is read, a peer must finish the PDU or message it began.

import type { Pdu, PduDecoder, PresentationDataValue } from '@x/pdu';
import { TimeoutError } from '../errors.ts';
import { LONGEST_TIMER } from '../timeouts.ts';
import type { TransportConnection } from '../transport/transport-connection.ts';

export interface IncomingWatchOptions {
  /** Milliseconds that an incomplete PDU or message may go without a byte. 0 or Infinity: any time. */
  readonly timeout: number;
  /** The least average rate of a command set or data set, in bytes per second. 0: any rate. */
  readonly minimumRate: number;
  readonly peerName: string;
  /** Called once, if the peer sends nothing or too little. */
  readonly failed: (error: TimeoutError) => void;
}

/**
 * The cost for each chunk is a few comparisons: one timer runs while something is incomplete. When it expires, the time
 * of the last byte says whether to start it again.
 */
export class IncomingWatch {
  readonly #decoder: PduDecoder;
  readonly #transport: TransportConnection;
  readonly #options: IncomingWatchOptions;
  readonly #isEnabled: boolean;
  /** The last fragment, if its command set or data set is incomplete. */
  #open: PresentationDataValue['kind'] | 'announced data' | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;
  /** The PDUs that were received since others last had their turn. */
  #pdus = 0;
  /** Whether reading goes on in the next turn. */
  #isResting = false;
  #pausedSince: number | undefined;
  #resumedAt = 0;
  /** Time and bytes at which the measurement of the rate began; pauses move the time forward. */
  #measured: { time: number; readonly bytes: number } | undefined;

  constructor(decoder: PduDecoder, transport: TransportConnection, options: IncomingWatchOptions) {
    this.#decoder = decoder;
    this.#transport = transport;
    this.#options = options;
    const { timeout, minimumRate } = options;
    if (!(minimumRate >= 0)) throw new RangeError(`minimumRate is ${minimumRate}, not a number of bytes per second`);
    this.#isEnabled = isFinitePositive(timeout) || minimumRate > 0;
  }

  /** The bytes that the peer owes, in words; undefined if it owes none, or if reading is paused. */
  get awaited(): string | undefined {
    if (this.#pausedSince !== undefined) return undefined;
    const { missing } = this.#decoder;
    if (missing) return missing.type ? `${missing.bytes} missing bytes of ${missing.type}` : 'the rest of a PDU header';
    return this.#open && OPEN[this.#open];
  }

  /** A PDU was received. */
  took(pdu: Pdu): void {
    if (++this.#pdus === PDUS_PER_TURN) this.#letOthersRun();
    if (pdu.type !== 'P-DATA-TF') {
      this.#measured = undefined;
      return;
    }
    const { values } = pdu;
    const { kind, last } = values[values.length - 1] as PresentationDataValue;
    this.#open = last ? undefined : kind;
    if (this.#measured && values.some((value) => value.last)) this.#measured = undefined;
  }

  /** A data set is due, and nothing of it has been received: the reader of the command set knows. */
  expectData(): void {
    this.#open ??= 'announced data';
    this.check();
  }

  /** To be called after each chunk. */
  check(): void {
    if (!this.#isEnabled || (this.#timer && (this.#measured || this.#options.minimumRate === 0))) return;
    if (this.#isStopped || this.awaited === undefined) return;
    if (this.#options.minimumRate > 0)
      this.#measured ??= { time: performance.now(), bytes: this.#transport.received.bytes };
    if (!this.#timer) this.#start(this.#left());
  }

  /**
   * Reads nothing more in this turn of the event loop. Without this, the system hands over 32 chunks of one connection at
   * once, which may be a hundred thousand small PDUs.
   */
  #letOthersRun(): void {
    this.#isResting = true;
    this.#transport.pause();
    setImmediate(() => {
      this.#isResting = false;
      this.#pdus = 0;
      if (this.#pausedSince === undefined) this.#transport.resume();
    });
  }

  /** Pauses the transport, and with it the watch: the peer cannot send. */
  pause(): void {
    this.#pausedSince ??= performance.now();
    this.#transport.pause();
  }

  resume(): void {
    if (!this.#isResting) this.#transport.resume();
    if (this.#pausedSince === undefined) return;
    this.#resumedAt = performance.now();
    if (this.#measured) this.#measured.time += this.#resumedAt - this.#pausedSince;
    this.#pausedSince = undefined;
    this.check();
  }

  /** Ends the watch for good. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #start(milliseconds: number): void {
    this.#timer = setTimeout(
      () => {
        // Bytes that arrived while the process was busy are read first.
        setImmediate(() => this.#expired());
      },
      Math.min(milliseconds, LONGEST_TIMER),
    );
  }

  #expired(): void {
    this.#timer = undefined;
    const awaited = this.awaited;
    if (this.#isStopped || awaited === undefined) return;
    const left = this.#left();
    const error = left > 0 ? this.#slow(awaited) : this.#silent(awaited);
    if (error) {
      this.stop();
      this.#options.failed(error);
    } else this.#start(left);
  }

  /** Milliseconds until the next look: when the peer has been silent for too long, or its rate is to be measured. */
  #left(): number {
    const { timeout, minimumRate } = this.#options;
    const silent = isFinitePositive(timeout)
      ? Math.max(this.#transport.received.time, this.#resumedAt) + timeout - performance.now()
      : Number.POSITIVE_INFINITY;
    return minimumRate > 0 ? Math.min(silent, RATE_INTERVAL) : silent;
  }

  #silent(awaited: string): TimeoutError {
    const { timeout, peerName } = this.#options;
    return new TimeoutError('data', timeout, `${peerName} did not send any of ${awaited}`);
  }

  #slow(awaited: string): TimeoutError | undefined {
    const { minimumRate, peerName } = this.#options;
    if (!this.#measured) return undefined;
    const elapsed = performance.now() - this.#measured.time;
    const bytes = this.#transport.received.bytes - this.#measured.bytes;
    if (elapsed < RATE_INTERVAL || bytes >= (minimumRate * elapsed) / 1000) return undefined;
    const message = `${peerName} sent ${bytes} bytes while ${awaited} were due, less than ${minimumRate} bytes per second,`;
    return new TimeoutError('minimumRate', Math.round(elapsed), message);
  }
}

const OPEN = {
  command: 'the rest of a command set',
  data: 'the rest of a data set',
  'announced data': 'the data set that a command announced',
} as const;

// Few enough for a small part of a second. PDUs of the usual lengths are read without a pause.
const PDUS_PER_TURN = 256;

// A rate is measured over at least this time, in milliseconds, so that short pauses of a network do not count.
const RATE_INTERVAL = 10_000;

function isFinitePositive(milliseconds: number): boolean {
  return milliseconds > 0 && milliseconds < Number.POSITIVE_INFINITY;
}
