// Basic Film Box: one film, its image boxes and its annotation boxes, PS3.4 §H.4.2. No I/O.

import { type DataSet, isElement } from '../../data-set/data-set-values.ts';
import { Status } from '../../message/status.ts';
import { makeUid } from '../../registry/make-uid.ts';
import { attributeFault, checkPresence } from '../../services/attribute-requirements.ts';
import { PrintStatus } from '../../services/print-management.ts';
import { imageBoxPlaces } from '../film/film-layout.ts';
import { filmSizeOf } from '../film/film-size.ts';
import { filmAreas, type ImagePlacement, type PrinterGeometry, placeImage } from '../film/image-placement.ts';
import { printImageOf } from '../film/print-image.ts';
import { FILM_BOX_VALUES, numberValue, supportedValues, textValue } from '../film/print-values.ts';

/** A film box, and by the UIDs of its image boxes and annotation boxes what these were set to. */
export interface FilmBox {
  attributes: DataSet;
  /** UID of the SOP class of its image boxes. */
  readonly imageBoxClass: string;
  readonly imageBoxes: Map<string, DataSet | undefined>;
  readonly annotationBoxes: Map<string, DataSet | undefined>;
}

/** Hundredths of optical density. */
export interface DensityRange {
  readonly minimum: number;
  readonly maximum: number;
}

/** What a printer can do. */
export interface PrinterAbilities {
  /** Its films: where it is known, images that are larger than their boxes are told of. */
  readonly geometry?: PrinterGeometry | undefined;
  /** The densities it can make: others are replaced by its own, with a warning. Default any. */
  readonly densities?: DensityRange | undefined;
  /**
   * The number of annotation boxes by Annotation Display Format ID, which is the printer's to define. A format that is not
   * among them is replaced by the first. Default none.
   */
  readonly annotationFormats?: Readonly<Record<string, number>> | undefined;
}

/**
 * A film box as it was asked for, as far as the printer can.
 * @throws DimseError 0120H, 0121H or 0106H for an image display format that is missing, empty or not supported.
 */
export function createFilmBox(
  asked: DataSet,
  abilities: PrinterAbilities,
  { imageBoxClass, hasAnnotations }: { readonly imageBoxClass: string; readonly hasAnnotations: boolean },
): { readonly status: number; readonly filmBox: FilmBox } {
  checkPresence(asked, [{ keyword: 'ImageDisplayFormat', type: 1 }]);
  const format = textValue(asked.ImageDisplayFormat);
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

/** Changes a film box. @throws DimseError 0106H for another image display format or annotation display format. */
export function setFilmBox(filmBox: FilmBox, changes: DataSet, abilities: PrinterAbilities): number {
  // Its boxes were made for them.
  for (const keyword of ['ImageDisplayFormat', 'AnnotationDisplayFormatID']) {
    const isAnother =
      changes[keyword] !== undefined && textValue(changes[keyword]) !== textValue(filmBox.attributes[keyword]);
    if (isAnother) throw attributeFault(Status.InvalidAttributeValue, [keyword], 'stays as the film box was created');
  }
  const { ImageDisplayFormat: _, ...others } = changes;
  const { status, attributes } = filmBoxAttributes(others, abilities);
  filmBox.attributes = { ...filmBox.attributes, ...attributes };
  return status;
}

/** The status of a film that is to be printed: the first that an image of it has. */
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
  return statuses.find((status) => status >= 0xc000) ?? statuses.find((status) => status !== 0) ?? Status.Success;
}

/** Where the image of an image box, which has one, is on its film. The position is from 0 on. */
export function placement(
  imageBox: DataSet,
  filmBox: DataSet,
  position: number,
  geometry: PrinterGeometry,
  hasAnnotations: boolean,
): ImagePlacement {
  const { imageBoxes } = filmAreas(filmBox, geometry, hasAnnotations);
  const [image, area] = [printImageOf(imageBox), imageBoxes[position]];
  if (!image || !area) throw new TypeError(`the film has no image at position ${position + 1}`);
  return placeImage(image, imageBox, filmBox, area, geometry);
}

/** Densities inside of what the printer can do, and whether they were so. */
export function supportedDensities(
  asked: DataSet,
  { minimum, maximum }: DensityRange,
): { readonly densities: DataSet; readonly areInRange: boolean } {
  const entries = ['MinDensity', 'MaxDensity'].flatMap((keyword) => {
    const density = numberValue(asked[keyword]);
    return density === undefined ? [] : [[keyword, Math.max(minimum, Math.min(maximum, density))] as const];
  });
  const densities = Object.fromEntries(entries);
  const areInRange = entries.every(([keyword, density]) => density === numberValue(asked[keyword]));
  return { densities, areInRange };
}

function filmBoxAttributes(asked: DataSet, { densities: range }: PrinterAbilities) {
  const { attributes, unsupported } = supportedValues(asked, {
    ...FILM_BOX_VALUES,
    FilmSizeID: (value) => filmSizeOf(textValue(value)) !== undefined,
  });
  const { densities, areInRange } = range ? supportedDensities(attributes, range) : { densities: {}, areInRange: true };
  const others = unsupported.length > 0 ? Status.AttributeValueOutOfRange : Status.Success;
  return { status: areInRange ? others : PrintStatus.DensityOutOfRange, attributes: { ...attributes, ...densities } };
}

/** How many annotation boxes there are to be, and whether the format is another than was asked for. */
function annotationCount(
  { AnnotationDisplayFormatID }: DataSet,
  { annotationFormats = {} }: PrinterAbilities,
): [count: number, isReplaced: boolean] {
  const format = isElement(AnnotationDisplayFormatID) ? '' : textValue(AnnotationDisplayFormatID);
  if (format === '') return [0, false];
  const own = Object.hasOwn(annotationFormats, format) ? annotationFormats[format] : undefined;
  return own === undefined ? [Object.values(annotationFormats)[0] ?? 0, true] : [own, false];
}
