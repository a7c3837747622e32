// The user of Print Management: prints films, and follows print jobs by the printer's events and by queries (PS3.4 Annex H).

import { TimeoutError } from '@x/net';
import { Condition, onAbort } from '@x/net/internal';
import { aListOf, aNumber, anything, aSignal, aValueOf, checkOptions, type OptionTable } from '@x/pdu/internal';
import { text } from '../../data-set/access.ts';
import type { DataSet } from '../../data-set/dataset.ts';
import { DimseError } from '../../message/errors.ts';
import { Status } from '../../message/status.ts';
import { PRINTER_INSTANCE, printManagement } from '../../services/print-management.ts';
import type { CallOptions } from '../../session/call-options.ts';
import { type Service, type ServiceSession, serve } from '../../session/service-class.ts';
import type { ExecutionStatus } from '../provider/print-job.ts';
import type { PrinterStatus } from '../provider/printer.ts';
import { type FilmRequest, type FilmResponse, printFilm } from './film-request.ts';

/** The state of a print job: PS3.3 §C.13.8. */
export interface PrintJobState {
  /** (2100,0020) Execution Status. */
  readonly executionStatus: ExecutionStatus;
  /** A defined term: NORMAL, QUEUED, SUPPLY EMPTY … */
  readonly executionStatusInfo: string;
}

/** Options of a `PrintUser`. */
export interface PrintUserOptions {
  /** Called with each state of a print job that the printer reports. */
  readonly onJobChange?: (printJob: string, state: PrintJobState) => void;
  /** Called when the printer reports a change of its status. */
  readonly onPrinterChange?: (status: PrinterStatus) => void;
}

/** Options for waiting for the end of a print job. */
export interface JobEndOptions {
  /** Milliseconds to wait for the end of the job. Default 10 min. */
  readonly timeout?: number;
  /** Milliseconds without an event after which the printer is queried. Default 5 s. */
  readonly interval?: number;
  /** Ends the wait; the job goes on. */
  readonly signal?: AbortSignal;
}

/**
 * Prints films, and follows print jobs to their end. To follow jobs, the session has to propose the Print Job SOP class and
 * serve the `service`.
 */
export class PrintUser {
  /** Takes the events of printers: for `serves` of `openSession`. */
  readonly service: Service;
  readonly #states = new Map<string, PrintJobState>();
  readonly #change = new Condition();

  constructor(options?: PrintUserOptions) {
    const { onJobChange, onPrinterChange } = checkOptions(USER_OPTIONS, options);
    this.service = serve(printManagement, {
      eventReport: ({ sopClass, sopInstance, eventType, information = {} }) => {
        if (sopClass === printManagement.sopClasses.Printer.uid) {
          const status = PRINTER_STATUSES[eventType];
          if (!status) throw new DimseError(Status.NoSuchEventType);
          if (sopInstance !== PRINTER_INSTANCE) throw new DimseError(Status.NoSuchSopInstance);
          onPrinterChange?.({ status, info: text(information.PrinterStatusInfo) || 'NORMAL' });
          return Status.Success;
        }
        const executionStatus = EXECUTION_STATUSES[eventType];
        if (!executionStatus) throw new DimseError(Status.NoSuchEventType);
        const state = { executionStatus, executionStatusInfo: text(information.ExecutionStatusInfo) };
        this.#keep(sopInstance, state);
        onJobChange?.(sopInstance, state);
        return Status.Success;
      },
    });
  }

  /**
   * Prints one film: creates the film session and the film box, sets the images, orders the print, and deletes the session.
   * @throws DimseError if a response has a failure status; RangeError if there are more images or texts than the printer has
   * made boxes for; TypeError if its image boxes are of the other kind.
   */
  async printFilm(session: ServiceSession, film: FilmRequest, options: CallOptions = {}): Promise<FilmResponse> {
    checkOptions(FILM, film);
    return printFilm(session, film, options);
  }

  /** Gets the printer's status and its other attributes: PS3.3 §C.13.9. */
  async printerStatus(session: ServiceSession, options: CallOptions = {}): Promise<DataSet> {
    const request = { sopClass: printManagement.sopClasses.Printer.uid, sopInstance: PRINTER_INSTANCE };
    const { attributes = {} } = await session.use(printManagement).get(request, options);
    return attributes;
  }

  /**
   * Waits for the end of a print job, DONE or FAILURE. `session` is the one on which it was ordered, or another with the same
   * printer.
   * @throws TimeoutError; the reason of the signal; DimseError with 0112H if the printer does not know the job (any more); the
   * error of a call if the association has ended.
   */
  async jobEnded(session: ServiceSession, printJob: string, options: JobEndOptions = {}): Promise<PrintJobState> {
    const { timeout = 600_000, interval = 5000, signal } = checkOptions(JOB_END_OPTIONS, options);
    const late = AbortSignal.timeout(timeout);
    const given = signal ? AbortSignal.any([signal, late]) : late;
    try {
      for (;;) {
        const state = this.#states.get(printJob);
        if (state && isEnd(state)) return state;
        await this.#changed(printJob, state, interval, given);
        given.throwIfAborted();
        if (this.#states.get(printJob) === state) await this.#ask(session, printJob, given);
      }
    } catch (error) {
      const { peerName } = session.association;
      if (late.aborted && !signal?.aborted)
        throw new TimeoutError('printJob', timeout, `${peerName} did not print ${printJob}`);
      throw error;
    } finally {
      this.#states.delete(printJob);
    }
  }

  async #ask(session: ServiceSession, printJob: string, signal: AbortSignal): Promise<void> {
    const request = { sopClass: printManagement.sopClasses.PrintJob.uid, sopInstance: printJob };
    try {
      const { attributes = {} } = await session.use(printManagement).get(request, { signal });
      const told = text(attributes.ExecutionStatus);
      const executionStatus = Object.values(EXECUTION_STATUSES).find((status) => status === told) ?? 'PENDING';
      this.#keep(printJob, { executionStatus, executionStatusInfo: text(attributes.ExecutionStatusInfo) });
    } catch (error) {
      // The event of its end may have arrived during the query.
      const state = this.#states.get(printJob);
      if (!state || !isEnd(state)) throw error;
    }
  }

  #keep(printJob: string, state: PrintJobState): void {
    // The oldest are those of jobs that no caller waits for.
    if (this.#states.size >= MOST_STATES) this.#states.delete(this.#states.keys().next().value as string);
    this.#states.set(printJob, state);
    this.#change.notify();
  }

  /** Settles when a job is no longer in the state `before`, after the interval, or when the signal aborts. */
  async #changed(
    printJob: string,
    before: PrintJobState | undefined,
    interval: number,
    signal: AbortSignal,
  ): Promise<void> {
    let isOver = false;
    let timer: NodeJS.Timeout | undefined;
    let stopListening: (() => void) | undefined;
    const over = new Promise<void>((resolve) => {
      const end = () => {
        isOver = true;
        resolve();
      };
      timer = setTimeout(end, interval);
      stopListening = onAbort(signal, end);
    });
    while (!isOver && this.#states.get(printJob) === before) await Promise.race([this.#change.wait(), over]);
    clearTimeout(timer);
    stopListening?.();
  }
}

function isEnd({ executionStatus }: PrintJobState): boolean {
  return executionStatus === 'DONE' || executionStatus === 'FAILURE';
}

const MOST_STATES = 1000;
const EXECUTION_STATUSES: Readonly<Record<number, ExecutionStatus>> = {
  1: 'PENDING',
  2: 'PRINTING',
  3: 'DONE',
  4: 'FAILURE',
};
const PRINTER_STATUSES: Readonly<Record<number, PrinterStatus['status']>> = { 1: 'NORMAL', 2: 'WARNING', 3: 'FAILURE' };

const USER_OPTIONS: OptionTable<PrintUserOptions> = {
  of: 'PrintUser',
  rules: { onJobChange: aValueOf('function'), onPrinterChange: aValueOf('function') },
};

const JOB_END_OPTIONS: OptionTable<JobEndOptions> = {
  of: 'jobEnded',
  rules: { timeout: aNumber, interval: aNumber, signal: aSignal },
};

const FILM: OptionTable<FilmRequest> = {
  of: 'printFilm',
  rules: {
    format: aValueOf('string'),
    images: aListOf(anything),
    isColor: aValueOf('boolean'),
    filmSession: aValueOf('object'),
    filmBox: aValueOf('object'),
    imageBox: aValueOf('object'),
    annotations: aValueOf('object'),
    presentationLut: aValueOf('object'),
  },
  required: ['format', 'images'],
};
