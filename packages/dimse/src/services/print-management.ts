// Print Management: PS3.4 Annex H. Film sessions, boxes and printers by themselves, and together by the meta SOP classes.

import { nAction, nCreate, nDelete, nEventReport, nGet, nSet } from '../message/operations.ts';
import { defineServiceClass } from '../session/service-class.ts';

const FILM_SESSION = '1.2.840.10008.5.1.1.1';
const FILM_BOX = '1.2.840.10008.5.1.1.2';
const GRAYSCALE_IMAGE_BOX = '1.2.840.10008.5.1.1.4';
const COLOR_IMAGE_BOX = '1.2.840.10008.5.1.1.4.1';
const PRINTER = '1.2.840.10008.5.1.1.16';

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
    // §H.3.2: on their contexts come the requests of the SOP classes they are made of.
    GrayscaleMeta: {
      uid: '1.2.840.10008.5.1.1.9',
      operations: [],
      includes: [FILM_SESSION, FILM_BOX, GRAYSCALE_IMAGE_BOX, PRINTER],
    },
    ColorMeta: {
      uid: '1.2.840.10008.5.1.1.18',
      operations: [],
      includes: [FILM_SESSION, FILM_BOX, COLOR_IMAGE_BOX, PRINTER],
    },
    // §H.4.1 to §H.4.11
    FilmSession: { uid: FILM_SESSION, operations: ['create', 'set', 'delete', 'action'] },
    FilmBox: { uid: FILM_BOX, operations: ['create', 'set', 'delete', 'action'] },
    GrayscaleImageBox: { uid: GRAYSCALE_IMAGE_BOX, operations: ['set'] },
    ColorImageBox: { uid: COLOR_IMAGE_BOX, operations: ['set'] },
    AnnotationBox: { uid: '1.2.840.10008.5.1.1.15', operations: ['set'] },
    PrintJob: { uid: '1.2.840.10008.5.1.1.14', operations: ['get', 'eventReport'] },
    PresentationLut: { uid: '1.2.840.10008.5.1.1.23', operations: ['create', 'delete'] },
    Printer: { uid: PRINTER, operations: ['get', 'eventReport'] },
    PrinterConfiguration: { uid: '1.2.840.10008.5.1.1.16.376', operations: ['get'] },
  },
  statuses: {
    46592: ['warning', 'memory allocation is not supported'],
    46593: ['warning', 'film session printing (collation) is not supported'],
    46594: ['warning', 'the film session has no image boxes: an empty page'],
    46595: ['warning', 'the film box has no image boxes: an empty page'],
    46596: ['warning', 'an image is larger than its image box, and was made smaller'],
    46597: ['warning', 'the densities asked for are outside what the printer can do'],
    46601: ['warning', 'an image is larger than its image box, and was cropped'],
    46602: ['warning', 'an image is larger than its image box, and was decimated'],
    50688: ['failure', 'the film session has no film boxes'],
    50689: ['failure', 'no print job can be created for the film session: the print queue is full'],
    50690: ['failure', 'no print job can be created for the film box: the print queue is full'],
    50691: ['failure', 'an image is larger than its image box'],
    50693: ['failure', 'the printer has not enough memory for the image'],
    50707: ['failure', 'a combined print image is larger than its image box'],
    50710: ['failure', 'there is a film box that has not been printed'],
  },
});

/** The one instance of the printer: §H.4.6. */
export const PRINTER_INSTANCE = '1.2.840.10008.5.1.1.17';
/** The one instance of the printer's configuration: §H.4.11. */
export const PRINTER_CONFIGURATION_INSTANCE = '1.2.840.10008.5.1.1.17.376';
/** Action Type ID of film sessions and film boxes (§H.4.1.2.4, §H.4.2.2.4). */
export const PRINT_ACTION = 1;
/** Event Type IDs of a print job (§H.4.5.2.1). */
export const PrintJobEvent = { Pending: 1, Printing: 2, Done: 3, Failure: 4 } as const;
/** Event Type IDs of the printer (§H.4.6.2.1). */
export const PrinterEvent = { Normal: 1, Warning: 2, Failure: 3 } as const;
