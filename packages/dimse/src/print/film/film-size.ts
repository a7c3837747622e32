// The size of a film: (2010,0050) Film Size ID and (2010,0040) Film Orientation, PS3.3 §C.13.3. No I/O.

import { text } from '../../data-set/access.ts';
import type { DataSet } from '../../data-set/data-set-values.ts';

/** A size in millimetres, as the film is viewed. */
export interface FilmSize {
  readonly width: number;
  readonly height: number;
}

/** The size that a term such as `14INX17IN`, `8_5INX11IN`, `24CMX30CM` or `A4` names; undefined if the term is unknown. */
export function filmSizeOf(filmSizeId: string): FilmSize | undefined {
  const paper = PAPER[filmSizeId];
  if (paper) return paper;
  const [, width = '', widthUnit, height = '', heightUnit] = TERM.exec(filmSizeId) ?? [];
  const size = { width: millimetres(width, widthUnit), height: millimetres(height, heightUnit) };
  return Math.min(size.width, size.height) > 0 && Math.max(size.width, size.height) <= LONGEST_SIDE ? size : undefined;
}

/** The size of the film of a film box in its orientation. Default 14INX17IN, also for an unknown size, and PORTRAIT. */
export function filmSize({ FilmSizeID, FilmOrientation }: DataSet): FilmSize {
  const { width, height } = filmSizeOf(text(FilmSizeID)) ?? DEFAULT_SIZE;
  const [shorter, longer] = [Math.min(width, height), Math.max(width, height)];
  return text(FilmOrientation) === 'LANDSCAPE'
    ? { width: longer, height: shorter }
    : { width: shorter, height: longer };
}

const TERM = /^(\d{1,3}(?:_\d{1,2})?)(IN|CM)X(\d{1,3}(?:_\d{1,2})?)(IN|CM)$/;
const PAPER: Readonly<Record<string, FilmSize>> = { A4: { width: 210, height: 297 }, A3: { width: 297, height: 420 } };
const DEFAULT_SIZE: FilmSize = { width: 14 * 25.4, height: 17 * 25.4 };
/** In millimetres: films for the whole spine are 51 inches long. */
const LONGEST_SIDE = 1300;

function millimetres(number: string, unit: string | undefined): number {
  return Number(number.replace('_', '.')) * (unit === 'CM' ? 10 : 25.4);
}
