// Printing as a user: a film session, its film box, its image boxes, and the order to print (PS3.4 §H.4.1 to §H.4.3).

import type { DataSet } from './dataset.ts';
import type { CallOptions, ServiceSession } from './service-class.ts';
import { PRINT_ACTION, PRINTER_INSTANCE, printManagement } from './services/print-management.ts';
import { Status } from './status.ts';

/** A film to be printed. */
export interface FilmRequest {
  /** (2010,0010): `STANDARD\2,2`, `ROW\1,2`, `COL\2,1`. */
  readonly format: string;
  /**
   * Images by position, each the attributes of PS3.3 §C.13.5 Basic Grayscale or Color Image Sequence: Rows, Columns, PixelData …
   * Undefined leaves a box empty.
   */
  readonly images: readonly (DataSet | undefined)[];
  /** Whether the images are in color: the session must have proposed it. Default no. */
  readonly isColor?: boolean;
  /** Of the film session: NumberOfCopies, PrintPriority, MediumType, FilmDestination … */
  readonly filmSession?: DataSet;
  /** Of the film box: FilmOrientation, FilmSizeID, MagnificationType, BorderDensity … */
  readonly filmBox?: DataSet;
}

/** What became of a film: the first status that is not Success, or Success. */
export interface FilmResponse {
  readonly status: number;
}

/**
 * Prints one film: creates the film session and the box, sets the images, has it printed, and deletes the session.
 * @throws DimseError for a failure status; RangeError for more images than the printer has made boxes for.
 */
export async function printFilm(
  session: ServiceSession,
  { format, images, isColor = false, filmSession = {}, filmBox = {} }: FilmRequest,
  options: CallOptions = {},
): Promise<FilmResponse> {
  const { FilmSession, FilmBox, ColorImageBox, GrayscaleImageBox } = printManagement.sopClasses;
  const client = session.use(printManagement);
  const statuses: number[] = [];
  const told = <R extends { readonly status: number }>(response: R): R => {
    statuses.push(response.status);
    return response;
  };
  const created = told(await client.create({ sopClass: FilmSession.uid, attributes: filmSession }, options));
  const film = { sopClass: FilmSession.uid, sopInstance: created.sopInstance ?? '' };
  try {
    const box = told(
      await client.create(
        {
          sopClass: FilmBox.uid,
          attributes: {
            ImageDisplayFormat: format,
            ...filmBox,
            ReferencedFilmSessionSequence: [
              { ReferencedSOPClassUID: FilmSession.uid, ReferencedSOPInstanceUID: film.sopInstance },
            ],
          },
        },
        options,
      ),
    );
    const references = (box.attributes?.ReferencedImageBoxSequence ?? []) as readonly DataSet[];
    if (images.length > references.length)
      throw new RangeError(`${images.length} images for ${references.length} image boxes`);
    const sopClass = isColor ? ColorImageBox.uid : GrayscaleImageBox.uid;
    const sequence = isColor ? 'BasicColorImageSequence' : 'BasicGrayscaleImageSequence';
    for (const [index, image] of images.entries()) {
      if (!image) continue;
      const sopInstance = String(references[index]?.ReferencedSOPInstanceUID);
      const attributes = { ImageBoxPosition: index + 1, [sequence]: [image] };
      told(await client.set({ sopClass, sopInstance, attributes }, options));
    }
    const printed = { sopClass: FilmBox.uid, sopInstance: box.sopInstance ?? '', actionType: PRINT_ACTION };
    told(await client.action(printed, options));
  } finally {
    // Else it lives as long as the association.
    const { signal: _, ...rest } = options;
    await client.delete(film, rest).catch(() => {});
  }
  return { status: statuses.find((status) => status !== Status.Success) ?? Status.Success };
}

/** The printer's status and what else it tells of itself: PS3.3 §C.13.9. */
export async function printerStatus(session: ServiceSession, options: CallOptions = {}): Promise<DataSet> {
  const { Printer } = printManagement.sopClasses;
  const request = { sopClass: Printer.uid, sopInstance: PRINTER_INSTANCE };
  const { attributes = {} } = await session.use(printManagement).get(request, options);
  return attributes;
}
