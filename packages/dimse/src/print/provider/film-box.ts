// Basic Film Box: one film with its image boxes and annotation boxes (PS3.4 §H.4.2). No I/O.

import { number, text } from '../../data-set/access.ts';
import { isElement, type UntypedDataSet } from '../../data-set/data-set-values.ts';
import { Status } from '../../message/status.ts';
import { makeUid } from '../../registry/make-uid.ts';
import { attributeFault, checkPresence } from '../../services/attribute-requirements.ts';
import { PrintStatus } from '../../services/print-management.ts';
import { imageBoxPlaces } from '../film/film-layout.ts';
import { filmSizeOf } from '../film/film-size.ts';
import { filmAreas, type ImagePlacement, type PrinterGeometry, placeImage } from '../film/image-placement.ts';
import { printImageOf } from '../film/print-image.ts';
import { FILM_BOX_VALUES, supportedValues } from '../film/print-values.ts';

/** A film box with the attributes of its image boxes and annotation boxes, by UID; undefined for a box that was not set. */
export interface FilmBox {
  attributes: UntypedDataSet;
  /** UID of the SOP class of its image boxes. */
  readonly imageBoxClass: string;
  readonly imageBoxes: Map<string, UntypedDataSet | undefined>;
  readonly annotationBoxes: Map<string, UntypedDataSet | undefined>;
}

/** A range of optical densities, in hundredths. */
export interface DensityRange {
  /** The lightest density. */
  readonly minimum: number;
  /** The darkest density. */
  readonly maximum: number;
}

/** The abilities of a printer. */
export interface PrinterAbilities {
  /** The geometry of its films. With it, the printer warns of images that are larger than their boxes. */
  readonly geometry?: PrinterGeometry | undefined;
  /** The densities it can print. Others are replaced by the nearest of these, with a warning. Default: any. */
  readonly densities?: DensityRange | undefined;
  /**
   * The number of annotation boxes by Annotation Display Format ID, which the printer defines. An unknown format is replaced
   * by the first. Default: no formats.
   */
  readonly annotationFormats?: Readonly<Record<string, number>> | undefined;
}

/**
 * Creates a film box with the requested attributes that the printer supports.
 * @throws DimseError 0120H, 0121H or 0106H for an image display format that is missing, empty or not supported.
 */
export function createFilmBox(
  asked: UntypedDataSet,
  abilities: PrinterAbilities,
  { imageBoxClass, hasAnnotations }: { readonly imageBoxClass: string; readonly hasAnnotations: boolean },
): { readonly status: number; readonly filmBox: FilmBox } {
  checkPresence(asked, [{ keyword: 'ImageDisplayFormat', type: 1 }]);
  const format = text(asked.ImageDisplayFormat);
  const places = imageBoxPlaces(format);
  if (!places) throw attributeFault(Status.InvalidAttributeValue, ['ImageDisplayFormat'], 'not supported');
  const { status, attributes } = filmBoxAttributes({ ...asked, ImageDisplayFormat: format }, abilities);
  const [annotations, replaced] = hasAnnotations ? annotationCount(asked, abilities) : [0, false];
  return {
    status: status === Status.Success && replaced ? Status.AttributeValueOutOfRange : status,
    filmBox: {
      attributes,
      imageBoxClass,
      imageBoxes: new Map(places.map(() => [makeUid(), undefined])),
      annotationBoxes: new Map(Array.from({ length: annotations }, () => [makeUid(), undefined])),
    },
  };
}

/** Changes a film box. @throws DimseError 0106H if the image display format or annotation display format would change. */
export function setFilmBox(filmBox: FilmBox, changes: UntypedDataSet, abilities: PrinterAbilities): number {
  // The boxes of the film were made for them.
  for (const keyword of ['ImageDisplayFormat', 'AnnotationDisplayFormatID']) {
    const isAnother = changes[keyword] !== undefined && text(changes[keyword]) !== text(filmBox.attributes[keyword]);
    if (isAnother)
      throw attributeFault(Status.InvalidAttributeValue, [keyword], 'cannot be changed after the film box was created');
  }
  const { ImageDisplayFormat: _, ...others } = changes;
  const { status, attributes } = filmBoxAttributes(others, abilities);
  filmBox.attributes = { ...filmBox.attributes, ...attributes };
  return status;
}

/** The status of a film that is to be printed: the first failure of its images, else their first warning. */
export function filmStatus(
  { attributes, imageBoxes, annotationBoxes }: FilmBox,
  { geometry }: PrinterAbilities,
): number {
  const boxes = [...imageBoxes.values()];
  if (!boxes.some((box) => box)) return PrintStatus.EmptyPage;
  if (!geometry) return Status.Success;
  const statuses = boxes.map((box, position) => {
    return box ? placement(box, attributes, position, geometry, annotationBoxes.size > 0).status : Status.Success;
  });
  return statuses.find(isFailure) ?? statuses.find((status) => status !== 0) ?? Status.Success;
}

/** Whether a status of printing is a failure: the warnings of PS3.4 §H.4 are B6xxH, its failures C6xxH. */
export function isFailure(status: number): boolean {
  return status >= 0xc000;
}

/** The place on the film of the image in an image box. `position` counts from 0. */
export function placement(
  imageBox: UntypedDataSet,
  filmBox: UntypedDataSet,
  position: number,
  geometry: PrinterGeometry,
  hasAnnotations: boolean,
): ImagePlacement {
  const { imageBoxes } = filmAreas(filmBox, geometry, hasAnnotations);
  const [image, area] = [printImageOf(imageBox), imageBoxes[position]];
  if (!image || !area) throw new TypeError(`the film has no image at position ${position + 1}`);
  return placeImage(image, imageBox, filmBox, area, geometry);
}

/** The densities limited to the range of the printer, and whether they were in range. */
export function supportedDensities(
  asked: UntypedDataSet,
  { minimum, maximum }: DensityRange,
): { readonly densities: UntypedDataSet; readonly areInRange: boolean } {
  const entries = ['MinDensity', 'MaxDensity'].flatMap((keyword) => {
    const density = number(asked[keyword]);
    return density === undefined ? [] : [[keyword, Math.max(minimum, Math.min(maximum, density))] as const];
  });
  const densities = Object.fromEntries(entries);
  const areInRange = entries.every(([keyword, density]) => density === number(asked[keyword]));
  return { densities, areInRange };
}

function filmBoxAttributes(asked: UntypedDataSet, { densities: range }: PrinterAbilities) {
  const { attributes, unsupported } = supportedValues(asked, {
    ...FILM_BOX_VALUES,
    FilmSizeID: (value) => filmSizeOf(text(value)) !== undefined,
  });
  const { densities, areInRange } = range ? supportedDensities(attributes, range) : { densities: {}, areInRange: true };
  const others = unsupported.length > 0 ? Status.AttributeValueOutOfRange : Status.Success;
  return { status: areInRange ? others : PrintStatus.DensityOutOfRange, attributes: { ...attributes, ...densities } };
}

/** The number of annotation boxes, and whether another format replaces the requested one. */
function annotationCount(
  { AnnotationDisplayFormatID }: UntypedDataSet,
  { annotationFormats = {} }: PrinterAbilities,
): [count: number, isReplaced: boolean] {
  const format = isElement(AnnotationDisplayFormatID) ? '' : text(AnnotationDisplayFormatID);
  if (format === '') return [0, false];
  const own = Object.hasOwn(annotationFormats, format) ? annotationFormats[format] : undefined;
  return own === undefined ? [Object.values(annotationFormats)[0] ?? 0, true] : [own, false];
}
