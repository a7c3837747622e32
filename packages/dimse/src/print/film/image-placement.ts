// The areas of image boxes on a film and of images in them, in pixels of the printer (PS3.3 §C.13.3, §C.13.5). No I/O.

import { number, text } from '../../data-set/access.ts';
import type { DataSet } from '../../data-set/data-set-values.ts';
import { Status } from '../../message/status.ts';
import { PrintStatus } from '../../services/print-management.ts';
import { imageBoxPlaces } from './film-layout.ts';
import { filmSize } from './film-size.ts';
import type { PrintImage } from './print-image.ts';

/** The geometry of a printer's films. */
export interface PrinterGeometry {
  /** Pixels per millimetre, in both directions. */
  readonly pixelsPerMillimetre: number;
  /** Millimetres between image boxes, and between them and the edge of the film. */
  readonly gap: number;
  /** Millimetres at the top and at the bottom of a film for annotations, if it has any. */
  readonly annotationHeight: number;
}

/** A rectangle in pixels. */
export interface Area {
  /** From the left edge of the film. */
  readonly left: number;
  /** From the upper edge of the film. */
  readonly top: number;
  /** At least 1. */
  readonly width: number;
  /** At least 1. */
  readonly height: number;
}

/** The size of a film in pixels, and the areas of its image boxes by position. */
export interface FilmAreas {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** By (2020,0010) Image Box Position, from 1. */
  readonly imageBoxes: readonly Area[];
}

/** The placement of an image, and its status. */
export interface ImagePlacement {
  /** The area on the film; it lies within the image box. */
  readonly area: Area;
  /** The part of the image that is printed there, in pixels of the image. */
  readonly source: Area;
  /** Success; B604H, B609H or B60AH if the image did not fit as requested; C603H if it must not be printed. */
  readonly status: number;
}

/** The areas of a film. `hasAnnotations` reserves room for annotation boxes. */
export function filmAreas(filmBox: DataSet, geometry: PrinterGeometry, hasAnnotations: boolean): FilmAreas {
  const { pixelsPerMillimetre, gap, annotationHeight } = geometry;
  const size = filmSize(filmBox);
  const [width, height] = [size.width, size.height].map((side) => Math.round(side * pixelsPerMillimetre)) as [
    number,
    number,
  ];
  const margin = gap * pixelsPerMillimetre;
  const head = hasAnnotations ? annotationHeight * pixelsPerMillimetre : 0;
  const imageBoxes = (imageBoxPlaces(text(filmBox.ImageDisplayFormat)) ?? []).map((place) => {
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
 * Places an image in the middle of its image box, in its own proportions: as large as fits, or as Requested Image Size asks,
 * or pixel by pixel if Magnification Type has the value NONE. An image with more pixels than the box is made smaller, cropped or
 * rejected, as Requested Decimate/Crop Behavior asks.
 */
export function placeImage(
  image: Pick<PrintImage, 'rows' | 'columns' | 'pixelWidth'>,
  imageBox: DataSet,
  filmBox: DataSet,
  box: Area,
  { pixelsPerMillimetre }: PrinterGeometry,
): ImagePlacement {
  const { rows, columns, pixelWidth } = image;
  // No pixel is lost: its shorter side covers at least one pixel of the printer.
  const natural = { width: columns * Math.max(pixelWidth, 1), height: rows * Math.max(1 / pixelWidth, 1) };
  const fitting = Math.min(box.width / natural.width, box.height / natural.height);
  const requested = number(imageBox.RequestedImageSize);
  const requestedScale = requested === undefined ? undefined : (requested * pixelsPerMillimetre) / natural.width;
  const isTooLarge = requestedScale === undefined ? fitting < 1 : requestedScale > fitting * (1 + ROUNDING);
  const isPixelByPixel = isTooLarge || text(imageBox.MagnificationType ?? filmBox.MagnificationType) === 'NONE';
  const behavior = text(imageBox.RequestedDecimateCropBehavior);
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

/** Relative tolerance for sizes that should be equal. */
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
