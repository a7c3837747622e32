// Worker threads that decode and encode frames: a bounded pool with a bounded queue. A thread does one frame at a time.

import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { codestreamHeaders } from './codestream-header.ts';
import { type FrameJob, frameCodecs } from './frame-codecs.ts';
import { PixelDataError } from './pixel-data-error.ts';
import { rleCodec } from './rle-codec.ts';

/** Options of the threads that decode frames. */
export interface FrameWorkersOptions {
  /** The maximum number of threads. Default: as many as there are processors, at most 4. */
  readonly threads?: number;
  /** The maximum number of frames that wait for a thread. Default 256. */
  readonly maximumQueuedFrames?: number;
  /** The maximum time for a frame in milliseconds, after which its thread is ended. Default 60,000; 0 for no limit. */
  readonly frameTimeout?: number;
}

export class FrameWorkers {
  readonly #threads: number;
  readonly #maximumQueuedFrames: number;
  readonly #frameTimeout: number;
  readonly #idle: Worker[] = [];
  readonly #running = new Map<Worker, Running>();
  readonly #queue: Waiting[] = [];
  #isClosed = false;

  constructor(options: FrameWorkersOptions = {}) {
    this.#threads = options.threads ?? Math.min(4, availableParallelism());
    this.#maximumQueuedFrames = options.maximumQueuedFrames ?? 256;
    this.#frameTimeout = options.frameTimeout ?? 60_000;
    checkNumber('threads', this.#threads, 1);
    checkNumber('maximumQueuedFrames', this.#maximumQueuedFrames, 0);
    checkNumber('frameTimeout', this.#frameTimeout, 0);
  }

  /** The number of threads, idle ones included. */
  get size(): number {
    return this.#idle.length + this.#running.size;
  }

  /** The number of frames that wait for a thread. */
  get queued(): number {
    return this.#queue.length;
  }

  /**
   * Does a job in a thread. The bytes of the frame are copied.
   * @param modules The files of the npm packages that the codec loads, by name.
   * @param signal Ends the job; its thread is replaced.
   * @throws PixelDataError if the codec rejects the frame, crashes or hangs, or if the queue is full
   */
  run(job: FrameJob, modules: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      if (this.#isClosed) throw new PixelDataError('the codec is closed');
      const work = { job, modules, resolve, reject, signal };
      if (this.#running.size < this.#threads) this.#start(work);
      else this.#wait(work);
    });
  }

  /** Ends all threads. Jobs that have not ended are rejected. Further calls do nothing. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const error = new PixelDataError('the codec was closed before the frame was done');
    for (const { fail } of this.#queue.splice(0)) fail(error);
    const workers = [...this.#running.keys(), ...this.#idle.splice(0)];
    for (const { fail } of [...this.#running.values()]) fail(error);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  #wait(work: Work): void {
    if (this.#queue.length >= this.#maximumQueuedFrames)
      throw new PixelDataError(`${this.#queue.length} frames wait for a thread already`, {
        limit: 'maximumQueuedFrames',
      });
    const { signal } = work;
    const leave = () => signal?.removeEventListener('abort', abort);
    const waiting: Waiting = {
      start: () => {
        leave();
        this.#start(work);
      },
      fail: (error) => {
        leave();
        work.reject(error);
      },
    };
    const abort = () => {
      this.#queue.splice(this.#queue.indexOf(waiting), 1);
      waiting.fail(signal?.reason);
    };
    signal?.addEventListener('abort', abort, { once: true });
    this.#queue.push(waiting);
  }

  #start({ job, modules, resolve, reject, signal }: Work): void {
    // A message has the whole buffer of a view: that of a frame may be a whole data set.
    const frame = new Uint8Array(job.frame);
    const worker = this.#idle.pop() ?? this.#open();
    const finish = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      this.#running.delete(worker);
      this.#queue.shift()?.start();
    };
    const fail = (error: unknown) => {
      // A codec that has failed may have damaged its memory: the next frame gets another thread.
      void worker.terminate();
      finish();
      reject(error);
    };
    const abort = () => fail(signal?.reason);
    const late = () => {
      const reason = `the codec did not end in ${this.#frameTimeout} ms`;
      fail(new PixelDataError(reason, { limit: 'frameTimeout' }));
    };
    const timer = this.#frameTimeout > 0 ? setTimeout(late, this.#frameTimeout) : undefined;
    signal?.addEventListener('abort', abort, { once: true });
    const settle = ({ result, fault }: Answer) => {
      if (result === undefined) return fail(new PixelDataError(fault ?? 'cannot be decoded'));
      worker.unref();
      this.#idle.push(worker);
      finish();
      resolve(result);
    };
    this.#running.set(worker, { settle, fail });
    worker.ref();
    worker.postMessage({ job: { ...job, frame }, modules }, [frame.buffer]);
  }

  #open(): Worker {
    const worker = startWorker();
    const lose = (error: PixelDataError) => {
      const index = this.#idle.indexOf(worker);
      if (index >= 0) this.#idle.splice(index, 1);
      this.#running.get(worker)?.fail(error);
    };
    worker.on('message', (answer: Answer) => this.#running.get(worker)?.settle(answer));
    worker.on('error', (cause) => lose(new PixelDataError('the codec crashed', { cause })));
    worker.on('exit', (code) => lose(new PixelDataError(`the thread of the codec ended with code ${code}`)));
    return worker;
  }
}

interface Work {
  readonly job: FrameJob;
  readonly modules: Readonly<Record<string, string>>;
  readonly resolve: (result: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
  readonly signal: AbortSignal | undefined;
}

interface Running {
  readonly settle: (answer: Answer) => void;
  readonly fail: (error: unknown) => void;
}

interface Waiting {
  readonly start: () => void;
  readonly fail: (error: unknown) => void;
}

interface Answer {
  readonly result?: Uint8Array;
  readonly fault?: string;
}

function checkNumber(name: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least || value > LONGEST_TIMER)
    throw new RangeError(
      `${name} is ${value}; it must be a whole number of at least ${least}, and at most ${LONGEST_TIMER}`,
    );
}

/** The longest time in milliseconds of a timer of Node.js, which also bounds the other numbers. */
const LONGEST_TIMER = 0x7fffffff;

const require = createRequire(import.meta.url);

/**
 * Resolves the names of the npm packages of codecs as this module would, or else as the package @x/dimse would: an application
 * that bundles this module may not have them itself.
 */
export const packageResolver = {
  resolve(name: string): string {
    try {
      return require.resolve(name);
    } catch (error) {
      try {
        return createRequire(require.resolve('@x/dimse')).resolve(name);
      } catch {
        throw error;
      }
    }
  },
};

/** The heap of JavaScript in a thread in MiB. Frames and WebAssembly do not count. */
const HEAP = 256;

/**
 * The thread has its text from functions and not from a file: it is the same for ECMAScript modules, CommonJS and bundled
 * applications. Some compilers add calls of `__name` to functions.
 */
function startWorker(): Worker {
  const text = `
    const __name = (value) => value;
    const { parentPort } = require('node:worker_threads');
    // Codecs must not print. A stream that this thread reads would keep the process alive.
    for (const stream of [process.stdout, process.stderr]) stream.write = () => true;
    let modules = {};
    const run = (${frameCodecs})((name) => require(modules[name] ?? name), (${rleCodec})(), (${codestreamHeaders})());
    parentPort.on('message', (message) => {
      modules = message.modules;
      run(message.job).then(
        (result) => parentPort.postMessage({ result }, [result.buffer]),
        (error) => parentPort.postMessage({ fault: error instanceof Error ? error.message : 'cannot be decoded' }),
      );
    });`;
  return new Worker(text, {
    eval: true,
    name: 'pixel-data',
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: HEAP },
  });
}
