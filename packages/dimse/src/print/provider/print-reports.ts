// Events of print jobs and of the printer, which are reported on the associations of users (PS3.4 §H.4.5.2.1, §H.4.6.2.1).

import { text } from '../../data-set/access.ts';
import type { DataSetInput } from '../../data-set/data-set-values.ts';
import { PRINTER_INSTANCE, PrintJobEvent, printManagement } from '../../services/print-management.ts';
import type { ServiceSession } from '../../session/service-class.ts';
import { nextTurn } from '../../turns.ts';
import type { PrintAssociation } from './print-association.ts';
import type { ExecutionStatus, PrintJob } from './print-job.ts';
import { PRINTER_EVENTS, type PrinterStatus } from './printer.ts';

/** Reports the states of print jobs in order, and the status of the printer: to a slow user, only the latest status. */
export class PrintReports {
  readonly #followed = new Map<string, FollowedJob>();
  readonly #told = new Map<ServiceSession, { next: PrinterStatus | undefined }>();

  /** Reports each state of a job from now on. `confirmed` is called when the user has confirmed the last one. */
  follow(job: PrintJob, session: ServiceSession, confirmed: () => void): void {
    // The response to the order goes first, because it names the job.
    const followed: FollowedJob = { session, confirmed, told: nextTurn() };
    this.#followed.set(job.sopInstance, followed);
    this.#report(followed, job, 'PENDING', 'QUEUED');
    if (job.executionStatus !== 'PENDING') this.jobChanged(job);
  }

  jobChanged(job: PrintJob): void {
    const followed = this.#followed.get(job.sopInstance);
    if (followed) this.#report(followed, job, job.executionStatus, job.executionStatusInfo);
  }

  printerChanged(status: PrinterStatus, printer: DataSetInput = {}, associations: readonly PrintAssociation[]): void {
    for (const association of associations) {
      if (!association.hasNegotiated(Printer.uid)) continue;
      const telling = this.#told.get(association.session);
      if (telling) telling.next = status;
      else void this.#tellPrinter(association, status, printer);
    }
  }

  #report(followed: FollowedJob, job: PrintJob, status: ExecutionStatus, info: string): void {
    const { FilmSessionLabel, PrinterName } = job.attributes;
    const { session, confirmed } = followed;
    const isLast = status === 'DONE' || status === 'FAILURE';
    if (isLast) this.#followed.delete(job.sopInstance);
    const event = {
      sopClass: PrintJobClass.uid,
      sopInstance: job.sopInstance,
      eventType: JOB_EVENTS[status],
      information: { ExecutionStatusInfo: info, FilmSessionLabel, PrinterName },
    };
    // If the association has ended, the user can query the job on another one.
    followed.told = followed.told
      .then(() => session.use(printManagement).eventReport(event))
      .then(
        () => (isLast ? confirmed() : undefined),
        () => {},
      );
  }

  async #tellPrinter(
    { session, filmSession }: PrintAssociation,
    first: PrinterStatus,
    printer: DataSetInput,
  ): Promise<void> {
    const telling = { next: first as PrinterStatus | undefined };
    this.#told.set(session, telling);
    try {
      while (telling.next) {
        const { status, info = 'NORMAL' } = telling.next;
        telling.next = undefined;
        const information = {
          PrinterStatusInfo: info,
          FilmDestination: text(filmSession?.attributes.FilmDestination),
          PrinterName: text(printer.PrinterName),
        };
        const event = { sopClass: Printer.uid, sopInstance: PRINTER_INSTANCE, eventType: PRINTER_EVENTS[status] };
        await session.use(printManagement).eventReport({ ...event, information });
      }
    } catch {
      // The association has ended, or the user does not support events.
    }
    this.#told.delete(session);
  }
}

interface FollowedJob {
  readonly session: ServiceSession;
  readonly confirmed: () => void;
  told: Promise<void>;
}

const JOB_EVENTS: Readonly<Record<ExecutionStatus, number>> = {
  PENDING: PrintJobEvent.Pending,
  PRINTING: PrintJobEvent.Printing,
  DONE: PrintJobEvent.Done,
  FAILURE: PrintJobEvent.Failure,
};
const { PrintJob: PrintJobClass, Printer } = printManagement.sopClasses;
