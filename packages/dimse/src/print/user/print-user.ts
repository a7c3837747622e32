// Printing as a user: a film session, its film box, its image and annotation boxes, and the order to print (PS3.4 §H.4.1 to §H.4.4).

import type { DataSet } from '../../data-set/dataset.ts';
import { Status } from '../../message/status.ts';
import { PRINT_ACTION, PRINTER_INSTANCE, printManagement } from '../../services/print-management.ts';
import type { CallOptions, Client, ServiceSession } from '../../session/service-class.ts';
import { referencedInstance } from '../film/print-values.ts';

/** A film to be printed. */
export interface FilmRequest {
  /** (2010,0010): `STANDARD\2,2`, `ROW\1,2`, `COL\2,1`. */
  readonly format: string;
  /**
   * Images by position, each the attributes of PS3.3 §C.13.5 Basic Grayscale or Color Image Sequence: Rows, Columns, PixelData …
   * Undefined leaves a box empty.
   */
  readonly images: readonly (DataSet | undefined)[];
  /**
   * Whether the images are in color. Default no. Whichever it is, the session must have proposed that meta SOP class, and
   * not the other.
   */
  readonly isColor?: boolean;
  /** Of the film session: NumberOfCopies, PrintPriority, MediumType, FilmDestination … */
  readonly filmSession?: DataSet;
  /** Of the film box: FilmOrientation, FilmSizeID, MagnificationType, BorderDensity … */
  readonly filmBox?: DataSet;
  /** Of each image box: Polarity, RequestedImageSize, RequestedDecimateCropBehavior … */
  readonly imageBox?: DataSet;
  /** Texts on the film: the session must have proposed the Basic Annotation Box SOP class. */
  readonly annotations?: FilmAnnotations;
  /**
   * The Presentation LUT of the film (PS3.3 §C.11.4): PresentationLUTShape, or PresentationLUTSequence. The session must have
   * proposed its SOP class.
   */
  readonly presentationLut?: DataSet;
}

/** Texts on a film. */
export interface FilmAnnotations {
  /** (2010,0030) Annotation Display Format ID, as the printer's conformance statement has it. */
  readonly format: string;
  /** By position, each of at most 64 characters; undefined leaves a place empty. */
  readonly texts: readonly (string | undefined)[];
}

/** What became of a film. */
export interface FilmResponse {
  /** The first status that is not Success, or Success. */
  readonly status: number;
  /** SOP Instance UID of the print job, where the printer has made one: `PrintJobMonitor` follows it. */
  readonly printJob: string | undefined;
}

/**
 * Prints one film: creates the film session and the box, sets the images, has it printed, and deletes the session.
 * @throws DimseError for a failure status; RangeError for more images or texts than the printer has made boxes for;
 * TypeError where its image boxes are of the other kind.
 */
export async function printFilm(
  session: ServiceSession,
  { format, images, isColor = false, ...request }: FilmRequest,
  options: CallOptions = {},
): Promise<FilmResponse> {
  const client = session.use(printManagement);
  const statuses: number[] = [];
  const told = <R extends { readonly status: number }>(response: R): R => {
    statuses.push(response.status);
    return response;
  };
  // Else they live as long as the association.
  await using made = new Made(client, options);
  const { filmSession = {}, filmBox = {}, imageBox = {}, annotations, presentationLut } = request;
  const lut = presentationLut && told(await made.create(PresentationLut.uid, presentationLut));
  const film = told(await made.create(FilmSession.uid, filmSession));
  const attributes = {
    ImageDisplayFormat: format,
    ...(annotations && { AnnotationDisplayFormatID: annotations.format }),
    ...filmBox,
    ...(lut && { ReferencedPresentationLUTSequence: [reference(PresentationLut.uid, lut.sopInstance)] }),
    ReferencedFilmSessionSequence: [reference(FilmSession.uid, film.sopInstance)],
  };
  // It ends with its film session.
  const box = told(await client.create({ sopClass: FilmBox.uid, attributes }, options));
  const imageBoxes = itemsOf(box.attributes?.ReferencedImageBoxSequence);
  expectBoxes('images', images.length, imageBoxes.length);
  const sopClass = isColor ? ColorImageBox.uid : GrayscaleImageBox.uid;
  if (imageBoxes.some(({ ReferencedSOPClassUID }) => ReferencedSOPClassUID !== sopClass))
    throw new TypeError(`the printer has made image boxes for ${isColor ? 'gray' : 'color'} images`);
  const sequence = isColor ? 'BasicColorImageSequence' : 'BasicGrayscaleImageSequence';
  for (const [index, image] of images.entries()) {
    if (!image) continue;
    const sopInstance = String(imageBoxes[index]?.ReferencedSOPInstanceUID);
    const set = { ...imageBox, ImageBoxPosition: index + 1, [sequence]: [image] };
    told(await client.set({ sopClass, sopInstance, attributes: set }, options));
  }
  const annotationBoxes = itemsOf(box.attributes?.ReferencedBasicAnnotationBoxSequence);
  const texts = annotations?.texts ?? [];
  expectBoxes('texts', texts.length, annotationBoxes.length);
  for (const [index, text] of texts.entries()) {
    if (text === undefined) continue;
    const sopInstance = String(annotationBoxes[index]?.ReferencedSOPInstanceUID);
    const set = { ...characterSetOf(text), AnnotationPosition: index + 1, TextString: text };
    told(await client.set({ sopClass: AnnotationBox.uid, sopInstance, attributes: set }, options));
  }
  const order = { sopClass: FilmBox.uid, sopInstance: box.sopInstance ?? '', actionType: PRINT_ACTION };
  const { reply } = told(await client.action(order, options));
  const status = statuses.find((each) => each !== Status.Success) ?? Status.Success;
  return { status, printJob: referencedInstance(reply?.ReferencedPrintJobSequence) };
}

/** The printer's status and what else it tells of itself: PS3.3 §C.13.9. */
export async function printerStatus(session: ServiceSession, options: CallOptions = {}): Promise<DataSet> {
  const { Printer } = printManagement.sopClasses;
  const request = { sopClass: Printer.uid, sopInstance: PRINTER_INSTANCE };
  const { attributes = {} } = await session.use(printManagement).get(request, options);
  return attributes;
}

const { FilmSession, FilmBox, ColorImageBox, GrayscaleImageBox, AnnotationBox, PresentationLut } =
  printManagement.sopClasses;

/** What was made for one film, and is deleted after it, the last first. */
class Made implements AsyncDisposable {
  readonly #client: Client<typeof printManagement>;
  readonly #options: CallOptions;
  readonly #instances: { readonly sopClass: string; readonly sopInstance: string }[] = [];

  constructor(client: Client<typeof printManagement>, options: CallOptions) {
    this.#client = client;
    this.#options = options;
  }

  async create(sopClass: string, attributes: DataSet) {
    const response = await this.#client.create({ sopClass, attributes }, this.#options);
    const { status, sopInstance = '' } = response;
    this.#instances.unshift({ sopClass, sopInstance });
    return { status, sopInstance };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { signal: _, ...options } = this.#options;
    for (const instance of this.#instances) await this.#client.delete(instance, options).catch(() => {});
  }
}

function reference(sopClass: string, sopInstance: string): DataSet {
  return { ReferencedSOPClassUID: sopClass, ReferencedSOPInstanceUID: sopInstance };
}

function itemsOf(sequence: unknown): readonly DataSet[] {
  return Array.isArray(sequence) ? sequence : [];
}

function expectBoxes(what: string, count: number, boxes: number): void {
  if (count > boxes) throw new RangeError(`${count} ${what} for ${boxes} boxes`);
}

/** What a text is written in, beside the default repertoire (PS3.3 §C.12.1.1.2). */
function characterSetOf(text: string): DataSet {
  return /^[\x20-\x7e]*$/.test(text) ? {} : { SpecificCharacterSet: 'ISO_IR 192' };
}
