// How large a film is: (2010,0050) Film Size ID and (2010,0040) Film Orientation, PS3.3 §C.13.3. No I/O.

import type { DataSet } from '../../data-set/data-set-values.ts';
import { textValue } from './print-values.ts';

/** Millimetres, as the film is looked at. */
export interface FilmSize {
  readonly width: number;
  readonly height: number;
}

/** The size of a term such as `14INX17IN`, `8_5INX11IN`, `24CMX30CM`, `A4`; undefined for what is none. */
export function filmSizeOf(filmSizeId: string): FilmSize | undefined {
  const paper = PAPER[filmSizeId];
  if (paper) return paper;
  const [, width = '', widthUnit, height = '', heightUnit] = TERM.exec(filmSizeId) ?? [];
  const size = { width: millimetres(width, widthUnit), height: millimetres(height, heightUnit) };
  return Math.min(size.width, size.height) > 0 && Math.max(size.width, size.height) <= LONGEST_SIDE ? size : undefined;
}

/** The size of a film box's film, turned as it says: 14INX17IN where it names none that is known, PORTRAIT by default. */
export function filmSize({ FilmSizeID, FilmOrientation }: DataSet): FilmSize {
  const { width, height } = filmSizeOf(textValue(FilmSizeID)) ?? DEFAULT_SIZE;
  const [shorter, longer] = [Math.min(width, height), Math.max(width, height)];
  return textValue(FilmOrientation) === 'LANDSCAPE'
    ? { width: longer, height: shorter }
    : { width: shorter, height: longer };
}

const TERM = /^(\d{1,3}(?:_\d{1,2})?)(IN|CM)X(\d{1,3}(?:_\d{1,2})?)(IN|CM)$/;
const PAPER: Readonly<Record<string, FilmSize>> = { A4: { width: 210, height: 297 }, A3: { width: 297, height: 420 } };
const DEFAULT_SIZE: FilmSize = { width: 14 * 25.4, height: 17 * 25.4 };
/** Millimetres: films for the whole spine have 51 inches. */
const LONGEST_SIDE = 1300;

function millimetres(number: string, unit: string | undefined): number {
  return Number(number.replace('_', '.')) * (unit === 'CM' ? 10 : 25.4);
}
