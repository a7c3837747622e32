// The provider of Print Management: the instances that users create, the queue of print jobs, and the printer (PS3.4 Annex H).

import { isValidUid } from '@x/net/internal';
import { checkOptions } from '@x/pdu/internal';
import type { UntypedDataSet } from '../../data-set/data-set-values.ts';
import { byKeyword } from '../../data-set/misfits.ts';
import { DimseError } from '../../message/errors.ts';
import { Status } from '../../message/status.ts';
import { makeUid } from '../../registry/make-uid.ts';
import { PRINT_ACTION, PrintStatus, printManagement } from '../../services/print-management.ts';
import { type HandledRequest, type HandlerContext, type Service, serve } from '../../session/service-class.ts';
import type { Provider } from '../../workflow/provider.ts';
import { byteLength } from '../film/print-values.ts';
import { setAnnotationBox } from './annotation-box.ts';
import { createFilmBox, filmStatus, isFailure, setFilmBox } from './film-box.ts';
import { filmSessionAttributes, sessionStatus } from './film-session.ts';
import { setImageBox } from './image-box.ts';
import { parsePresentationLut } from './presentation-lut.ts';
import { PrintAssociation, withReferencedLut } from './print-association.ts';
import { jobAttributes, type PrintJob, PrintQueue } from './print-job.ts';
import { PROVIDER_OPTIONS, type PrintProviderOptions } from './print-provider-options.ts';
import { PrintReports } from './print-reports.ts';
import { answered, describePrinter, type PrinterStatus, printerAttributes } from './printer.ts';

type Request<Operation extends keyof typeof printManagement.operations> = HandledRequest<
  typeof printManagement,
  Operation
>;

/**
 * A printer. If the user has negotiated the Print Job SOP class, the response to an order is sent when the order is stored,
 * and events report the progress. For other users, which could not learn the outcome later, the response is sent when the film
 * is printed. Ordered films are printed even if the association ends.
 */
export class PrintProvider implements Provider {
  readonly service: Service;
  readonly #options: PrintProviderOptions;
  readonly #associations = new Map<object, PrintAssociation>();
  readonly #queue: PrintQueue;
  #isClosing = false;
  readonly #reports = new PrintReports();
  #status: PrinterStatus = { status: 'NORMAL' };

  constructor(options: PrintProviderOptions) {
    this.#options = checkOptions(PROVIDER_OPTIONS, options);
    const { print, store, maximumPrintJobs = 32, maximumQueuedBytes = 512 * MEBIBYTE, onFailure } = options;
    this.#queue = new PrintQueue({
      print,
      store,
      maximumJobs: maximumPrintJobs,
      maximumJobsOfPeer: options.maximumPrintJobsOfPeer ?? maximumPrintJobs,
      maximumBytes: maximumQueuedBytes,
      onChange: (job) => this.#reports.jobChanged(job),
      onFailure,
    });
    this.service = serve(
      printManagement,
      {
        create: (request, context) => this.#create(request, context),
        set: (request, context) => this.#set(request, context),
        action: (request, context) => this.#action(request, context),
        delete: (request, context) => this.#delete(request, context),
        get: (request, context) => this.#get(request, context),
      },
      { maximumDataSetLength: options.maximumDataSetLength ?? 64 * MEBIBYTE },
    );
  }

  /** Number of film sessions on all associations. */
  get filmSessions(): number {
    return [...this.#associations.values()].filter(({ filmSession }) => filmSession).length;
  }

  /** The current status of the printer. */
  get printerStatus(): PrinterStatus {
    return this.#status;
  }

  /** Changes the status of the printer, and reports it to the users that have sent a request on their association (§H.4.6.2.1). */
  changePrinterStatus(status: PrinterStatus): void {
    const { status: before, info = 'NORMAL' } = this.#status;
    this.#status = status;
    if (before === status.status && info === (status.info ?? 'NORMAL')) return;
    this.#reports.printerChanged(status, this.#options.printer, [...this.#associations.values()]);
  }

  /** Prints the orders of processes that have ended. Call it every few seconds if several processes use the store. */
  takeOver(): void {
    if (!this.#isClosing) this.#queue.takeOver();
  }

  /** Settles when every order is printed or has failed. Close the SCP first, so that no more orders arrive. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#queue.settled();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #association({ session }: HandlerContext): PrintAssociation {
    const known = this.#associations.get(session);
    if (known) return known;
    const made = new PrintAssociation(session);
    // The association may have ended while its request was read.
    if (!session.association.isEstablished) return made;
    this.#associations.set(session, made);
    void session.association.closed.then(() => this.#associations.delete(session));
    return made;
  }

  #create({ sopClass, sopInstance: uid = makeUid(), attributes = {} }: Request<'create'>, context: HandlerContext) {
    if (!isValidUid(uid)) throw new DimseError(Status.InvalidSopInstance);
    const association = this.#association(context);
    association.expectNew(uid);
    const given = byKeyword(attributes);
    const asked = withReferencedLut(association, given);
    this.#expectRoom(association, given);
    if (sopClass === FilmSession.uid) return this.#createFilmSession(association, uid, asked);
    if (sopClass === FilmBox.uid) return this.#createFilmBox(association, uid, asked, context);
    parsePresentationLut(given);
    const { presentationLuts } = association;
    if (presentationLuts.size >= MOST_PRESENTATION_LUTS) throw new DimseError(Status.ResourceLimitation);
    const { PresentationLUTSequence, PresentationLUTShape } = given;
    presentationLuts.set(uid, { PresentationLUTSequence, PresentationLUTShape });
    return { status: Status.Success, sopInstance: uid };
  }

  #createFilmSession(association: PrintAssociation, uid: string, asked: UntypedDataSet) {
    if (association.filmSession)
      throw new DimseError(Status.ResourceLimitation, { errorComment: 'an association has one film session' });
    const { status, attributes } = filmSessionAttributes({}, asked);
    association.filmSession = { uid, attributes, filmBoxes: new Map() };
    return { status, sopInstance: uid, attributes };
  }

  #createFilmBox(
    association: PrintAssociation,
    uid: string,
    asked: UntypedDataSet,
    { abstractSyntax }: HandlerContext,
  ) {
    const { filmBoxes } = association.filmSessionOf();
    association.expectFilmSessionReference(asked);
    if (filmBoxes.size >= (this.#options.maximumFilmBoxes ?? 32)) throw new DimseError(Status.ResourceLimitation);
    // The context determines whether the film has gray or color images (§H.3.2).
    const imageBoxClass = abstractSyntax === ColorMeta.uid ? ColorImageBox.uid : GrayscaleImageBox.uid;
    const hasAnnotations = association.hasNegotiated(AnnotationBox.uid);
    const { status, filmBox } = createFilmBox(asked, this.#options, { imageBoxClass, hasAnnotations });
    filmBoxes.set(uid, filmBox);
    const references = (sopClass: string, boxes: ReadonlyMap<string, unknown>) =>
      [...boxes.keys()].map((each) => ({ ReferencedSOPClassUID: sopClass, ReferencedSOPInstanceUID: each }));
    const annotations = references(AnnotationBox.uid, filmBox.annotationBoxes);
    const { PresentationLUTSequence: _, PresentationLUTShape: __, ...attributes } = filmBox.attributes;
    return {
      status,
      sopInstance: uid,
      attributes: {
        ...attributes,
        ReferencedImageBoxSequence: references(imageBoxClass, filmBox.imageBoxes),
        ...(annotations.length > 0 && { ReferencedBasicAnnotationBoxSequence: annotations }),
      },
    };
  }

  #set({ sopClass, sopInstance, attributes }: Request<'set'>, context: HandlerContext): number {
    const association = this.#association(context);
    const isImage = sopClass === GrayscaleImageBox.uid || sopClass === ColorImageBox.uid;
    // An instance that does not exist is reported before any other fault.
    association.expect(sopClass, sopInstance);
    const changes = withReferencedLut(association, byKeyword(attributes));
    if (isImage) {
      const room = this.#maximumImageBytes - association.bytes;
      return setImageBox(association.holderOf(sopClass, sopInstance), sopInstance, changes, this.#options, room);
    }
    this.#expectRoom(association, changes);
    if (sopClass === FilmSession.uid) {
      const filmSession = association.filmSessionOf(sopInstance);
      const { status, attributes: changed } = filmSessionAttributes(filmSession.attributes, changes);
      filmSession.attributes = changed;
      return status;
    }
    if (sopClass === FilmBox.uid) return setFilmBox(association.filmBoxOf(sopInstance), changes, this.#options);
    setAnnotationBox(association.holderOf(sopClass, sopInstance), sopInstance, changes);
    return Status.Success;
  }

  async #action({ sopClass, sopInstance, actionType }: Request<'action'>, context: HandlerContext) {
    const association = this.#association(context);
    association.expect(sopClass, sopInstance);
    if (actionType !== PRINT_ACTION) throw new DimseError(Status.NoSuchActionType);
    const filmSession = association.filmSessionOf();
    const isFilm = sopClass === FilmBox.uid;
    const filmBoxes = isFilm ? [association.filmBoxOf(sopInstance)] : [...filmSession.filmBoxes.values()];
    if (filmBoxes.length === 0) throw new DimseError(PrintStatus.NoFilmBoxes);
    const statuses = filmBoxes.map((filmBox) => filmStatus(filmBox, this.#options));
    const refused = statuses.find(isFailure);
    if (refused !== undefined) throw new DimseError(refused);
    const films = filmBoxes.map((filmBox) => association.printedFilm(filmBox));
    const isFollowed = association.hasNegotiated(PrintJobClass.uid);
    const attributes = jobAttributes(filmSession.attributes, context.callingAeTitle, this.#options.printer);
    const job = await this.#queue.order(
      films,
      attributes,
      isFilm ? PrintStatus.QueueFullForFilmBox : PrintStatus.QueueFullForFilmSession,
      isFollowed,
    );
    const status = isFilm ? (statuses[0] ?? Status.Success) : sessionStatus(filmSession, statuses);
    const answer = { status, sopInstance, actionType };
    if (!isFollowed) {
      await this.#printed(job);
      return answer;
    }
    this.#reports.follow(job, association.session, () => this.#queue.forget(job.sopInstance));
    const reference = { ReferencedSOPClassUID: PrintJobClass.uid, ReferencedSOPInstanceUID: job.sopInstance };
    return { ...answer, reply: { ReferencedPrintJobSequence: [reference] } };
  }

  /** Waits for a job whose user does not follow it. @throws the DimseError of `print`, else a DimseError with 0110H. */
  async #printed(job: PrintJob): Promise<void> {
    try {
      await job.printed;
    } catch (error) {
      if (error instanceof DimseError) throw error;
      throw new DimseError(Status.ProcessingFailure, { errorComment: 'the film could not be printed', cause: error });
    } finally {
      this.#queue.forget(job.sopInstance);
    }
  }

  #delete({ sopClass, sopInstance }: Request<'delete'>, context: HandlerContext): number {
    const association = this.#association(context);
    association.expect(sopClass, sopInstance);
    // The boxes of an instance are deleted with it; print jobs have their own copy.
    if (sopClass === FilmBox.uid) association.filmSessionOf().filmBoxes.delete(sopInstance);
    else if (sopClass === FilmSession.uid) association.filmSession = undefined;
    else association.presentationLuts.delete(sopInstance);
    return Status.Success;
  }

  #get({ sopClass, sopInstance, attributeIdentifiers = [] }: Request<'get'>, context: HandlerContext) {
    // A user that only queries the printer also receives its events.
    this.#association(context);
    if (sopClass !== PrintJobClass.uid)
      return describePrinter(
        { sopClass, sopInstance },
        printerAttributes(this.#status, this.#options.printer ?? {}),
        attributeIdentifiers,
      );
    const job = this.#queue.job(sopInstance);
    if (!job) throw new DimseError(Status.NoSuchSopInstance, { errorComment: 'there is no such print job' });
    const { attributes, executionStatus, executionStatusInfo } = job;
    const { PrintJobID: _, FilmSessionLabel: __, ...own } = attributes;
    const status = { ExecutionStatus: executionStatus, ExecutionStatusInfo: executionStatusInfo };
    return answered({ ...own, ...status }, attributeIdentifiers);
  }

  get #maximumImageBytes(): number {
    return this.#options.maximumImageBytes ?? 128 * MEBIBYTE;
  }

  #expectRoom(association: PrintAssociation, attributes: UntypedDataSet): void {
    if (association.bytes + byteLength(attributes) > this.#maximumImageBytes)
      throw new DimseError(Status.ResourceLimitation, {
        errorComment: 'the instances of the association are too large',
      });
  }
}

const MEBIBYTE = 1024 * 1024;
const MOST_PRESENTATION_LUTS = 32;
const { FilmSession, FilmBox, ColorMeta, ColorImageBox, GrayscaleImageBox, AnnotationBox } = printManagement.sopClasses;
const { PrintJob: PrintJobClass } = printManagement.sopClasses;
