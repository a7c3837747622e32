// dimse-scu print: images of files on films, as many to a film as its layout holds.

import { grayShades, numberOf } from '@x/cli/gray-shades';
import { peerText } from '@x/cli/peer';
import { ExitCode, UsageError } from '@x/cli/program';
import {
  DATA_SET_TRANSFER_SYNTAXES,
  type DataSet,
  decodeDataSet,
  describeStatus,
  imageBoxPlaces,
  openDicomFile,
  printFilm,
  printManagement,
  uidName,
} from '@x/dimse';
import { type Connecting, connect } from './connect.ts';
import type { PrintOptions } from './options.ts';
import { hex, Output } from './output.ts';

export async function print(
  printing: Connecting & { readonly options: PrintOptions },
  paths: readonly string[],
): Promise<number> {
  const { options, peer, signal } = printing;
  const { layout, filmSize, orientation, copies, color } = options;
  const boxes = imageBoxPlaces(layout)?.length;
  if (boxes === undefined) throw new UsageError(`'${layout}' is no layout: STANDARD\\C,R or ROW\\… or COL\\…`);
  // Before anybody is called: what cannot be printed is told at once.
  for (const path of paths) await imageOf(path, color);
  const { GrayscaleMeta, ColorMeta } = printManagement.sopClasses;
  const contexts = [{ abstractSyntax: (color ? ColorMeta : GrayscaleMeta).uid, transferSyntaxes: LITTLE_ENDIAN }];
  const output = new Output(options);
  await using session = await connect(printing, [printManagement], contexts);
  for (let at = 0; at < paths.length; at += boxes) {
    const images = await Promise.all(paths.slice(at, at + boxes).map((path) => imageOf(path, color)));
    const { status } = await printFilm(
      session,
      {
        format: layout,
        images,
        isColor: color,
        filmSession: { NumberOfCopies: copies },
        filmBox: { FilmOrientation: orientation, FilmSizeID: filmSize },
      },
      { signal },
    );
    const words = describeStatus(status, printManagement.statuses);
    const line = `${peerText(peer)} answered: ${words}: a film with ${images.length} images`;
    output.result(line, { status: hex(status), images: images.length });
  }
  return ExitCode.Success;
}

const LITTLE_ENDIAN = DATA_SET_TRANSFER_SYNTAXES.slice(0, 2);

/** The first frame, in 8 bits, as PS3.3 §C.13.5 has it. @throws UsageError for what cannot be printed so. */
async function imageOf(path: string, isColor: boolean): Promise<DataSet> {
  await using file = await openDicomFile(path);
  if (!DATA_SET_TRANSFER_SYNTAXES.includes(file.transferSyntax))
    throw new UsageError(`${path} is compressed (${uidName(file.transferSyntax)}): it cannot be printed`);
  const bytes = Buffer.alloc(file.dataSet.length);
  for (let at = 0; at < bytes.length; ) {
    const read = await file.dataSet.readv([bytes.subarray(at)], at);
    if (read === 0) break;
    at += read;
  }
  const dataSet = decodeDataSet(bytes, file.transferSyntax);
  const [rows, columns, bits] = [dataSet.Rows, dataSet.Columns, dataSet.BitsAllocated].map(numberOf);
  const [pixels] = Array.isArray(dataSet.PixelData) ? dataSet.PixelData : [dataSet.PixelData];
  const samples = numberOf(dataSet.SamplesPerPixel) ?? 1;
  const needed = (rows ?? 0) * (columns ?? 0) * samples * ((bits ?? 0) / 8);
  const isWhole = pixels instanceof Uint8Array && needed > 0 && pixels.length >= needed;
  if (!isWhole || (samples === 3 ? bits !== 8 : samples !== 1 || (bits !== 8 && bits !== 16)))
    throw new UsageError(`${path} holds no image that can be printed`);
  const common = { Rows: rows, Columns: columns, BitsAllocated: 8, BitsStored: 8, HighBit: 7, PixelRepresentation: 0 };
  const count = (rows ?? 0) * (columns ?? 0);
  if (samples === 3) {
    if (!isColor) throw new UsageError(`${path} is a color image: use --color`);
    const planar = numberOf(dataSet.PlanarConfiguration) ?? 0;
    const PixelData = even(pixels.subarray(0, count * 3));
    return { ...common, SamplesPerPixel: 3, PhotometricInterpretation: 'RGB', PlanarConfiguration: planar, PixelData };
  }
  const shade = grayShades(dataSet, pixels, count);
  const gray = Uint8Array.from({ length: count }, (_, at) => shade(at));
  const isInverted = dataSet.PhotometricInterpretation === 'MONOCHROME1';
  const PhotometricInterpretation = isInverted ? 'MONOCHROME1' : 'MONOCHROME2';
  if (!isColor) return { ...common, SamplesPerPixel: 1, PhotometricInterpretation, PixelData: even(gray) };
  const tripled = Uint8Array.from({ length: count * 3 }, (_, at) => gray[Math.floor(at / 3)] ?? 0);
  return {
    ...common,
    SamplesPerPixel: 3,
    PhotometricInterpretation: 'RGB',
    PlanarConfiguration: 0,
    PixelData: even(tripled),
  };
}

/** An even number of bytes, as every value has. */
function even(bytes: Uint8Array): Uint8Array {
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, new Uint8Array(1)]);
}
