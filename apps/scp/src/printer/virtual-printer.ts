// A printer that prints to files: a picture of each film, and the request for it as JSON.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '@x/cli/logger';
import type { DataSet } from '@x/dimse';
import { toDicomJson } from '@x/dimse/data-set';
import { type PrintedFilm, PrintFault, PrintProvider } from '@x/dimse/print';
import { makeFolders } from '../data-folder/make-folders.ts';
import { writeWhole } from '../data-folder/write-whole.ts';
import type { Options } from '../options.ts';
import { ANNOTATION_FORMATS, GEOMETRY } from './film-geometry.ts';
import { filmSpool } from './film-spool.ts';

/** Opens the printer, and prints the orders that an earlier process left in the spool. */
export function openVirtualPrinter({ data, aet }: Options, logger: Logger): PrintProvider {
  const folder = filmFolder(data);
  let films = 0;
  const printer = new PrintProvider({
    printer: { PrinterName: aet, Manufacturer: 'X', ManufacturerModelName: 'dimse-scp' },
    geometry: GEOMETRY,
    densities: { minimum: 0, maximum: 400 },
    annotationFormats: ANNOTATION_FORMATS,
    maximumPrintJobs: MAXIMUM_PRINT_JOBS,
    maximumPrintJobsOfPeer: MAXIMUM_PRINT_JOBS / 2,
    store: filmSpool(join(folder, 'spool'), logger),
    async print(film) {
      const started = `${new Date().toISOString().replace(/[-:]/g, '').replace(/\..*/, '')}-${process.pid}`;
      let name: string;
      // If the clock was set back, an earlier process may have used the name.
      do name = `${started}-${++films}`;
      while (existsSync(join(folder, `${name}.json`)));
      const path = join(folder, `${name}.png`);
      try {
        await makeFolders(folder, { fsync: true });
        // The picture is written last: if it exists, the film is complete.
        await writeWhole(join(folder, `${name}.json`), `${JSON.stringify(asked(film), undefined, 2)}\n`);
        // Fonts and pictures need memory, which is only spent once something is printed.
        const { filmPicture } = await import('./film-picture.ts');
        await writeWhole(path, await filmPicture(film));
      } catch (error) {
        throw fault(error as NodeJS.ErrnoException, printer);
      }
      printer.changePrinterStatus({ status: 'NORMAL' });
      const images = film.imageBoxes.filter((each) => each).length;
      const { association } = film;
      const line = { event: 'film', ...(association !== undefined && { association }), file: path, images };
      logger.info(line, `${film.callingAeTitle} printed a film with ${images} images: ${path}`);
    },
    onFailure: ({ error, sopInstance: printJob }) => {
      const line = { event: 'film', err: error, ...(printJob !== undefined && { printJob }) };
      logger.error(line, `a film could not be printed: ${(error as Error).message}`);
    },
  });
  return printer;
}

/** The orders that may wait, half of them of one peer. */
const MAXIMUM_PRINT_JOBS = 32;

/** Why a film was not printed: a system error is a failure of the printer; any other error is a fault of the film. */
function fault(error: NodeJS.ErrnoException, printer: PrintProvider): PrintFault {
  const { code = '', syscall, message } = error;
  if (syscall === undefined) return new PrintFault('INVALID PAGE DES', message, error);
  const info = /^(?:ENOSPC|EDQUOT)$/.test(code) ? 'RECEIVER FULL' : 'CHECK PRINTER';
  printer.changePrinterStatus({ status: 'FAILURE', info });
  return new PrintFault(info, message, error);
}

/** The folder of the films in the data folder. */
export function filmFolder(data: string): string {
  return join(data, 'films');
}

/** The request, without pixels and tables. */
function asked({ callingAeTitle, filmSession, filmBox, imageBoxes, annotationBoxes }: PrintedFilm) {
  return {
    callingAeTitle,
    filmSession: toDicomJson(filmSession),
    filmBox: toDicomJson(withoutContent(filmBox)),
    imageBoxes: imageBoxes.map((each) => each && toDicomJson(withoutContent(each))),
    annotationBoxes: annotationBoxes.map((each) => each && toDicomJson(each)),
  };
}

function withoutContent(box: DataSet): DataSet {
  const { BasicGrayscaleImageSequence: _, BasicColorImageSequence: __, PresentationLUTSequence: ___, ...rest } = box;
  return rest;
}
