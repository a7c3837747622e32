// A data set scanner for data in any transfer syntax: deflated data sets are inflated first (PS3.5 §A.5).

import type { Inflate, InflateRaw } from 'node:zlib';
import { aNumber, aValueOf, checkOptions, type OptionTable } from '@x/pdu/internal';
import { DataSetError } from './data-set-error.ts';
import { type DataSetScannerOptions, SCANNER_OPTIONS, UncheckedScanner } from './data-set-scanner.ts';
import { encodingOf } from './encodings.ts';
import { createInflateFor, hasZlibWrapper, WRAPPER_LENGTH } from './inflation.ts';
import { type DataSetWarning, DataSetWarnings } from './leniency.ts';

export interface DataSetInspectorOptions extends DataSetScannerOptions {
  /**
   * The maximum length in bytes of a deflated data set after it is inflated. It bounds the time that a small message can
   * cost; inflating takes place in another thread. Default: 1 GiB.
   */
  readonly maximumInflatedLength?: number | undefined;
}

/** The inspector for callers in this package, which make one for each instance: its options are not checked. */
export class UncheckedInspector {
  readonly #scanner: UncheckedScanner;
  readonly #isDeflated: boolean;
  /** Made when the first bytes have told whether they are in a wrapper. */
  #inflate: Inflate | InflateRaw | undefined;
  #beginning = new Uint8Array(0);
  readonly #wrapper = new DataSetWarnings();
  #failure: Error | undefined;
  readonly #maximumInflatedLength: number;
  #inflatedLength = 0;
  #isOver = false;
  #over: (() => void) | undefined;

  constructor(transferSyntax: string, options: DataSetInspectorOptions) {
    this.#maximumInflatedLength = options.maximumInflatedLength ?? 1024 * 1024 * 1024;
    this.#scanner = new UncheckedScanner(transferSyntax, options);
    this.#isDeflated = encodingOf(transferSyntax).isDeflated;
  }

  /** The values found so far by tag. */
  get values(): ReadonlyMap<number, Uint8Array> {
    return this.#scanner.values;
  }

  /** The deviations that were tolerated so far. */
  get warnings(): readonly DataSetWarning[] {
    return [...this.#wrapper.list(), ...this.#scanner.warnings];
  }

  /** How many of the following bytes the caller may pass over with `skip` instead of writing them. */
  get skippable(): number {
    return this.#isDeflated ? 0 : this.#scanner.skippable;
  }

  /** Passes over this many bytes, at most `skippable`. */
  skip(length: number): void {
    this.#scanner.skip(length);
  }

  /** The extracted elements of the data so far: see `DataSetScanner`. Those of a deflated data set are inflated. */
  get extract(): Uint8Array {
    return this.#scanner.extract;
  }

  /** How many elements are not in the extract because they would have exceeded its maximum length. */
  get leftOut(): number {
    return this.#scanner.leftOut;
  }

  /**
   * Takes some of the data. If it returns a promise, the caller must await it. @throws DataSetError if the data are
   * malformed.
   */
  push(chunk: Uint8Array): Promise<void> | undefined {
    if (!this.#isDeflated) {
      this.#scanner.push(chunk);
      return undefined;
    }
    const known = this.#inflate;
    if (known) return this.#feed((done) => known.write(chunk, done));
    this.#beginning = Buffer.concat([this.#beginning, chunk]);
    if (this.#beginning.length < WRAPPER_LENGTH) return undefined;
    const inflate = this.#createInflate();
    return this.#feed((done) => inflate.write(this.#beginning, done));
  }

  /** Ends inflating, unless `end` is called. */
  discard(): void {
    this.#inflate?.destroy();
  }

  /** Ends the data. @throws DataSetError if the data set is incomplete, unless it may be. */
  async end(options?: { readonly mayBeIncomplete?: boolean }): Promise<void> {
    const { mayBeIncomplete = false } = checkOptions(END_OPTIONS, options);
    if (this.#isDeflated) {
      const inflate = this.#inflate ?? this.#createInflate();
      await this.#feed(() => inflate.end());
      inflate.destroy();
    }
    this.endAtOnce(mayBeIncomplete);
  }

  /** The same for data that are not deflated, for callers in this package. */
  endAtOnce(mayBeIncomplete: boolean): void {
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

  #createInflate(): Inflate | InflateRaw {
    const inflate = createInflateFor(this.#beginning);
    if (hasZlibWrapper(this.#beginning)) this.#wrapper.add('ZLIB_WRAPPER');
    this.#inflate = inflate;
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

/**
 * Scans a data set in chunks, as `DataSetScanner` does, but in any transfer syntax. Memory is bounded. A deflated data set
 * is inflated to its end, also if all wanted elements have been found: only then is it known to be complete.
 */
export class DataSetInspector extends UncheckedInspector {
  constructor(transferSyntax: string, options: DataSetInspectorOptions = {}) {
    super(transferSyntax, checkOptions(INSPECTOR_OPTIONS, options));
  }
}

const INSPECTOR_OPTIONS: OptionTable<DataSetInspectorOptions> = {
  of: 'DataSetInspector',
  rules: { ...SCANNER_OPTIONS.rules, maximumInflatedLength: aNumber },
};

const END_OPTIONS: OptionTable<{ readonly mayBeIncomplete?: boolean }> = {
  of: 'end',
  rules: { mayBeIncomplete: aValueOf('boolean') },
};
