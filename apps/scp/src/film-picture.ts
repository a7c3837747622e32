// A printed film as a picture: what PS3.4 Annex H asks of a printer, on a screen.

import { type DataSet, type ImageBoxPlace, imageBoxPlaces, imageOf, type PrintedFilm } from '@x/dimse';
import { PNG } from 'pngjs';

/** Pixels of the film's longer side. */
const LONGER_SIDE = 1600;
/** Pixels between image boxes. */
const GAP = 6;

/** The film as a PNG. */
export function filmPicture({ filmBox, imageBoxes }: PrintedFilm): Buffer {
  const { width, height } = sizeOf(filmBox);
  const png = new PNG({ width, height });
  fill(png, density(filmBox.BorderDensity));
  const format = filmBox.ImageDisplayFormat;
  const places = imageBoxPlaces(Array.isArray(format) ? format.join('\\') : String(format)) ?? [];
  for (const [index, place] of places.entries()) {
    const area = areaOf(place, width, height);
    const imageBox = imageBoxes[index];
    const image = imageBox && imageOf(imageBox);
    if (image) draw(png, area, image, imageBox, filmBox);
    else fill(png, density(filmBox.EmptyImageDensity), area);
  }
  return PNG.sync.write(png);
}

/** From its size in inches or centimetres, upright unless it says otherwise. */
function sizeOf({ FilmSizeID, FilmOrientation }: DataSet): { readonly width: number; readonly height: number } {
  const [, first, second] = /^(\d+(?:\.\d+)?)(?:IN|CM)X(\d+(?:\.\d+)?)(?:IN|CM)$/.exec(String(FilmSizeID ?? '')) ?? [];
  const sides = [Number(first ?? 14), Number(second ?? 17)].sort((one, other) => one - other);
  const shorter = Math.round((LONGER_SIDE * (sides[0] as number)) / (sides[1] as number));
  return FilmOrientation === 'LANDSCAPE'
    ? { width: LONGER_SIDE, height: shorter }
    : { width: shorter, height: LONGER_SIDE };
}

interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function areaOf({ x, y, width, height }: ImageBoxPlace, filmWidth: number, filmHeight: number): Area {
  return {
    left: Math.round(x * filmWidth) + GAP,
    top: Math.round(y * filmHeight) + GAP,
    width: Math.max(1, Math.round(width * filmWidth) - 2 * GAP),
    height: Math.max(1, Math.round(height * filmHeight) - 2 * GAP),
  };
}

/** BLACK, WHITE, or hundredths of optical density: the more, the darker. */
function density(value: unknown): number {
  if (value === 'WHITE') return 255;
  const hundredths = Number(value);
  if (value === undefined || value === '' || Number.isNaN(hundredths)) return 0;
  return Math.max(0, Math.min(255, Math.round(255 * 10 ** (-hundredths / 100))));
}

function fill(
  png: PNG,
  shade: number,
  { left, top, width, height }: Area = { left: 0, top: 0, width: png.width, height: png.height },
): void {
  for (let y = top; y < top + height; y++)
    for (let x = left; x < left + width; x++) png.data.set([shade, shade, shade, 255], (y * png.width + x) * 4);
}

/** The image as large as its box lets it be, in its own proportions, in the middle. */
function draw(png: PNG, area: Area, image: DataSet, imageBox: DataSet, filmBox: DataSet): void {
  const [rows = 0, columns = 0] = [image.Rows, image.Columns].map(Number);
  const pixel = pixelsOf(image, imageBox);
  if (!pixel) return;
  const [ratioHigh = 1, ratioWide = 1] = (Array.isArray(image.PixelAspectRatio) ? image.PixelAspectRatio : []).map(
    Number,
  );
  const [wide, high] = [columns * (ratioWide / ratioHigh || 1), rows];
  const magnification = imageBox.MagnificationType ?? filmBox.MagnificationType;
  const most = magnification === 'NONE' ? 1 : Number.POSITIVE_INFINITY;
  const scale = Math.min(area.width / wide, area.height / high, most);
  const [width, height] = [Math.max(1, Math.round(wide * scale)), Math.max(1, Math.round(high * scale))];
  const [left, top] = [area.left + ((area.width - width) >> 1), area.top + ((area.height - height) >> 1)];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = Math.floor((y * rows) / height) * columns + Math.floor((x * columns) / width);
      const to = ((top + y) * png.width + left + x) * 4;
      for (let channel = 0; channel < 3; channel++) png.data[to + channel] = pixel(at, channel);
    }
}

/** From 0 to 255 for a pixel and a channel. Undefined for what is no image of the kinds of PS3.3 §C.13.5. */
function pixelsOf(image: DataSet, { Polarity }: DataSet): ((at: number, channel: number) => number) | undefined {
  const [first] = Array.isArray(image.PixelData) ? image.PixelData : [image.PixelData];
  const [rows = 0, columns = 0, allocated = 8] = [image.Rows, image.Columns, image.BitsAllocated].map(Number);
  const samples = Number(image.SamplesPerPixel ?? 1);
  const bytesEach = allocated / 8;
  if (!(first instanceof Uint8Array) || first.length < rows * columns * samples * bytesEach) return undefined;
  const bytes = first;
  const isReversed = (Polarity === 'REVERSE') !== (image.PhotometricInterpretation === 'MONOCHROME1');
  const turned = (shade: number) => (isReversed ? 255 - shade : shade);
  if (samples === 3 && allocated === 8) {
    const isByPlane = Number(image.PlanarConfiguration ?? 0) === 1;
    return (at, channel) => turned(bytes[isByPlane ? channel * rows * columns + at : at * 3 + channel] ?? 0);
  }
  if (samples !== 1 || (allocated !== 8 && allocated !== 16)) return undefined;
  const most = 2 ** Number(image.BitsStored ?? allocated) - 1;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stored = (at: number) => (allocated === 8 ? view.getUint8(at) : view.getUint16(at * 2, true));
  return (at) => turned(Math.min(255, Math.round((stored(at) / most) * 255)));
}
