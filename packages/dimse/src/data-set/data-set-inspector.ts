// A data set scanner for data in any transfer syntax: deflated data sets are inflated first (PS3.5 §A.5).

import { createInflateRaw, type InflateRaw } from 'node:zlib';
import { TransferSyntax } from '../registry/uids.generated.ts';
import { DataSetError } from './data-set-error.ts';
import { DataSetScanner, type DataSetScannerOptions } from './data-set-scanner.ts';

export interface DataSetInspectorOptions extends DataSetScannerOptions {
  /**
   * The maximum length in bytes of a deflated data set after it is inflated. It bounds the time that a small message can
   * cost; inflating takes place in another thread. Default: 1 GiB.
   */
  readonly maximumInflatedLength?: number | undefined;
}

/**
 * Scans a data set in chunks, as `DataSetScanner` does, but in any transfer syntax. Memory is bounded. A deflated data set
 * is inflated to its end, also if all wanted elements have been found: only then is it known to be complete.
 */
export class DataSetInspector {
  readonly #scanner: DataSetScanner;
  readonly #inflate: InflateRaw | undefined;
  #failure: Error | undefined;
  readonly #maximumInflatedLength: number;
  #inflatedLength = 0;
  #isOver = false;
  #over: (() => void) | undefined;

  constructor(transferSyntax: string, options: DataSetInspectorOptions = {}) {
    this.#maximumInflatedLength = options.maximumInflatedLength ?? 1024 * 1024 * 1024;
    this.#scanner = new DataSetScanner(transferSyntax, options);
    if (transferSyntax === TransferSyntax.DeflatedExplicitVRLittleEndian) this.#inflate = this.#createInflate();
  }

  /** The values found so far by tag. */
  get values(): ReadonlyMap<number, Uint8Array> {
    return this.#scanner.values;
  }

  /** How many of the following bytes the caller may pass over with `skip` instead of writing them. */
  get skippable(): number {
    return this.#inflate ? 0 : this.#scanner.skippable;
  }

  /** Passes over this many bytes, at most `skippable`. */
  skip(length: number): void {
    this.#scanner.skip(length);
  }

  /** The extracted elements of the data so far: see `DataSetScanner`. Those of a deflated data set are inflated. */
  get extract(): Uint8Array {
    return this.#scanner.extract;
  }

  /**
   * Takes some of the data. If it returns a promise, the caller must await it. @throws DataSetError if the data are
   * malformed.
   */
  push(chunk: Uint8Array): Promise<void> | undefined {
    const inflate = this.#inflate;
    if (!inflate) {
      this.#scanner.push(chunk);
      return undefined;
    }
    return this.#feed((done) => inflate.write(chunk, done));
  }

  /** Ends inflating, unless `end` is called. */
  discard(): void {
    this.#inflate?.destroy();
  }

  /** Ends the data. @throws DataSetError if the data set is incomplete, unless it may be. */
  async end({ mayBeIncomplete = false } = {}): Promise<void> {
    const inflate = this.#inflate;
    if (inflate) {
      await this.#feed(() => inflate.end());
      inflate.destroy();
    }
    if (!mayBeIncomplete) this.#scanner.end();
  }

  /** Settles when the write is done, or when inflating has ended or failed, because the callback is not called then. */
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
      this.#inflatedLength += chunk.length;
      if (this.#inflatedLength > this.#maximumInflatedLength) {
        this.#failure ??= new DataSetError(`has more than ${this.#maximumInflatedLength} bytes after it is inflated`, {
          limit: 'maximumInflatedLength',
        });
        inflate.destroy();
        return;
      }
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
