// A printer that prints a picture of each film, and the request for it as JSON: to files, or to a shared database.

import { join } from 'node:path';
import type { Logger } from '@x/cli/logger';
import type { DataSet } from '@x/dimse';
import { toDicomJson } from '@x/dimse/data-set';
import { type PrintedFilm, PrintFault, PrintProvider } from '@x/dimse/print';
import type { Options } from '../options.ts';
import { isUnavailable } from '../shared-database/shared-database-error.ts';
import { ANNOTATION_FORMATS, GEOMETRY } from './film-geometry.ts';
import { filmSpool } from './film-spool.ts';
import { folderFilms } from './films.ts';
import type { Printing } from './shared-printing.ts';

/** The spool and the films in a data folder. */
export function folderPrinting(data: string, logger: Logger): Printing {
  const folder = join(data, 'films');
  return { store: filmSpool(join(folder, 'spool'), logger), films: folderFilms(folder) };
}

/** Opens the printer, and prints the orders that wait. */
export function openVirtualPrinter({ aet }: Options, { store, films }: Printing, logger: Logger): PrintProvider {
  const printer = new PrintProvider({
    printer: { PrinterName: aet, Manufacturer: 'X', ManufacturerModelName: 'dimse-scp' },
    geometry: GEOMETRY,
    densities: { minimum: 0, maximum: 400 },
    annotationFormats: ANNOTATION_FORMATS,
    maximumPrintJobs: MAXIMUM_PRINT_JOBS,
    maximumPrintJobsOfPeer: MAXIMUM_PRINT_JOBS / 2,
    store,
    async print(film, place) {
      let path: string;
      try {
        path = await films.add(place, `${JSON.stringify(asked(film), undefined, 2)}\n`, async () => {
          // Fonts and pictures need memory, which is only spent once something is printed.
          const { filmPicture } = await import('./film-picture.ts');
          return filmPicture(film);
        });
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
  if (syscall === undefined && !isUnavailable(error)) return new PrintFault('INVALID PAGE DES', message, error);
  const info = /^(?:ENOSPC|EDQUOT)$/.test(code) ? 'RECEIVER FULL' : 'CHECK PRINTER';
  printer.changePrinterStatus({ status: 'FAILURE', info });
  return new PrintFault(info, message, error);
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
