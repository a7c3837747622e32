// The public names of @x/dimse/print: the provider and the user of Print Management, and the layout of films.

export { type ImageBoxPlace, imageBoxPlaces } from './print/film/film-layout.ts';
export { filmSizeOf } from './print/film/film-size.ts';
export {
  type Area,
  type FilmAreas,
  filmAreas,
  type ImagePlacement,
  type PrinterGeometry,
  placeImage,
} from './print/film/image-placement.ts';
export { type PrintedFilm, presentationLutOf } from './print/film/print-film.ts';
export { type PrintImage, printImageOf } from './print/film/print-image.ts';
export { PRINT_ATTRIBUTES } from './print/film/print-values.ts';
export type { DensityRange, PrinterAbilities } from './print/provider/film-box.ts';
export type { PresentationLut } from './print/provider/presentation-lut.ts';
export { type FilmOfJob, PrintFault, type PrintJobStore, type PrintOrder } from './print/provider/print-job.ts';
export { PrintProvider } from './print/provider/print-provider.ts';
export type { PrintProviderOptions } from './print/provider/print-provider-options.ts';
export type { PrinterStatus } from './print/provider/printer.ts';
export type { FilmAnnotations, FilmRequest, FilmResponse } from './print/user/film-request.ts';
export { type JobEndOptions, type PrintJobState, PrintUser, type PrintUserOptions } from './print/user/print-user.ts';
