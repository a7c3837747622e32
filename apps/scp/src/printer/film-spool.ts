// Print orders that were accepted and are not printed yet: one file each, kept across restarts.

import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@x/cli/logger';
import { readRegularFile } from '@x/cli/regular-file';
import { decodeDataSet, encodeDataSet, TransferSyntax, type UntypedDataSet } from '@x/dimse';
import { byKeyword, items } from '@x/dimse/data-set';
import type { PrintedFilm, PrintJobStore, PrintOrder } from '@x/dimse/print';
import { makeFolders } from '../data-folder/make-folders.ts';
import { writeWhole } from '../data-folder/write-whole.ts';

/** A spool in a folder. A file that cannot be read is logged and left in place. */
export function filmSpool(folder: string, logger: Logger): PrintJobStore {
  // The spool makes the names of its files.
  const pathOf = (sopInstance: string) => join(folder, `${sopInstance}${SUFFIX}`);
  return {
    async keep(order) {
      await makeFolders(folder, { fsync: true });
      await writeWhole(pathOf(order.sopInstance), encodeDataSet(dataSetOf(order), TRANSFER_SYNTAX));
    },
    async remove(sopInstance) {
      await rm(pathOf(sopInstance), { force: true });
    },
    async *waiting() {
      const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(SUFFIX));
      const faulty = (path: string, error: unknown) =>
        logger.error({ event: 'film', file: path, err: error }, `${path} is not a printable film`);
      const found: { readonly name: string; readonly path: string; readonly at: number }[] = [];
      for (const name of names) {
        const path = join(folder, name);
        try {
          found.push({ name, path, at: (await stat(path)).mtimeMs });
        } catch (error) {
          faulty(path, error);
        }
      }
      for (const { name, path } of found.sort((one, other) => one.at - other.at))
        try {
          const order = orderOf(byKeyword(decodeDataSet(await readRegularFile(path, MAXIMUM_LENGTH), TRANSFER_SYNTAX)));
          // Under another name it would be printed at each start, because it could not be removed.
          if (`${order.sopInstance}${SUFFIX}` !== name) throw new Error(`it has the order ${order.sopInstance}`);
          yield order;
        } catch (error) {
          faulty(path, error);
        }
    },
  };
}

const SUFFIX = '.film';
/** An order may have many films of many images. */
const MAXIMUM_LENGTH = 1024 * 1024 * 1024;
const TRANSFER_SYNTAX = TransferSyntax.ExplicitVRLittleEndian;

/** An order as one data set. */
// Uses the sequences of Stored Print (PS3.3-1998); an item without attributes stands for an empty box.
export function dataSetOf({ sopInstance, attributes, films }: PrintOrder): UntypedDataSet {
  return {
    ...attributes,
    SpecificCharacterSet: 'ISO_IR 192',
    SOPInstanceUID: sopInstance,
    FilmBoxContentSequence: films.map(({ callingAeTitle, filmSession, filmBox, imageBoxes, annotationBoxes }) => ({
      ...filmBox,
      Originator: callingAeTitle,
      ReferencedFilmSessionSequence: [filmSession],
      ImageBoxContentSequence: imageBoxes.map((each) => each ?? {}),
      AnnotationContentSequence: annotationBoxes.map((each) => each ?? {}),
    })),
  };
}

/** The order in a data set. */
export function orderOf(dataSet: UntypedDataSet): PrintOrder {
  const { SOPInstanceUID, FilmBoxContentSequence, SpecificCharacterSet: _, ...attributes } = dataSet;
  const films = items(FilmBoxContentSequence).map((item): PrintedFilm => {
    const { Originator, ReferencedFilmSessionSequence, ImageBoxContentSequence, ...others } = item;
    const { AnnotationContentSequence, ...filmBox } = others;
    return {
      callingAeTitle: String(Originator),
      filmSession: items(ReferencedFilmSessionSequence)[0] ?? {},
      filmBox,
      imageBoxes: items(ImageBoxContentSequence).map(unlessEmpty),
      annotationBoxes: items(AnnotationContentSequence).map(unlessEmpty),
    };
  });
  return { sopInstance: String(SOPInstanceUID), attributes, films };
}

function unlessEmpty(box: UntypedDataSet): UntypedDataSet | undefined {
  return Object.keys(box).length > 0 ? box : undefined;
}
