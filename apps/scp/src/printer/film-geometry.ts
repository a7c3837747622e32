// The films of the virtual printer: their resolution and their annotation boxes.

import type { PrinterGeometry } from '@x/dimse/print';

/** The properties of the films. */
export const GEOMETRY: PrinterGeometry = { pixelsPerMillimetre: 5, gap: 1, annotationHeight: 8 };

/** Annotation boxes by format: three at the top and three at the bottom, or one at the bottom. */
export const ANNOTATION_FORMATS: Readonly<Record<string, number>> = { ANNOTATION: 6, LABEL: 1 };
