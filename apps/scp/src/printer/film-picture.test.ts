import type { UntypedDataSet } from '@x/dimse';
import { type Area, filmAreas, type PrintedFilm } from '@x/dimse/print';
import { PNG } from 'pngjs';
import { describe, expect, test } from 'vitest';
import { GEOMETRY } from './film-geometry.ts';
import { filmPicture } from './film-picture.ts';
import { shadeOf } from './film-shades.ts';

/** 100 by 100 millimetres: 500 by 500 pixels. */
const SMALL = { FilmSizeID: '10CMX10CM', ImageDisplayFormat: 'STANDARD\\1,1' };
const MARGIN = GEOMETRY.gap * GEOMETRY.pixelsPerMillimetre;

function gray(rows: number, columns: number, values: readonly number[], more: UntypedDataSet = {}): UntypedDataSet {
  const bits = Number(more.BitsStored ?? 8);
  const bytes = bits > 8 ? new Uint8Array(Uint16Array.from(values).buffer) : Uint8Array.from(values);
  return {
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    Rows: rows,
    Columns: columns,
    BitsAllocated: bits > 8 ? 16 : 8,
    BitsStored: bits,
    HighBit: bits - 1,
    PixelRepresentation: 0,
    PixelData: bytes,
    ...more,
  };
}

/** Red, green, blue and white, by pixel or by plane. */
function color(planar: 0 | 1): UntypedDataSet {
  const [pixels, planes] = [
    [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255],
    [255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255],
  ];
  const image = gray(2, 2, (planar === 1 ? planes : pixels) as number[]);
  return { ...image, SamplesPerPixel: 3, PhotometricInterpretation: 'RGB', PlanarConfiguration: planar };
}

interface Picture {
  readonly width: number;
  readonly height: number;
  /** Red, green and blue. */
  at(x: number, y: number): readonly number[];
  /** One of them. */
  shade(x: number, y: number): number;
}

async function print(film: Partial<PrintedFilm>): Promise<Picture> {
  const whole = { callingAeTitle: 'ME', filmSession: {}, filmBox: SMALL, imageBoxes: [], annotationBoxes: [], ...film };
  const { width, height, data } = PNG.sync.read(await filmPicture(whole));
  const at = (x: number, y: number) => [...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 3)];
  return { width, height, at, shade: (x, y) => at(x, y)[0] as number };
}

/** A film of one image; the shades in the middles of its quarters, row by row. */
async function quarters(
  image: UntypedDataSet,
  imageBox: UntypedDataSet = {},
  filmBox: UntypedDataSet = {},
): Promise<number[]> {
  const box = { ...imageBox, BasicGrayscaleImageSequence: [image] };
  const { shade } = await print({ filmBox: { ...SMALL, ...filmBox }, imageBoxes: [box] });
  return [shade(125, 125), shade(375, 125), shade(125, 375), shade(375, 375)];
}

const FOUR = gray(2, 2, [0, 85, 170, 255]);
const AS_IT_IS = { MagnificationType: 'REPLICATE' };

describe('shades', () => {
  test('are those of the image', async () => {
    expect(await quarters(FOUR, AS_IT_IS)).toEqual([0, 85, 170, 255]);
  });

  test('are turned round by polarity and by MONOCHROME1, and by both not at all', async () => {
    const inverted = { ...FOUR, PhotometricInterpretation: 'MONOCHROME1' };
    expect(await quarters(FOUR, { ...AS_IT_IS, Polarity: 'REVERSE' })).toEqual([255, 170, 85, 0]);
    expect(await quarters(inverted, AS_IT_IS)).toEqual([255, 170, 85, 0]);
    expect(await quarters(inverted, { ...AS_IT_IS, Polarity: 'REVERSE' })).toEqual([0, 85, 170, 255]);
  });

  test('of 12 bits are made 8, whatever is in the bits that are not stored', async () => {
    const values = [0, 1365, 2730, 4095];
    expect(await quarters(gray(2, 2, values, { BitsStored: 12 }), AS_IT_IS)).toEqual([0, 85, 170, 255]);
    const dirty = values.map((value) => value | 0xf000);
    expect(await quarters(gray(2, 2, dirty, { BitsStored: 12 }), AS_IT_IS)).toEqual([0, 85, 170, 255]);
    const high = values.map((value) => value << 4);
    expect(await quarters(gray(2, 2, high, { BitsStored: 12, HighBit: 15 }), AS_IT_IS)).toEqual([0, 85, 170, 255]);
  });

  test('are between the densities of the film, or of the image box', async () => {
    const [thin, dense] = [shadeOf(20), shadeOf(100)];
    const filmBox = { MinDensity: 20, MaxDensity: 100 };
    const [black, , , white] = await quarters(FOUR, AS_IT_IS, filmBox);
    expect([black, white]).toEqual([dense, thin]);
    const [own] = await quarters(FOUR, { ...AS_IT_IS, MaxDensity: 300 }, filmBox);
    expect(own).toBe(shadeOf(300));
    // The more density, the darker; none is white.
    expect([shadeOf(0), shadeOf(20) > shadeOf(100), shadeOf(100) > shadeOf(300)]).toEqual([255, true, true]);
  });

  test('follow a presentation LUT: a table, or linear density', async () => {
    const words = Uint16Array.from({ length: 256 }, (_, index) => (index < 128 ? 0 : 1023));
    const table = { LUTDescriptor: [256, 0, 10], LUTData: new Uint8Array(words.buffer) };
    expect(await quarters(FOUR, AS_IT_IS, { PresentationLUTSequence: [table] })).toEqual([0, 0, 255, 255]);
    const steep = Uint16Array.from({ length: 256 }, (_, index) => (index < 200 ? 0 : 1023));
    const late = { PresentationLUTSequence: [{ ...table, LUTData: new Uint8Array(steep.buffer) }] };
    expect(await quarters(FOUR, { ...AS_IT_IS, Polarity: 'REVERSE' }, late)).toEqual([255, 0, 0, 0]);
    const linear = { PresentationLUTShape: 'LIN OD', MinDensity: 0, MaxDensity: 300 };
    expect(await quarters(FOUR, AS_IT_IS, linear)).toEqual([300, 200, 100, 0].map(shadeOf));
    const identity = { ...AS_IT_IS, PresentationLUTShape: 'IDENTITY' };
    expect(await quarters(FOUR, identity, linear)).toEqual([shadeOf(300), expect.any(Number), expect.any(Number), 255]);
  });

  test('of color images are theirs, by pixel and by plane', async () => {
    for (const planar of [0, 1] as const) {
      const imageBoxes = [{ ...AS_IT_IS, BasicColorImageSequence: [color(planar)] }];
      const { at } = await print({ imageBoxes });
      expect([at(125, 125), at(375, 125), at(125, 375), at(375, 375)]).toEqual([
        [255, 0, 0],
        [0, 255, 0],
        [0, 0, 255],
        [255, 255, 255],
      ]);
      const reversed = await print({ imageBoxes: [{ ...imageBoxes[0], Polarity: 'REVERSE' }] });
      expect(reversed.at(125, 125)).toEqual([0, 255, 255]);
    }
  });

  test('around images and in empty image boxes are those asked for', async () => {
    const filmBox = { ...SMALL, ImageDisplayFormat: 'STANDARD\\2,1', BorderDensity: 'WHITE', EmptyImageDensity: '50' };
    const { shade } = await print({ filmBox, imageBoxes: [undefined, { BasicGrayscaleImageSequence: [FOUR] }] });
    expect([shade(0, 0), shade(250, 250), shade(125, 250)]).toEqual([255, 255, shadeOf(50)]);
    const dark = await print({ filmBox: { ...SMALL, BorderDensity: '150' }, imageBoxes: [undefined] });
    expect([dark.shade(0, 0), dark.shade(250, 250)]).toEqual([shadeOf(150), 0]);
  });
});

describe('sizes', () => {
  test.each([
    ['8INX10IN', 'PORTRAIT', 1016, 1270],
    ['8INX10IN', 'LANDSCAPE', 1270, 1016],
    ['14INX17IN', undefined, 1778, 2159],
    ['A4', undefined, 1050, 1485],
    ['24CMX30CM', 'LANDSCAPE', 1500, 1200],
    [undefined, undefined, 1778, 2159],
  ])('of a film %s %s are %d by %d', async (FilmSizeID, FilmOrientation, width, height) => {
    const picture = await print({ filmBox: { ...SMALL, FilmSizeID, FilmOrientation } });
    expect([picture.width, picture.height]).toEqual([width, height]);
  });

  /** The white of a white image on black: left, top, width and height. */
  async function whiteOf(
    imageBox: UntypedDataSet,
    image: UntypedDataSet,
    filmBox: UntypedDataSet = SMALL,
  ): Promise<number[]> {
    const { width, height, shade } = await print({
      filmBox,
      imageBoxes: [{ ...imageBox, BasicGrayscaleImageSequence: [image] }],
    });
    const isWhite = (x: number, y: number) => shade(x, y) > 128;
    const [columns, rows] = [width, height].map((side) => Array.from({ length: side }, (_, index) => index));
    const across = (columns as number[]).filter((x) => (rows as number[]).some((y) => isWhite(x, y)));
    const down = (rows as number[]).filter((y) => (columns as number[]).some((x) => isWhite(x, y)));
    return [across[0] ?? -1, down[0] ?? -1, across.length, down.length];
  }
  const white = (rows: number, columns: number, more: UntypedDataSet = {}) =>
    gray(rows, columns, Array(rows * columns).fill(255), more);

  test('of images keep their proportions, and those of their pixels', async () => {
    const whole = 500 - 2 * MARGIN;
    expect(await whiteOf({}, white(10, 10))).toEqual([MARGIN, MARGIN, whole, whole]);
    expect(await whiteOf({}, white(10, 20))).toEqual([MARGIN, 250 - Math.floor(whole / 4) - 1, whole, whole / 2]);
    expect(await whiteOf({}, white(10, 10, { PixelAspectRatio: [2, 1] }))).toMatchObject([127, 5, 245, 490]);
  });

  test('of images are those asked for in millimetres, or of their pixels', async () => {
    expect(await whiteOf({ RequestedImageSize: 20 }, white(10, 10))).toEqual([200, 200, 100, 100]);
    expect(await whiteOf({ MagnificationType: 'NONE' }, white(30, 50))).toEqual([225, 235, 50, 30]);
  });

  test('of images that are too large are cropped or made smaller', async () => {
    const split = gray(
      1,
      2000,
      Array.from({ length: 2000 }, (_, x) => (x < 1000 ? 255 : 0)),
    );
    const [, , decimated] = await whiteOf({ RequestedDecimateCropBehavior: 'DECIMATE' }, split);
    const [left, , cropped] = await whiteOf({ RequestedDecimateCropBehavior: 'CROP' }, split);
    expect([decimated, left, cropped]).toEqual([245, MARGIN, 245]);
    // Cropped, the middle is seen pixel by pixel: a mark near the border is no longer there.
    const marked = gray(
      1,
      2000,
      Array.from({ length: 2000 }, (_, x) => (x < 500 ? 255 : 0)),
    );
    expect((await whiteOf({ RequestedDecimateCropBehavior: 'DECIMATE' }, marked))[2]).toBe(122);
    expect((await whiteOf({ RequestedDecimateCropBehavior: 'CROP' }, marked))[2]).toBe(0);
  });
});

test('places image boxes in the order of the display format', async () => {
  const formats: [string, number][] = [
    ['STANDARD\\2,3', 6],
    ['ROW\\1,2', 3],
    ['COL\\2,1', 3],
  ];
  for (const [ImageDisplayFormat, count] of formats) {
    const filmBox = { ...SMALL, ImageDisplayFormat };
    const shades = Array.from({ length: count }, (_, index) => 40 * (index + 1));
    const imageBoxes = shades.map((shade) => ({ BasicGrayscaleImageSequence: [gray(1, 1, [shade])] }));
    const { shade } = await print({ filmBox, imageBoxes });
    const { imageBoxes: areas } = filmAreas(filmBox, GEOMETRY, false);
    const middle = ({ left, top, width, height }: Area) => shade(left + (width >> 1), top + (height >> 1));
    expect(areas.map(middle)).toEqual(shades);
  }
});

describe('magnification', () => {
  test('differs on the film by its type, that of the image box before that of the film', async () => {
    const edge = gray(1, 2, [0, 255]);
    const row = async (box: UntypedDataSet, film: UntypedDataSet = {}) => {
      const { shade } = await print({
        filmBox: { ...SMALL, ...film },
        imageBoxes: [{ ...box, BasicGrayscaleImageSequence: [edge] }],
      });
      return Array.from({ length: 480 }, (_, x) => shade(x + 10, 250));
    };
    const replicated = await row({ MagnificationType: 'REPLICATE' });
    const [bilinear, cubic] = [await row({ MagnificationType: 'BILINEAR' }), await row({ MagnificationType: 'CUBIC' })];
    expect(new Set(replicated).size).toBe(2);
    expect([new Set(bilinear).size > 100, new Set(cubic).size > 100]).toEqual([true, true]);
    expect(cubic).not.toEqual(bilinear);
    expect(await row({ MagnificationType: 'REPLICATE' }, { MagnificationType: 'CUBIC' })).toEqual(replicated);
    expect(await row({}, { MagnificationType: 'CUBIC' })).toEqual(cubic);
  });
});

test('draws a line around images if the film is trimmed', async () => {
  const imageBoxes = [{ ...AS_IT_IS, BasicGrayscaleImageSequence: [gray(1, 1, [100])] }];
  const [plain, trimmed] = [
    await print({ imageBoxes }),
    await print({ filmBox: { ...SMALL, Trim: 'YES' }, imageBoxes }),
  ];
  const across = (picture: Picture) =>
    [0, MARGIN - 3, MARGIN - 2, MARGIN - 1, MARGIN].map((x) => picture.shade(x, 250));
  expect(across(plain)).toEqual([0, 0, 0, 0, 100]);
  expect(across(trimmed)).toEqual([0, 0, 255, 255, 100]);
});

describe('annotations', () => {
  const inked = ({ shade }: Picture, { left, top, width, height }: Area, paper: number) => {
    let count = 0;
    for (let y = top; y < top + height; y++)
      for (let x = left; x < left + width; x++) if (shade(x, y) !== paper) count++;
    return count;
  };
  const band = GEOMETRY.annotationHeight * GEOMETRY.pixelsPerMillimetre;
  const third = Math.floor((500 - 2 * MARGIN) / 3);
  const places = [0, 500 - band].flatMap((top) =>
    [0, 1, 2].map((column) => ({ left: MARGIN + column * third, top, width: third, height: band })),
  );

  test('are written only at their positions', async () => {
    for (const position of [0, 1, 2, 3, 4, 5]) {
      const annotationBoxes = Array.from({ length: 6 }, (_, index) =>
        index === position ? { AnnotationPosition: index + 1, TextString: 'KNEE' } : undefined,
      );
      const picture = await print({ annotationBoxes, imageBoxes: [undefined] });
      const ink = places.map((area) => inked(picture, area, 0) > 50);
      expect(ink).toEqual(places.map((_, index) => index === position));
    }
  });

  test('are written at the position in the box, as some users set the first box for any position', async () => {
    const set = [{ AnnotationPosition: 5, TextString: 'KNEE' }, ...Array(5).fill(undefined)];
    const picture = await print({ annotationBoxes: set, imageBoxes: [undefined] });
    expect(places.findIndex((area) => inked(picture, area, 0) > 50)).toBe(4);
    const zero = [{ AnnotationPosition: 0, TextString: 'KNEE' }, ...Array(5).fill(undefined)];
    const first = await print({ annotationBoxes: zero, imageBoxes: [undefined] });
    expect(places.findIndex((area) => inked(first, area, 0) > 50)).toBe(0);
  });

  test('contrast with their surroundings and cover no image', async () => {
    const annotationBoxes = [{ AnnotationPosition: 1, TextString: 'Müller^Jürgen · Ωμέγα' }];
    const filmBox = { ...SMALL, BorderDensity: 'WHITE', EmptyImageDensity: 'WHITE' };
    const picture = await print({ annotationBoxes, filmBox, imageBoxes: [undefined] });
    const bottom = { left: 0, top: 500 - band, width: 500, height: band };
    expect(inked(picture, bottom, 255)).toBeGreaterThan(200);
    expect(inked(picture, { left: 0, top: 0, width: 500, height: 500 - band }, 255)).toBe(0);
  });

  test('are written smaller if they are too long; control characters are ignored', async () => {
    const long = await print({ annotationBoxes: [{ TextString: 'M'.repeat(64) }], imageBoxes: [undefined] });
    expect(inked(long, { left: 0, top: 500 - band, width: MARGIN, height: band }, 0)).toBe(0);
    expect(inked(long, { left: 495, top: 500 - band, width: 5, height: band }, 0)).toBe(0);
    const nothing = await print({ annotationBoxes: [{ TextString: '\u0007 ' }], imageBoxes: [undefined] });
    expect(inked(nothing, { left: 0, top: 0, width: 500, height: 500 }, 0)).toBe(0);
  });
});
