// A listening printer and connected users, for tests. It is not published.

import type { DataSet } from '../src/data-set/dataset.ts';
import type { PrintedFilm } from '../src/print/film/print-film.ts';
import { PrintProvider } from '../src/print/provider/print-provider.ts';
import type { PrintProviderOptions } from '../src/print/provider/print-provider-options.ts';
import { TransferSyntax } from '../src/registry/uids.generated.ts';
import { PRINT_ACTION, printManagement } from '../src/services/print-management.ts';
import { createScp } from '../src/session/scp.ts';
import { openSession } from '../src/session/scu.ts';
import type { Client, Service } from '../src/session/service-class.ts';
import type { Session } from '../src/session/session.ts';

const { FilmSession, FilmBox, GrayscaleImageBox, GrayscaleMeta } = printManagement.sopClasses;

/** A gray image of 2 by 2 pixels. */
export const IMAGE: DataSet = {
  SamplesPerPixel: 1,
  PhotometricInterpretation: 'MONOCHROME2',
  Rows: 2,
  Columns: 2,
  BitsAllocated: 8,
  BitsStored: 8,
  HighBit: 7,
  PixelRepresentation: 0,
  PixelData: new Uint8Array([0, 80, 160, 255]),
};

export interface RunningPrinter extends AsyncDisposable {
  readonly provider: PrintProvider;
  /** The printed films. */
  readonly films: PrintedFilm[];
  /** A session with contexts for these SOP classes. */
  connect(sopClasses?: readonly string[], serves?: readonly Service[]): Promise<Session>;
}

/** Starts a printer. `print` may throw or wait. */
export async function startPrinter(options: Partial<PrintProviderOptions> = {}): Promise<RunningPrinter> {
  const films: PrintedFilm[] = [];
  const provider = new PrintProvider({
    printer: { PrinterName: 'VIRTUAL' },
    ...options,
    async print(film, place) {
      await options.print?.(film, place);
      films.push(film);
    },
  });
  const scp = createScp({ aeTitle: 'PRINTER', services: [provider.service] });
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  return {
    provider,
    films,
    connect: (sopClasses = [GrayscaleMeta.uid], serves = []) =>
      openSession({
        host: '127.0.0.1',
        port,
        callingAeTitle: 'ME',
        calledAeTitle: 'PRINTER',
        services: [printManagement],
        serves,
        contexts: sopClasses.map((abstractSyntax) => ({
          abstractSyntax,
          transferSyntaxes: [TransferSyntax.ExplicitVRLittleEndian],
        })),
      }),
    async [Symbol.asyncDispose]() {
      await scp.close();
      await provider.close();
    },
  };
}

/** A film session and a film box on an association, with the UIDs of the image boxes and annotation boxes. */
export async function createFilm(session: Session, filmBox: DataSet = {}, filmSession: DataSet = {}) {
  const client = session.use(printManagement);
  const { sopInstance: sessionUid = '' } = await client.create({
    sopClass: FilmSession.uid,
    attributes: filmSession,
  });
  return { client, sessionUid, ...(await createBox(client, filmBox)) };
}

/** One more film box. */
export async function createBox(client: Client<typeof printManagement>, filmBox: DataSet = {}) {
  const attributes = { ImageDisplayFormat: 'STANDARD\\1,1', ...filmBox };
  const {
    sopInstance = '',
    attributes: made = {},
    status,
  } = await client.create({ sopClass: FilmBox.uid, attributes });
  const uidsOf = (sequence: unknown) =>
    ((sequence ?? []) as DataSet[]).map(({ ReferencedSOPInstanceUID }) => String(ReferencedSOPInstanceUID));
  return {
    boxUid: sopInstance,
    boxStatus: status,
    boxAttributes: made,
    imageBoxes: uidsOf(made.ReferencedImageBoxSequence),
    annotationBoxes: uidsOf(made.ReferencedBasicAnnotationBoxSequence),
  };
}

/** The status of a response, or of the failure. */
export function statusOf(call: Promise<{ readonly status: number }>): Promise<number> {
  return call.then(
    ({ status }) => status,
    (error) => error.status,
  );
}

/** A promise that settles when it is opened. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** A square gray image with one byte per pixel. */
export const large = (side: number): DataSet => ({
  ...IMAGE,
  Rows: side,
  Columns: side,
  PixelData: new Uint8Array(side * side),
});

/** The result of `createFilm`. */
export type Film = Awaited<ReturnType<typeof createFilm>>;
export const setImage = ({ client, imageBoxes }: Film, attributes: DataSet = {}, image: DataSet = IMAGE) =>
  client.set({
    sopClass: GrayscaleImageBox.uid,
    sopInstance: imageBoxes[0] ?? '',
    attributes: { ImageBoxPosition: 1, BasicGrayscaleImageSequence: [image], ...attributes },
  });
export const printBox = ({ client, boxUid }: Film) =>
  client.action({ sopClass: FilmBox.uid, sopInstance: boxUid, actionType: PRINT_ACTION });
export const printSession = ({ client, sessionUid }: Film) =>
  client.action({ sopClass: FilmSession.uid, sopInstance: sessionUid, actionType: PRINT_ACTION });

/** A film with an image. */
export async function filled(session: Session, filmBox: DataSet = {}, filmSession: DataSet = {}): Promise<Film> {
  const film = await createFilm(session, filmBox, filmSession);
  await setImage(film);
  return film;
}
