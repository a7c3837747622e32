// A film as it is to be printed: what an order to print makes a copy of, PS3.4 §H.4.2.2.4. No I/O.

import type { DataSet } from '../../data-set/data-set-values.ts';
import { type PresentationLut, parsePresentationLut } from '../provider/presentation-lut.ts';

/** A film as it is to be printed: data sets alone, which can be kept as such. */
export interface PrintedFilm {
  /** Id of the association it was ordered on, for logs; undefined for a film of a process before this one. */
  readonly association?: string;
  /** AE title of the user. */
  readonly callingAeTitle: string;
  /** Attributes of the film session: PS3.3 §C.13.1. */
  readonly filmSession: DataSet;
  /** Attributes of the film box, §C.13.3; and of the Presentation LUT it refers to, §C.11.4. */
  readonly filmBox: DataSet;
  /**
   * By position: attributes of the image box, §C.13.5, undefined where it has no image; and of the Presentation LUT it refers
   * to. `printImageOf` gives the image.
   */
  readonly imageBoxes: readonly (DataSet | undefined)[];
  /** By position: attributes of the annotation box, §C.13.7, undefined where it was not set. */
  readonly annotationBoxes: readonly (DataSet | undefined)[];
}

/** The Presentation LUT of an image box, which comes before that of its film (§H.4.3.1.2.1.1); undefined where there is none. */
export function presentationLutOf(imageBox: DataSet, filmBox: DataSet): PresentationLut | undefined {
  const holder = [imageBox, filmBox].find(
    ({ PresentationLUTSequence, PresentationLUTShape }) => PresentationLUTSequence ?? PresentationLUTShape,
  );
  if (!holder) return undefined;
  const { PresentationLUTSequence, PresentationLUTShape } = holder;
  return parsePresentationLut({ PresentationLUTSequence, PresentationLUTShape });
}

/** The attributes of a box with those of the Presentation LUT it refers to, and none of a user's own. */
export function withPresentationLut(box: DataSet, presentationLut: DataSet | undefined): DataSet {
  const { PresentationLUTSequence: _, PresentationLUTShape: __, ...attributes } = box;
  return { ...attributes, ...presentationLut };
}
