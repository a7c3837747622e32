// Following print jobs to their end, by the events a printer sends and by asking for what it has not told: PS3.4 §H.4.5.

import { TimeoutError } from '@x/net';
import { DimseError } from '../../message/errors.ts';
import { Status } from '../../message/status.ts';
import { PRINTER_INSTANCE, printManagement } from '../../services/print-management.ts';
import { type Service, type ServiceSession, serve } from '../../session/service-class.ts';
import { textValue } from '../film/print-values.ts';
import type { ExecutionStatus } from '../provider/print-job.ts';
import type { PrinterStatus } from '../provider/printer.ts';

/** How far a print job is: PS3.3 §C.13.8. */
export interface PrintJobState {
  readonly executionStatus: ExecutionStatus;
  /** A defined term: NORMAL, QUEUED, SUPPLY EMPTY … */
  readonly executionStatusInfo: string;
}

export interface PrintJobMonitorOptions {
  /** Told of each step of a job that the printer reports. */
  readonly jobChanged?: (printJob: string, state: PrintJobState) => void;
  /** Told of the printer's state, when that changes. */
  readonly printerChanged?: (status: PrinterStatus) => void;
}

export interface EndedOptions {
  /** Milliseconds to wait for the job's end. Default 10 min. */
  readonly timeout?: number;
  /** Milliseconds without an event after which the printer is asked. Default 5 s. */
  readonly interval?: number;
  readonly signal?: AbortSignal;
}

/** Takes the events of a printer: `service` is for `serves` of `openSession`, which has to propose the Print Job SOP class. */
export class PrintJobMonitor {
  readonly service: Service;
  readonly #states = new Map<string, PrintJobState>();
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor({ jobChanged, printerChanged }: PrintJobMonitorOptions = {}) {
    this.service = serve(printManagement, {
      eventReport: ({ sopClass, sopInstance, eventType, information = {} }) => {
        if (sopClass === printManagement.sopClasses.Printer.uid) {
          const status = PRINTER_STATUSES[eventType];
          if (!status) throw new DimseError(Status.NoSuchEventType);
          if (sopInstance !== PRINTER_INSTANCE) throw new DimseError(Status.NoSuchSopInstance);
          printerChanged?.({ status, info: textValue(information.PrinterStatusInfo) || 'NORMAL' });
          return Status.Success;
        }
        const executionStatus = EXECUTION_STATUSES[eventType];
        if (!executionStatus) throw new DimseError(Status.NoSuchEventType);
        const state = { executionStatus, executionStatusInfo: textValue(information.ExecutionStatusInfo) };
        this.#keep(sopInstance, state);
        jobChanged?.(sopInstance, state);
        return Status.Success;
      },
    });
  }

  /**
   * How a job has ended: DONE or FAILURE. `session` is the one it was ordered on, or another with the printer.
   * @throws TimeoutError; the signal's reason; DimseError 0112H for a job the printer does not know, or no longer; what a call
   * throws when the association has ended.
   */
  async ended(session: ServiceSession, printJob: string, options: EndedOptions = {}): Promise<PrintJobState> {
    const { timeout = 600_000, interval = 5000, signal } = options;
    const late = AbortSignal.timeout(timeout);
    const given = signal ? AbortSignal.any([signal, late]) : late;
    try {
      for (;;) {
        const state = this.#states.get(printJob);
        if (state && isEnd(state)) return state;
        await this.#changed(printJob, interval, given);
        given.throwIfAborted();
        if (this.#states.get(printJob) === state) await this.#ask(session, printJob, given);
      }
    } catch (error) {
      const { peerName } = session.association;
      if (late.aborted && !signal?.aborted)
        throw new TimeoutError('print job', timeout, `${peerName} did not print ${printJob}`);
      throw error;
    } finally {
      this.#states.delete(printJob);
    }
  }

  async #ask(session: ServiceSession, printJob: string, signal: AbortSignal): Promise<void> {
    const request = { sopClass: printManagement.sopClasses.PrintJob.uid, sopInstance: printJob };
    try {
      const { attributes = {} } = await session.use(printManagement).get(request, { signal });
      const told = textValue(attributes.ExecutionStatus);
      const executionStatus = Object.values(EXECUTION_STATUSES).find((status) => status === told) ?? 'PENDING';
      this.#keep(printJob, { executionStatus, executionStatusInfo: textValue(attributes.ExecutionStatusInfo) });
    } catch (error) {
      // It may have ended, and its event come, while we asked.
      const state = this.#states.get(printJob);
      if (!state || !isEnd(state)) throw error;
    }
  }

  #keep(printJob: string, state: PrintJobState): void {
    // Jobs that nobody asks for, the first of them first.
    if (this.#states.size >= MOST_STATES) this.#states.delete(this.#states.keys().next().value as string);
    this.#states.set(printJob, state);
    for (const wake of this.#waiting.get(printJob) ?? []) wake();
  }

  /** Settles with the next event of a job, after the interval, or when the signal aborts. */
  async #changed(printJob: string, interval: number, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const wakers = this.#waiting.get(printJob) ?? new Set();
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        wakers.delete(wake);
        if (wakers.size === 0) this.#waiting.delete(printJob);
        resolve();
      };
      const timer = setTimeout(wake, interval);
      signal.addEventListener('abort', wake, { once: true });
      this.#waiting.set(printJob, wakers.add(wake));
      if (signal.aborted) wake();
    });
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
