// Where on a film its image boxes are, and where in them the images: PS3.3 §C.13.3 and §C.13.5, in pixels of the printer. No I/O.

import type { DataSet } from '../../data-set/data-set-values.ts';
import { Status } from '../../message/status.ts';
import { PrintStatus } from '../../services/print-management.ts';
import { imageBoxPlaces } from './film-layout.ts';
import { filmSize } from './film-size.ts';
import type { PrintImage } from './print-image.ts';
import { numberValue, textValue } from './print-values.ts';

/** What a printer's films are like. */
export interface PrinterGeometry {
  /** Pixels of a millimetre, in both directions. */
  readonly pixelsPerMillimetre: number;
  /** Millimetres between image boxes, and around them. */
  readonly gap: number;
  /** Millimetres at the top and at the bottom of a film for its annotations, where it has any. */
  readonly annotationHeight: number;
}

/** In pixels. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A film, and its image boxes by position. */
export interface FilmAreas {
  readonly width: number;
  readonly height: number;
  readonly imageBoxes: readonly Area[];
}

/** Where an image is printed, and what was to be said of it. */
export interface ImagePlacement {
  /** On the film: no larger than the image box. */
  readonly area: Area;
  /** What of the image is to be seen there, in its own pixels. */
  readonly source: Area;
  /** Success; B604H, B609H or B60AH where it did not fit as it was asked for; C603H where it must not be printed. */
  readonly status: number;
}

/** The film and its image boxes. `hasAnnotations` says whether there are annotation boxes. */
export function filmAreas(filmBox: DataSet, geometry: PrinterGeometry, hasAnnotations: boolean): FilmAreas {
  const { pixelsPerMillimetre, gap, annotationHeight } = geometry;
  const size = filmSize(filmBox);
  const [width, height] = [size.width, size.height].map((side) => Math.round(side * pixelsPerMillimetre)) as [
    number,
    number,
  ];
  const margin = gap * pixelsPerMillimetre;
  const head = hasAnnotations ? annotationHeight * pixelsPerMillimetre : 0;
  const imageBoxes = (imageBoxPlaces(textValue(filmBox.ImageDisplayFormat)) ?? []).map((place) => {
    const left = Math.round(place.x * width + margin);
    const top = Math.round(head + place.y * (height - 2 * head) + margin);
    return {
      left,
      top,
      width: Math.max(1, Math.round((place.x + place.width) * width - margin) - left),
      height: Math.max(1, Math.round(head + (place.y + place.height) * (height - 2 * head) - margin) - top),
    };
  });
  return { width, height, imageBoxes };
}

/**
 * An image in its image box, in its own proportions, in the middle: as large as it fits, or as Requested Image Size says,
 * or pixel by pixel where Magnification Type is NONE. What is larger than the box, in the box's pixels, is made smaller,
 * cropped, or refused, by Requested Decimate/Crop Behavior.
 */
export function placeImage(
  image: Pick<PrintImage, 'rows' | 'columns' | 'pixelWidth'>,
  imageBox: DataSet,
  filmBox: DataSet,
  box: Area,
  { pixelsPerMillimetre }: PrinterGeometry,
): ImagePlacement {
  const { rows, columns, pixelWidth } = image;
  // No pixel gets lost: the longer of its sides is one of the printer's at least.
  const natural = { width: columns * Math.max(pixelWidth, 1), height: rows * Math.max(1 / pixelWidth, 1) };
  const fitting = Math.min(box.width / natural.width, box.height / natural.height);
  const requested = numberValue(imageBox.RequestedImageSize);
  const requestedScale = requested === undefined ? undefined : (requested * pixelsPerMillimetre) / natural.width;
  const isTooLarge = requestedScale === undefined ? fitting < 1 : requestedScale > fitting * (1 + ROUNDING);
  const isPixelByPixel = isTooLarge || textValue(imageBox.MagnificationType ?? filmBox.MagnificationType) === 'NONE';
  const behavior = textValue(imageBox.RequestedDecimateCropBehavior);
  const wished = requestedScale ?? (isPixelByPixel ? 1 : fitting);
  const scale = isTooLarge && behavior !== 'CROP' ? fitting : wished;
  const [width, height] = [natural.width * scale, natural.height * scale];
  const area = centred(box, Math.min(width, box.width), Math.min(height, box.height));
  const seen = { width: Math.min(1, box.width / width), height: Math.min(1, box.height / height) };
  return {
    area,
    source: {
      left: (columns * (1 - seen.width)) / 2,
      top: (rows * (1 - seen.height)) / 2,
      width: columns * seen.width,
      height: rows * seen.height,
    },
    status: isTooLarge ? (TOO_LARGE[behavior] ?? PrintStatus.ImageDemagnified) : Status.Success,
  };
}

/** Parts of a whole by which numbers may differ that are to be the same. */
const ROUNDING = 0.001;
const TOO_LARGE: Readonly<Record<string, number>> = {
  CROP: PrintStatus.ImageCropped,
  DECIMATE: PrintStatus.ImageDecimated,
  FAIL: PrintStatus.ImageTooLarge,
};

function centred(box: Area, width: number, height: number): Area {
  const [wide, high] = [Math.max(1, Math.round(width)), Math.max(1, Math.round(height))];
  return {
    left: box.left + ((box.width - wide) >> 1),
    top: box.top + ((box.height - high) >> 1),
    width: wide,
    height: high,
  };
}
