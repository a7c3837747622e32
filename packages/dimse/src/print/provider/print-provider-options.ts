// The options of a printer, with their rules.

import { aNumber, aValueOf, type OptionTable } from '@x/pdu/internal';
import type { DataSetInput } from '../../data-set/dataset.ts';
import type { OnFailure } from '../../workflow/provider.ts';
import type { PrintedFilm } from '../film/print-film.ts';
import type { PrinterAbilities } from './film-box.ts';
import type { FilmOfJob, PrintJobStore } from './print-job.ts';

/** Options of a `PrintProvider`. */
export interface PrintProviderOptions extends PrinterAbilities {
  /**
   * Prints a film. If the user waits for it, an error it throws becomes the response: the status of a DimseError, else 0110H.
   * A `PrintFault` gives the reason in the terms of print jobs. `place` tells the films of a job apart.
   */
  readonly print: (film: PrintedFilm, place: FilmOfJob) => void | Promise<void>;
  /** Attributes of the printer for N-GET, apart from its status: PS3.3 §C.13.9. */
  readonly printer?: DataSetInput;
  /** Keeps the orders of users that follow their print jobs. Default: orders are lost with the process. */
  readonly store?: PrintJobStore;
  /** Maximum number of film boxes of an association; more are rejected with 0213H. Default 32. */
  readonly maximumFilmBoxes?: number;
  /** Maximum number of bytes of an association's instances, mainly images; more are rejected with C605H. Default 128 MiB. */
  readonly maximumImageBytes?: number;
  /** Maximum length of a data set in bytes, which must hold the image of a whole film. Default 64 MiB. */
  readonly maximumDataSetLength?: number;
  /** Maximum number of orders that wait or are printed; more are rejected with C601H or C602H. Default 32. */
  readonly maximumPrintJobs?: number;
  /** The same for the orders of one peer, by its AE title. Default: `maximumPrintJobs`. */
  readonly maximumPrintJobsOfPeer?: number;
  /** Maximum number of bytes of these orders; more are rejected with C601H or C602H. Default 512 MiB. */
  readonly maximumQueuedBytes?: number;
  /** Called for each film that could not be printed, and for each error of the store. */
  readonly onFailure?: OnFailure;
}

export const PROVIDER_OPTIONS: OptionTable<PrintProviderOptions> = {
  of: 'PrintProvider',
  rules: {
    print: aValueOf('function'),
    printer: aValueOf('object'),
    store: aValueOf('object'),
    geometry: aValueOf('object'),
    densities: aValueOf('object'),
    annotationFormats: aValueOf('object'),
    maximumFilmBoxes: aNumber,
    maximumImageBytes: aNumber,
    maximumDataSetLength: aNumber,
    maximumPrintJobs: aNumber,
    maximumPrintJobsOfPeer: aNumber,
    maximumQueuedBytes: aNumber,
    onFailure: aValueOf('function'),
  },
  required: ['print'],
};
