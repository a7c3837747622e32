// Print jobs: the queue of ordered films, which are printed one after the other (PS3.4 §H.4.5).

import { CodedError } from '@x/pdu/internal';
import { text } from '../../data-set/access.ts';
import type { DataSet, UntypedDataSet } from '../../data-set/data-set-values.ts';
import { DimseError } from '../../message/errors.ts';
import { makeUid } from '../../registry/make-uid.ts';
import { nextTurn } from '../../turns.ts';
import { type OnFailure, reportFailure } from '../../workflow/provider.ts';
import type { PrintedFilm } from '../film/print-film.ts';
import { byteLength } from '../film/print-values.ts';

/** (2100,0020) Execution Status: PS3.3 §C.13.8. */
export type ExecutionStatus = 'PENDING' | 'PRINTING' | 'DONE' | 'FAILURE';

/** An order to print. It consists of data sets only, so that it can be stored. */
export interface PrintOrder {
  /** SOP Instance UID of the print job. */
  readonly sopInstance: string;
  /** Print Priority, Creation Date and Time, Printer Name, Originator. */
  readonly attributes: DataSet;
  /** The films of the job, in order. */
  readonly films: readonly PrintedFilm[];
}

/** Keeps orders that were answered before they are printed. */
export interface PrintJobStore {
  /** Adds an order. It is safe when the promise has settled. */
  keep(order: PrintOrder): Promise<void>;
  /** Removes an order that was printed, or cannot be printed. */
  remove(sopInstance: string): Promise<void>;
  /**
   * The orders that an earlier process added and did not remove, in the order they were added. If several processes use the
   * store: those that no process has claimed, which this one has claimed now; `keep` claims its order, and `remove` ends that.
   */
  waiting(): AsyncIterable<PrintOrder>;
}

/** An order and its state. */
export interface PrintJob extends PrintOrder {
  readonly executionStatus: ExecutionStatus;
  /** (2100,0030): NORMAL, QUEUED, UNKNOWN … */
  readonly executionStatusInfo: string;
  /** Settles when all its films are printed. @throws the error of the film that could not be printed. */
  readonly printed: Promise<void>;
}

/** Which film of a print job is printed. */
export interface FilmOfJob {
  /** SOP Instance UID of the print job. */
  readonly printJob: string;
  /** The number of the film in the job, from 1. */
  readonly number: number;
}

export interface PrintQueueOptions {
  readonly print: (film: PrintedFilm, place: FilmOfJob) => void | Promise<void>;
  readonly store: PrintJobStore | undefined;
  /** Maximum number of orders that wait or are printed. */
  readonly maximumJobs: number;
  /** The same for the orders of one peer. */
  readonly maximumJobsOfPeer: number;
  /** Maximum number of bytes in all of them. */
  readonly maximumBytes: number;
  /** Called when a job enters a state. */
  readonly onChange: (job: PrintJob) => void;
  readonly onFailure: OnFailure | undefined;
}

interface QueuedJob extends PrintJob {
  films: readonly PrintedFilm[];
  executionStatus: ExecutionStatus;
  executionStatusInfo: string;
  readonly bytes: number;
  readonly isKept: boolean;
  isEnded: boolean;
  settle(error?: unknown): void;
}

/** Prints jobs by priority and in the order they came. Remembers the latest jobs that have ended. */
export class PrintQueue {
  readonly #options: PrintQueueOptions;
  readonly #waiting: QueuedJob[] = [];
  readonly #jobs = new Map<string, QueuedJob>();
  readonly #ended: string[] = [];
  #printing: Promise<void> | undefined;
  #bytes = 0;
  #count = 0;
  #resumed: Promise<void>;
  #isResuming = false;

  constructor(options: PrintQueueOptions) {
    this.#options = options;
    this.#resumed = this.#resume();
  }

  /**
   * Orders films. With `isKept`, it settles when the store has them, if there is a store.
   * @throws DimseError with the status `full` if the queue has no room, or the store fails.
   */
  async order(films: readonly PrintedFilm[], attributes: DataSet, full: number, isKept: boolean): Promise<PrintJob> {
    const { maximumJobs, maximumJobsOfPeer, maximumBytes, store } = this.#options;
    const bytes = byteLength(films);
    if (this.#count >= maximumJobs || this.#bytes + bytes > maximumBytes)
      throw new DimseError(full, { errorComment: `${this.#count} print jobs are waiting` });
    const peer = text(attributes.Originator);
    const ofPeer = [...this.#jobs.values()].filter(
      (each) => !each.isEnded && text(each.attributes.Originator) === peer,
    );
    if (ofPeer.length >= maximumJobsOfPeer)
      throw new DimseError(full, { errorComment: `${ofPeer.length} print jobs of ${peer} are waiting` });
    const job = this.#job({ sopInstance: makeUid(), attributes, films }, bytes, isKept);
    try {
      if (isKept) await store?.keep({ sopInstance: job.sopInstance, attributes, films });
    } catch (error) {
      this.#release(job);
      this.#jobs.delete(job.sopInstance);
      this.#fail(error);
      throw new DimseError(full, { errorComment: 'the print job could not be stored', cause: error });
    }
    this.#enqueue(job);
    return job;
  }

  /** A job that waits, is printed, or has ended a short while ago. */
  job(sopInstance: string): PrintJob | undefined {
    return this.#jobs.get(sopInstance);
  }

  /** Forgets a job that has ended. */
  forget(sopInstance: string): void {
    const at = this.#ended.indexOf(sopInstance);
    if (at < 0) return;
    this.#ended.splice(at, 1);
    this.#jobs.delete(sopInstance);
  }

  /** Prints the orders that wait in the store, unless it does so. */
  takeOver(): void {
    if (!this.#isResuming) this.#resumed = this.#resume();
  }

  /** Settles when every order is printed or has failed. */
  async settled(): Promise<void> {
    await this.#resumed;
    while (this.#printing) await this.#printing;
  }

  async #resume(): Promise<void> {
    this.#isResuming = true;
    try {
      for await (const order of this.#options.store?.waiting() ?? []) {
        // This process has added it.
        if (this.#jobs.has(order.sopInstance)) continue;
        const job = this.#job(order, byteLength(order.films), true);
        this.#enqueue(job);
        // One at a time, because a store may hold more than the queue has room for.
        await job.printed.catch(() => {});
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isResuming = false;
    }
  }

  #job(order: PrintOrder, bytes: number, isKept: boolean): QueuedJob {
    let settle: QueuedJob['settle'] = () => {};
    const printed = new Promise<void>((resolve, reject) => {
      settle = (error) => (error === undefined ? resolve() : reject(error));
    });
    // If the response was sent before printing, no caller awaits this promise.
    printed.catch(() => {});
    this.#bytes += bytes;
    this.#count++;
    const status = { executionStatus: 'PENDING', executionStatusInfo: 'QUEUED' } as const;
    const job: QueuedJob = { ...order, ...status, printed, settle, bytes, isKept, isEnded: false };
    this.#jobs.set(job.sopInstance, job);
    return job;
  }

  #enqueue(job: QueuedJob): void {
    const rank = ({ attributes }: QueuedJob) => PRIORITIES.indexOf(text(attributes.PrintPriority) || 'MED');
    const at = this.#waiting.findIndex((other) => rank(other) > rank(job));
    this.#waiting.splice(at < 0 ? this.#waiting.length : at, 0, job);
    this.#options.onChange(job);
    this.#printing ??= this.#printAll();
  }

  async #printAll(): Promise<void> {
    // The response to the order goes first.
    await nextTurn();
    for (let job = this.#waiting.shift(); job; job = this.#waiting.shift()) await this.#print(job);
    this.#printing = undefined;
  }

  async #print(job: QueuedJob): Promise<void> {
    let failure: { readonly error: unknown } | undefined;
    this.#step(job, 'PRINTING', 'NORMAL');
    try {
      for (const [index, film] of job.films.entries())
        await this.#options.print(film, { printJob: job.sopInstance, number: index + 1 });
    } catch (error) {
      failure = { error };
      this.#fail(error, job.sopInstance);
    }
    if (job.isKept)
      await this.#options.store?.remove(job.sopInstance).catch((error) => this.#fail(error, job.sopInstance));
    this.#release(job);
    job.isEnded = true;
    job.films = [];
    this.#ended.push(job.sopInstance);
    if (this.#ended.length > MOST_ENDED) this.#jobs.delete(this.#ended.shift() as string);
    if (failure) this.#step(job, 'FAILURE', failure.error instanceof PrintFault ? failure.error.info : 'UNKNOWN');
    else this.#step(job, 'DONE', 'NORMAL');
    job.settle(failure?.error);
  }

  #step(job: QueuedJob, status: ExecutionStatus, info: string): void {
    job.executionStatus = status;
    job.executionStatusInfo = info;
    this.#options.onChange(job);
  }

  #fail(error: unknown, sopInstance?: string): void {
    reportFailure(this.#options.onFailure, { error, ...(sopInstance !== undefined && { sopInstance }) });
  }

  #release(job: QueuedJob): void {
    this.#bytes -= job.bytes;
    this.#count--;
  }
}

/** The error that `print` throws to report why a film failed, by a defined term of PS3.3 §C.13.9.1, such as SUPPLY EMPTY. */
export class PrintFault extends CodedError {
  static override readonly name: string = 'PrintFault';
  readonly code = 'PRINT_FAULT';
  /** (2100,0030) Execution Status Info. */
  readonly info: string;

  constructor(info: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.info = info;
  }
}

const PRIORITIES: readonly string[] = ['HIGH', 'MED', 'LOW'];
/** Number of ended jobs that are remembered for users that did not confirm the event of their end. */
const MOST_ENDED = 100;

/** The attributes of a job that is ordered now (PS3.3 §C.13.8). */
export function jobAttributes(
  { PrintPriority, FilmSessionLabel }: UntypedDataSet,
  originator: string,
  printer: UntypedDataSet = {},
): UntypedDataSet {
  const now = new Date();
  const two = (number: number) => String(number).padStart(2, '0');
  return {
    PrintPriority: text(PrintPriority) || 'MED',
    CreationDate: `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`,
    CreationTime: `${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`,
    PrinterName: text(printer.PrinterName),
    Originator: originator,
    FilmSessionLabel: text(FilmSessionLabel),
  };
}
