// The layout of the image boxes on a film: (2010,0010) Image Display Format, PS3.3 §C.13.3. No I/O.

/** A place on a film. The film extends from 0 to 1 in both directions. */
export interface ImageBoxPlace {
  /** The left edge, 0 to 1. */
  readonly x: number;
  /** The upper edge, 0 to 1. */
  readonly y: number;
  /** 0 to 1. */
  readonly width: number;
  /** 0 to 1. */
  readonly height: number;
}

/**
 * The places of the image boxes of a format (`STANDARD\C,R`, `ROW\R1,R2,…`, `COL\C1,C2,…`) in the order of their positions.
 * Undefined if the format is not one of these, or has more than 64 boxes, or more than 16 in a row or column.
 */
export function imageBoxPlaces(format: string): readonly ImageBoxPlace[] | undefined {
  const [, kind, list = ''] = /^(STANDARD|ROW|COL)\\(\d{1,3}(?:,\d{1,3})*)$/.exec(format.trim()) ?? [];
  const counts = list.split(',').map(Number);
  if (kind === undefined || counts.some((count) => count < 1)) return undefined;
  const [columns = 0, rows = 0, ...rest] = counts;
  if (kind === 'STANDARD' && (rows === 0 || rest.length > 0)) return undefined;
  // Rows from the top; columns from the left.
  const lines = kind === 'STANDARD' ? Array.from({ length: rows }, () => columns) : counts;
  if (lines.reduce((sum, count) => sum + count, 0) > MOST_IMAGE_BOXES) return undefined;
  if (Math.max(lines.length, ...lines) > MOST_IN_A_LINE) return undefined;
  return lines.flatMap((count, line) =>
    Array.from({ length: count }, (_, index) => {
      const along = { at: index / count, size: 1 / count };
      const across = { at: line / lines.length, size: 1 / lines.length };
      const [horizontal, vertical] = kind === 'COL' ? [across, along] : [along, across];
      return { x: horizontal.at, y: vertical.at, width: horizontal.size, height: vertical.size };
    }),
  );
}

const MOST_IMAGE_BOXES = 64;
const MOST_IN_A_LINE = 16;
