// Print Management: PS3.4 Annex H. Each SOP class alone, and the meta SOP classes that combine them.

import { nAction, nCreate, nDelete, nEventReport, nGet, nSet } from '../message/operations.ts';
import { SopClass } from '../registry/uids.generated.ts';
import { defineServiceClass } from '../session/service-class.ts';

const FILM_SESSION = SopClass.BasicFilmSession;
const FILM_BOX = SopClass.BasicFilmBox;
const GRAYSCALE_IMAGE_BOX = SopClass.BasicGrayscaleImageBox;
const COLOR_IMAGE_BOX = SopClass.BasicColorImageBox;
const PRINTER = SopClass.Printer;

/** The statuses that this service adds to the general ones (§H.4). */
export const PrintStatus = {
  MemoryAllocationNotSupported: 0xb600,
  CollationNotSupported: 0xb601,
  EmptyFilmSession: 0xb602,
  EmptyPage: 0xb603,
  ImageDemagnified: 0xb604,
  DensityOutOfRange: 0xb605,
  ImageCropped: 0xb609,
  ImageDecimated: 0xb60a,
  NoFilmBoxes: 0xc600,
  QueueFullForFilmSession: 0xc601,
  QueueFullForFilmBox: 0xc602,
  ImageTooLarge: 0xc603,
  InsufficientMemory: 0xc605,
  CombinedImageTooLarge: 0xc613,
  FilmBoxNotPrinted: 0xc616,
} as const;

/** Print Management (PS3.4 Annex H): film sessions, film boxes, image boxes, print jobs and printers. */
export const printManagement = defineServiceClass({
  name: 'Print Management',
  operations: {
    create: nCreate,
    set: nSet,
    get: nGet,
    action: nAction,
    delete: nDelete,
    eventReport: nEventReport,
  },
  sopClasses: {
    // §H.3.2: a presentation context for one of these carries the requests of the SOP classes it includes.
    GrayscaleMeta: {
      uid: SopClass.BasicGrayscalePrintManagementMeta,
      operations: [],
      includes: [FILM_SESSION, FILM_BOX, GRAYSCALE_IMAGE_BOX, PRINTER],
    },
    ColorMeta: {
      uid: SopClass.BasicColorPrintManagementMeta,
      operations: [],
      includes: [FILM_SESSION, FILM_BOX, COLOR_IMAGE_BOX, PRINTER],
    },
    // §H.4.1 to §H.4.11
    FilmSession: { uid: FILM_SESSION, operations: ['create', 'set', 'delete', 'action'] },
    FilmBox: { uid: FILM_BOX, operations: ['create', 'set', 'delete', 'action'] },
    GrayscaleImageBox: { uid: GRAYSCALE_IMAGE_BOX, operations: ['set'] },
    ColorImageBox: { uid: COLOR_IMAGE_BOX, operations: ['set'] },
    AnnotationBox: { uid: SopClass.BasicAnnotationBox, operations: ['set'] },
    PrintJob: { uid: SopClass.PrintJob, operations: ['get', 'eventReport'] },
    PresentationLut: { uid: SopClass.PresentationLUT, operations: ['create', 'delete'] },
    Printer: { uid: PRINTER, operations: ['get', 'eventReport'] },
    PrinterConfiguration: { uid: SopClass.PrinterConfigurationRetrieval, operations: ['get'] },
  },
  statuses: {
    [PrintStatus.MemoryAllocationNotSupported]: ['warning', 'memory allocation is not supported'],
    [PrintStatus.CollationNotSupported]: ['warning', 'film session printing (collation) is not supported'],
    [PrintStatus.EmptyFilmSession]: ['warning', 'the film session has no image boxes: an empty page'],
    [PrintStatus.EmptyPage]: ['warning', 'the film box has no image boxes: an empty page'],
    [PrintStatus.ImageDemagnified]: ['warning', 'an image is larger than its image box and was demagnified'],
    [PrintStatus.DensityOutOfRange]: ['warning', 'the requested densities are outside the range of the printer'],
    [PrintStatus.ImageCropped]: ['warning', 'an image is larger than its image box and was cropped'],
    [PrintStatus.ImageDecimated]: ['warning', 'an image is larger than its image box and was decimated'],
    [PrintStatus.NoFilmBoxes]: ['failure', 'the film session has no film boxes'],
    [PrintStatus.QueueFullForFilmSession]: [
      'failure',
      'no print job can be created for the film session: the print queue is full',
    ],
    [PrintStatus.QueueFullForFilmBox]: [
      'failure',
      'no print job can be created for the film box: the print queue is full',
    ],
    [PrintStatus.ImageTooLarge]: ['failure', 'an image is larger than its image box'],
    [PrintStatus.InsufficientMemory]: ['failure', 'the printer does not have enough memory for the image'],
    [PrintStatus.CombinedImageTooLarge]: ['failure', 'a combined print image is larger than its image box'],
    [PrintStatus.FilmBoxNotPrinted]: ['failure', 'a film box has not been printed yet'],
  },
});

/** The well-known SOP instance of the printer (§H.4.6). */
export const PRINTER_INSTANCE = '1.2.840.10008.5.1.1.17';
/** The well-known SOP instance of the printer configuration (§H.4.11). */
export const PRINTER_CONFIGURATION_INSTANCE = '1.2.840.10008.5.1.1.17.376';
/** Action Type ID that prints a film session or a film box (§H.4.1.2.4, §H.4.2.2.4). */
export const PRINT_ACTION = 1;
/** Event Type IDs of a print job (§H.4.5.2.1). */
export const PrintJobEvent = { Pending: 1, Printing: 2, Done: 3, Failure: 4 } as const;
/** Event Type IDs of the printer (§H.4.6.2.1). */
export const PrinterEvent = { Normal: 1, Warning: 2, Failure: 3 } as const;
