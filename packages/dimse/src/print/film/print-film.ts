// A film in a print job: the snapshot that an order to print makes (PS3.4 §H.4.2.2.4). No I/O.

import type { DataSet } from '../../data-set/data-set-values.ts';
import { type PresentationLut, parsePresentationLut } from '../provider/presentation-lut.ts';

/** A film that is to be printed. It consists of data sets only, so that it can be stored. */
export interface PrintedFilm {
  /** Id of the association of the order, for logs; undefined if an earlier process received the order. */
  readonly association?: string;
  /** AE title of the user. */
  readonly callingAeTitle: string;
  /** Attributes of the film session: PS3.3 §C.13.1. */
  readonly filmSession: DataSet;
  /** Attributes of the film box (§C.13.3) and of its Presentation LUT (§C.11.4). */
  readonly filmBox: DataSet;
  /**
   * Attributes of the image boxes (§C.13.5) and of their Presentation LUTs, by position; undefined for a box without an image.
   * `printImageOf` gives the image.
   */
  readonly imageBoxes: readonly (DataSet | undefined)[];
  /** Attributes of the annotation boxes (§C.13.7), by position; undefined for a box that was not set. */
  readonly annotationBoxes: readonly (DataSet | undefined)[];
}

/** The Presentation LUT of an image box, or else of its film (§H.4.3.1.2.1.1); undefined if neither has one. */
export function presentationLutOf(imageBox: DataSet, filmBox: DataSet): PresentationLut | undefined {
  const holder = [imageBox, filmBox].find(
    ({ PresentationLUTSequence, PresentationLUTShape }) => PresentationLUTSequence ?? PresentationLUTShape,
  );
  if (!holder) return undefined;
  const { PresentationLUTSequence, PresentationLUTShape } = holder;
  return parsePresentationLut({ PresentationLUTSequence, PresentationLUTShape });
}

/** The attributes of a box with those of its Presentation LUT. Attributes of a LUT that the user set directly are dropped. */
export function withPresentationLut(box: DataSet, presentationLut: DataSet | undefined): DataSet {
  const { PresentationLUTSequence: _, PresentationLUTShape: __, ...attributes } = box;
  return { ...attributes, ...presentationLut };
}
