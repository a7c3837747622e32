// A printed film as a picture (PS3.4 Annex H).

import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { DataSet } from '@x/dimse';
import { nextTurn } from '@x/dimse/data-set';
import {
  type Area,
  filmAreas,
  type ImagePlacement,
  type PrintedFilm,
  type PrintImage,
  placeImage,
  printImageOf,
} from '@x/dimse/print';
import { PNG } from 'pngjs';
import { GEOMETRY } from './film-geometry.ts';
import { planesOf, SHADES, shadeOf, shadesOf } from './film-shades.ts';
import { writeText } from './film-text.ts';
import { type MagnificationType, resample } from './image-resampling.ts';

/** The film as a PNG, in gray if all its images are. Yields to other work between its steps. */
export async function filmPicture(film: PrintedFilm): Promise<Buffer> {
  const { filmBox, imageBoxes, annotationBoxes } = film;
  const { width, height, imageBoxes: areas } = filmAreas(filmBox, GEOMETRY, annotationBoxes.length > 0);
  const images = imageBoxes.map((imageBox) => imageBox && printImageOf(imageBox));
  const raster = new Raster(width, height, images.some((image) => image?.isColor) ? 3 : 1);
  const border = shadeOf(filmBox.BorderDensity);
  raster.fill(border, { left: 0, top: 0, width, height });
  for (const [index, area] of areas.entries()) {
    const [imageBox, image] = [imageBoxes[index], images[index]];
    if (imageBox && image) {
      const placement = placeImage(image, imageBox, filmBox, area, GEOMETRY);
      // The line is best visible in the shade that differs most.
      if (filmBox.Trim === 'YES') raster.fill(contrast(border), around(placement.area));
      await draw(raster, image, imageBox, filmBox, placement);
    } else raster.fill(shadeOf(filmBox.EmptyImageDensity), area);
    await nextTurn();
  }
  annotate(raster, annotationBoxes, contrast(border));
  return raster.png();
}

/** Shades, of one channel or three. */
class Raster {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly #data: Buffer;

  constructor(width: number, height: number, channels: 1 | 3) {
    this.width = width;
    this.height = height;
    this.channels = channels;
    this.#data = Buffer.alloc(width * height * channels);
  }

  fill(shade: number, { left, top, width, height }: Area): void {
    const { channels } = this;
    for (let y = Math.max(0, top); y < Math.min(this.height, top + height); y++) {
      const row = y * this.width;
      const [from, to] = [row + Math.max(0, left), row + Math.min(this.width, left + width)];
      this.#data.fill(shade, from * channels, to * channels);
    }
  }

  /** In all channels, or in one. */
  set(x: number, y: number, shade: number, channel?: number): void {
    const at = (y * this.width + x) * this.channels;
    if (channel === undefined) this.#data.fill(shade, at, at + this.channels);
    else this.#data[at + channel] = shade;
  }

  get(x: number, y: number): number {
    return this.#data[(y * this.width + x) * this.channels] ?? 0;
  }

  png(): Promise<Buffer> {
    const { width, height } = this;
    const colorType = this.channels === 1 ? 0 : 2;
    // One filter for all lines: choosing the best one for each line takes longer than everything else.
    const png = new PNG({ width, height, colorType, inputColorType: colorType, inputHasAlpha: false, filterType: 2 });
    png.data = this.#data;
    const through = new PassThrough();
    png.once('error', (error) => through.destroy(error));
    return buffer(png.pack().pipe(through));
  }
}

async function draw(
  raster: Raster,
  image: PrintImage,
  imageBox: DataSet,
  filmBox: DataSet,
  placement: ImagePlacement,
): Promise<void> {
  const { area, source } = placement;
  const shades = shadesOf(image, imageBox, filmBox);
  const type = String(
    imageBox.MagnificationType ?? filmBox.MagnificationType ?? OWN_MAGNIFICATION,
  ) as MagnificationType;
  let channel = 0;
  for await (const plane of planesOf(image)) {
    const values = await resample(plane, source, area.width, area.height, type);
    await nextTurn();
    for (let y = 0; y < area.height; y++)
      for (let x = 0; x < area.width; x++) {
        // Cubic interpolation can overshoot the range of its samples.
        const value = Math.max(0, Math.min(1, values[y * area.width + x] as number));
        const shade = shades[Math.round(value * (SHADES - 1))] as number;
        raster.set(area.left + x, area.top + y, shade, image.isColor ? channel : undefined);
      }
    channel++;
  }
}

const OWN_MAGNIFICATION: MagnificationType = 'BILINEAR';

function annotate(raster: Raster, boxes: PrintedFilm['annotationBoxes'], shade: number): void {
  const { pixelsPerMillimetre, annotationHeight, gap } = GEOMETRY;
  const [margin, height] = [gap * pixelsPerMillimetre, annotationHeight * pixelsPerMillimetre];
  const isSingle = boxes.length === 1;
  const width = Math.floor((raster.width - 2 * margin) / (isSingle ? 1 : COLUMNS.length));
  for (const [index, box] of boxes.entries()) {
    const text = box?.TextString;
    if (typeof text !== 'string') continue;
    const place = positionOf(box?.AnnotationPosition, boxes.length) ?? index;
    const column = isSingle ? 0 : place % COLUMNS.length;
    const isBelow = isSingle || place >= COLUMNS.length;
    const area = { left: margin + column * width, top: isBelow ? raster.height - height : 0, width, height };
    const align = isSingle ? 'centre' : (COLUMNS[column] ?? 'left');
    writeText(text, area, align, (x, y, coverage) => {
      const behind = raster.get(x, y);
      raster.set(x, y, Math.round(behind + (shade - behind) * coverage));
    });
  }
}

/** From 0: the position that the box has, which some users set differently from the order of creation. */
function positionOf(position: unknown, count: number): number | undefined {
  return Number.isInteger(position) && Number(position) >= 1 && Number(position) <= count
    ? Number(position) - 1
    : undefined;
}

const COLUMNS = ['left', 'centre', 'right'] as const;

/** The shade that contrasts with it. */
function contrast(shade: number): number {
  return shade < 128 ? 255 : 0;
}

function around({ left, top, width, height }: Area): Area {
  return { left: left - TRIM, top: top - TRIM, width: width + 2 * TRIM, height: height + 2 * TRIM };
}

/** Pixels of the line around an image: less than the gap between image boxes. */
const TRIM = 2;
