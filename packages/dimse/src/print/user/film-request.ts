// Printing a film: a film session, its film box, image boxes and annotation boxes, and the order (PS3.4 §H.4.1 to §H.4.4).

import { items } from '../../data-set/access.ts';
import type { DataSetInput } from '../../data-set/dataset.ts';
import { Status } from '../../message/status.ts';
import { PRINT_ACTION, printManagement } from '../../services/print-management.ts';
import type { CallOptions } from '../../session/call-options.ts';
import type { Client, ServiceSession } from '../../session/service-class.ts';
import { referencedInstance } from '../film/print-values.ts';

/** A film to print. */
export interface FilmRequest {
  /** (2010,0010) Image Display Format: `STANDARD\2,2`, `ROW\1,2`, `COL\2,1`. */
  readonly format: string;
  /**
   * Images by position, each with the attributes of the Basic Grayscale or Color Image Sequence of PS3.3 §C.13.5: Rows,
   * Columns, PixelData … Undefined leaves a box empty.
   */
  readonly images: readonly (DataSetInput | undefined)[];
  /**
   * Whether the images are in color. Default false. The session must have proposed the meta SOP class of that kind, and not
   * the other one.
   */
  readonly isColor?: boolean;
  /** Attributes of the film session: NumberOfCopies, PrintPriority, MediumType, FilmDestination … */
  readonly filmSession?: DataSetInput;
  /** Attributes of the film box: FilmOrientation, FilmSizeID, MagnificationType, BorderDensity … */
  readonly filmBox?: DataSetInput;
  /** Attributes of each image box: Polarity, RequestedImageSize, RequestedDecimateCropBehavior … */
  readonly imageBox?: DataSetInput;
  /** Texts on the film. The session must have proposed the Basic Annotation Box SOP class. */
  readonly annotations?: FilmAnnotations;
  /**
   * The Presentation LUT of the film (PS3.3 §C.11.4): PresentationLUTShape, or PresentationLUTSequence. The session must have
   * proposed its SOP class.
   */
  readonly presentationLut?: DataSetInput;
}

/** Texts on a film. */
export interface FilmAnnotations {
  /** (2010,0030) Annotation Display Format ID: see the conformance statement of the printer. */
  readonly format: string;
  /** Texts by position, each of at most 64 characters. Undefined leaves a box empty. */
  readonly texts: readonly (string | undefined)[];
}

/** The outcome of printing a film. */
export interface FilmResponse {
  /** The first status that is not Success, or Success. */
  readonly status: number;
  /** SOP Instance UID of the print job, if the printer has created one: see `PrintUser.jobEnded`. */
  readonly printJob: string | undefined;
}

/** Prints one film: see `PrintUser.printFilm`. */
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
  // Otherwise the instances exist as long as the association.
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
  // The film box is deleted with its film session.
  const box = told(await client.create({ sopClass: FilmBox.uid, attributes }, options));
  const imageBoxes = items(box.attributes?.ReferencedImageBoxSequence);
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
  const annotationBoxes = items(box.attributes?.ReferencedBasicAnnotationBoxSequence);
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

const { FilmSession, FilmBox, ColorImageBox, GrayscaleImageBox, AnnotationBox, PresentationLut } =
  printManagement.sopClasses;

/** The instances that were created for one film, which are deleted afterwards, the last one first. */
class Made implements AsyncDisposable {
  readonly #client: Client<typeof printManagement>;
  readonly #options: CallOptions;
  readonly #instances: { readonly sopClass: string; readonly sopInstance: string }[] = [];

  constructor(client: Client<typeof printManagement>, options: CallOptions) {
    this.#client = client;
    this.#options = options;
  }

  async create(sopClass: string, attributes: DataSetInput) {
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

function reference(sopClass: string, sopInstance: string): DataSetInput {
  return { ReferencedSOPClassUID: sopClass, ReferencedSOPInstanceUID: sopInstance };
}

function expectBoxes(what: string, count: number, boxes: number): void {
  if (count > boxes) throw new RangeError(`${count} ${what} for ${boxes} boxes`);
}

/** The Specific Character Set for a text that is not in the default repertoire (PS3.3 §C.12.1.1.2). */
function characterSetOf(text: string): DataSetInput {
  return /^[\x20-\x7e]*$/.test(text) ? {} : { SpecificCharacterSet: 'ISO_IR 192' };
}
