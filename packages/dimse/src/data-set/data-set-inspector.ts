// A data set scanner for data as they are transferred: deflated ones are inflated on the way (PS3.5 §A.5).

import { createInflateRaw, type InflateRaw } from 'node:zlib';
import { TransferSyntax } from '../registry/uids.generated.ts';
import { DataSetError } from './data-set-error.ts';
import { DataSetScanner, type DataSetScannerOptions } from './data-set-scanner.ts';

/** Takes a data set in its transfer syntax, in chunks: see `DataSetScanner`, which it wraps. Memory is bounded. */
export class DataSetInspector {
  readonly #scanner: DataSetScanner;
  readonly #inflate: InflateRaw | undefined;
  #failure: Error | undefined;
  #isOver = false;
  #over: (() => void) | undefined;

  constructor(transferSyntax: string, options: DataSetScannerOptions = {}) {
    this.#scanner = new DataSetScanner(transferSyntax, options);
    if (transferSyntax === TransferSyntax.DeflatedExplicitVRLittleEndian) this.#inflate = this.#createInflate();
  }

  /** The values found so far by tag. */
  get values(): ReadonlyMap<number, Uint8Array> {
    return this.#scanner.values;
  }

  /** The elements to be extracted, of what has passed: see `DataSetScanner`. Deflated ones are inflated. */
  get extract(): Uint8Array {
    return this.#scanner.extract;
  }

  /** Takes some of the data; where it gives a promise, it is to be awaited. @throws DataSetError. */
  push(chunk: Uint8Array): Promise<void> | undefined {
    const inflate = this.#inflate;
    if (!inflate) {
      this.#scanner.push(chunk);
      return undefined;
    }
    return this.#feed((done) => inflate.write(chunk, done));
  }

  /** No more data follow. @throws DataSetError when the data set does not end here. */
  async end(): Promise<void> {
    const inflate = this.#inflate;
    if (inflate) {
      await this.#feed(() => inflate.end());
      inflate.destroy();
    }
    this.#scanner.end();
  }

  /** Settles when it is done, or the deflated data have ended or failed: then nobody is called back. */
  async #feed(feed: (done: () => void) => void): Promise<void> {
    if (!this.#isOver)
      await new Promise<void>((resolve) => {
        this.#over = resolve;
        feed(resolve);
      });
    if (this.#failure) throw this.#failure;
  }

  #createInflate(): InflateRaw {
    const inflate = createInflateRaw();
    inflate.on('data', (chunk: Uint8Array) => {
      try {
        this.#scanner.push(chunk);
      } catch (error) {
        this.#failure ??= error as Error;
      }
    });
    inflate.on('error', (cause) => {
      this.#failure ??= new DataSetError(`the data set cannot be inflated: ${cause.message}`, { cause });
    });
    for (const event of ['end', 'error', 'close'])
      inflate.on(event, () => {
        this.#isOver = true;
        this.#over?.();
      });
    return inflate;
  }
}
