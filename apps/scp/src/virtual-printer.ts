// A printer that prints to files: a picture of each film, and what was asked for beside it.

import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@x/cli/logger';
import { type DataSet, type PrintedFilm, printProvider, type Service, toDicomJson } from '@x/dimse';
import { filmPicture } from './film-picture.ts';
import { makeFolders } from './make-folders.ts';
import type { Options } from './options.ts';

export function virtualPrinterService({ data, aet }: Options, logger: Logger): Service {
  const folder = filmFolder(data);
  let films = 0;
  return printProvider({
    printer: { PrinterName: aet, Manufacturer: 'X', ManufacturerModelName: 'dimse-scp' },
    async print(film, { session }) {
      await makeFolders(folder);
      const name = `${new Date().toISOString().replace(/[-:]/g, '').replace(/\..*/, '')}-${process.pid}-${++films}`;
      const path = join(folder, `${name}.png`);
      // The picture comes last: where it is, the film is whole.
      await writeWhole(join(folder, `${name}.json`), `${JSON.stringify(asked(film), undefined, 2)}\n`);
      await writeWhole(path, filmPicture(film));
      const images = film.imageBoxes.filter((each) => each).length;
      const line = { event: 'film', association: session.association.id, file: path, images };
      logger.info(line, `${film.callingAeTitle} printed a film with ${images} images: ${path}`);
    },
  });
}

/** Written aside, then named: there is never a part of it. */
async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  await writeFile(`${path}.part`, content);
  await rename(`${path}.part`, path);
}

/** Where films are, in the data folder. */
export function filmFolder(data: string): string {
  return join(data, 'films');
}

/** What was asked for, without the pixels. */
function asked({ callingAeTitle, filmSession, filmBox, imageBoxes }: PrintedFilm) {
  const withoutImages = ({ BasicGrayscaleImageSequence: _, BasicColorImageSequence: __, ...rest }: DataSet) => rest;
  return {
    callingAeTitle,
    filmSession: toDicomJson(filmSession),
    filmBox: toDicomJson(filmBox),
    imageBoxes: imageBoxes.map((each) => each && toDicomJson(withoutImages(each))),
  };
}
