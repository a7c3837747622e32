// A provider of Print Management: film sessions and what is under them, for as long as their association lives (PS3.4 Annex H).

import { tagOf } from './data-dictionary.ts';
import type { DataSet } from './dataset.ts';
import { DimseError } from './errors.ts';
import { imageBoxPlaces } from './film-layout.ts';
import { makeUid } from './make-uid.ts';
import { type HandlerContext, type Service, type ServiceSession, serve } from './service-class.ts';
import {
  PRINT_ACTION,
  PRINTER_CONFIGURATION_INSTANCE,
  PRINTER_INSTANCE,
  printManagement,
} from './services/print-management.ts';
import { Status } from './status.ts';

/** A film as it is to be printed. */
export interface PrintedFilm {
  /** AE title of the user. */
  readonly callingAeTitle: string;
  /** Attributes of the film session (PS3.3 §C.13.1) and of the film box (§C.13.3). */
  readonly filmSession: DataSet;
  readonly filmBox: DataSet;
  /** By position: attributes of the image box (§C.13.5), undefined where it was not set. */
  readonly imageBoxes: readonly (DataSet | undefined)[];
}

export interface PrintProviderOptions {
  /** Prints a film. What it throws is answered: C601H or C602H, no print job, where that is no DimseError. */
  readonly print: (film: PrintedFilm, context: HandlerContext) => void | Promise<void>;
  /** What N-GET of the printer tells beside its status: PS3.3 §C.13.9. */
  readonly printer?: DataSet;
  /** Film boxes of an association at once. Default 32. */
  readonly maximumFilmBoxes?: number;
}

interface FilmBox {
  attributes: DataSet;
  readonly imageBoxes: Map<string, DataSet | undefined>;
}

interface FilmSession {
  readonly uid: string;
  attributes: DataSet;
  readonly filmBoxes: Map<string, FilmBox>;
}

/** The service of a printer: give it to `createScp`. */
export function printProvider(options: PrintProviderOptions): Service {
  const { maximumFilmBoxes = 32 } = options;
  // Each association has one, which ends with it.
  const filmSessions = new WeakMap<ServiceSession, FilmSession>();
  const lookupTables = new WeakMap<ServiceSession, Set<string>>();

  const filmSessionOf = (session: ServiceSession): FilmSession => {
    const found = filmSessions.get(session);
    if (!found) throw new DimseError(Status.NoSuchSopInstance, { errorComment: 'there is no film session' });
    return found;
  };
  const filmBoxOf = (session: ServiceSession, uid: string): FilmBox => {
    const found = filmSessionOf(session).filmBoxes.get(uid);
    if (!found) throw new DimseError(Status.NoSuchSopInstance, { errorComment: 'there is no such film box' });
    return found;
  };

  const createFilmSession = ({ session }: HandlerContext, uid: string, attributes: DataSet) => {
    if (filmSessions.has(session))
      throw new DimseError(Status.ResourceLimitation, { errorComment: 'an association has one film session' });
    filmSessions.set(session, { uid, attributes, filmBoxes: new Map() });
    return { status: Status.Success, sopInstance: uid };
  };

  const createFilmBox = ({ session }: HandlerContext, uid: string, attributes: DataSet) => {
    const { filmBoxes } = filmSessionOf(session);
    if (filmBoxes.has(uid)) throw new DimseError(Status.DuplicateSopInstance);
    if (filmBoxes.size >= maximumFilmBoxes) throw new DimseError(Status.ResourceLimitation);
    const format = formatOf(attributes.ImageDisplayFormat);
    if (format === '') throw missing('ImageDisplayFormat');
    const places = imageBoxPlaces(format);
    if (!places) throw invalid('ImageDisplayFormat', `the format ${format} is not supported`);
    const sopClass = imageBoxClassOf(session);
    const uids = places.map(() => makeUid());
    filmBoxes.set(uid, { attributes, imageBoxes: new Map(uids.map((each) => [each, undefined])) });
    const references = uids.map((each) => ({ ReferencedSOPClassUID: sopClass, ReferencedSOPInstanceUID: each }));
    return {
      status: Status.Success,
      sopInstance: uid,
      attributes: { ...attributes, ReferencedImageBoxSequence: references },
    };
  };

  const setImageBox = ({ session }: HandlerContext, uid: string, modifications: DataSet) => {
    for (const { imageBoxes } of filmSessionOf(session).filmBoxes.values()) {
      if (!imageBoxes.has(uid)) continue;
      const box = { ...imageBoxes.get(uid), ...modifications };
      // An empty sequence takes the image away; where there is none, what is there stays.
      imageBoxes.set(uid, imageOf(box) ? box : undefined);
      return Status.Success;
    }
    throw new DimseError(Status.NoSuchSopInstance, { errorComment: 'there is no such image box' });
  };

  const printOne = async (context: HandlerContext, filmBox: FilmBox, noPrintJob: number): Promise<number> => {
    const { session, callingAeTitle } = context;
    const imageBoxes = [...filmBox.imageBoxes.values()];
    const film = {
      callingAeTitle,
      filmSession: filmSessionOf(session).attributes,
      filmBox: filmBox.attributes,
      imageBoxes,
    };
    try {
      await options.print(film, context);
    } catch (error) {
      if (error instanceof DimseError) throw error;
      throw new DimseError(noPrintJob, { errorComment: 'the film could not be printed', cause: error });
    }
    return imageBoxes.some((each) => each) ? Status.Success : EMPTY_PAGE;
  };

  return serve(printManagement, {
    create({ sopClass, sopInstance: uid = makeUid(), attributes = {} }, context) {
      if (sopClass === FilmSession.uid) return createFilmSession(context, uid, attributes);
      if (sopClass === FilmBox.uid) return createFilmBox(context, uid, attributes);
      const tables = lookupTables.get(context.session) ?? new Set();
      if (tables.size >= MOST_LOOKUP_TABLES) throw new DimseError(Status.ResourceLimitation);
      lookupTables.set(context.session, tables.add(uid));
      return { status: Status.Success, sopInstance: uid };
    },
    set({ sopClass, sopInstance, attributes }, context) {
      if (sopClass === FilmSession.uid) {
        const found = filmSessionOf(context.session);
        if (found.uid !== sopInstance) throw new DimseError(Status.NoSuchSopInstance);
        found.attributes = { ...found.attributes, ...attributes };
        return Status.Success;
      }
      if (sopClass === FilmBox.uid) {
        const found = filmBoxOf(context.session, sopInstance);
        // The image boxes were made for it.
        if (attributes.ImageDisplayFormat !== undefined)
          throw invalid('ImageDisplayFormat', 'the format of a film box stays as it was created');
        found.attributes = { ...found.attributes, ...attributes };
        return Status.Success;
      }
      return setImageBox(context, sopInstance, attributes);
    },
    async action({ sopClass, sopInstance, actionType }, context) {
      if (actionType !== PRINT_ACTION) throw new DimseError(Status.NoSuchActionType);
      const answer = (status: number) => ({ status, sopInstance, actionType });
      if (sopClass === FilmBox.uid)
        return answer(await printOne(context, filmBoxOf(context.session, sopInstance), NO_FILM_BOX_JOB));
      const { uid, filmBoxes } = filmSessionOf(context.session);
      if (uid !== sopInstance) throw new DimseError(Status.NoSuchSopInstance);
      if (filmBoxes.size === 0) throw new DimseError(NO_FILM_BOXES);
      const statuses: number[] = [];
      for (const filmBox of filmBoxes.values()) statuses.push(await printOne(context, filmBox, NO_FILM_SESSION_JOB));
      return answer(statuses.every((status) => status === EMPTY_PAGE) ? EMPTY_SESSION : Status.Success);
    },
    delete({ sopClass, sopInstance }, { session }) {
      if (sopClass === FilmBox.uid) {
        filmBoxOf(session, sopInstance);
        filmSessionOf(session).filmBoxes.delete(sopInstance);
      } else if (sopClass === FilmSession.uid) {
        if (filmSessionOf(session).uid !== sopInstance) throw new DimseError(Status.NoSuchSopInstance);
        filmSessions.delete(session);
      } else if (!lookupTables.get(session)?.delete(sopInstance)) throw new DimseError(Status.NoSuchSopInstance);
      return Status.Success;
    },
    get({ sopInstance, attributeIdentifiers = [] }) {
      const isPrinter = sopInstance === PRINTER_INSTANCE;
      if (!isPrinter && sopInstance !== PRINTER_CONFIGURATION_INSTANCE) throw new DimseError(Status.NoSuchSopInstance);
      // Of its configuration nothing is told.
      const all: DataSet = isPrinter
        ? { PrinterStatus: 'NORMAL', PrinterStatusInfo: 'NORMAL', ...options.printer }
        : {};
      const asked = new Set(attributeIdentifiers);
      const attributes = Object.fromEntries(
        Object.entries(all).filter(([keyword]) => asked.size === 0 || asked.has(tagOf(keyword) ?? -1)),
      );
      return { status: Status.Success, attributes };
    },
  });
}

const { FilmSession, FilmBox, ColorMeta, GrayscaleMeta, ColorImageBox, GrayscaleImageBox } = printManagement.sopClasses;
const MOST_LOOKUP_TABLES = 32;
const EMPTY_SESSION = 0xb602;
const EMPTY_PAGE = 0xb603;
const NO_FILM_BOXES = 0xc600;
const NO_FILM_SESSION_JOB = 0xc601;
const NO_FILM_BOX_JOB = 0xc602;

/** What of an image box is to be printed: its image, of either kind. */
export function imageOf(imageBox: DataSet): DataSet | undefined {
  const { BasicGrayscaleImageSequence: gray, BasicColorImageSequence: color } = imageBox;
  const [image] = [gray, color].flatMap((sequence) => (Array.isArray(sequence) ? sequence : []));
  return image as DataSet | undefined;
}

/** Both may have been negotiated; the film is a grey one then, and takes images of either kind. */
function imageBoxClassOf({ association }: ServiceSession): string {
  const accepted = [...association.contexts.values()].map(({ abstractSyntax }) => abstractSyntax);
  return accepted.includes(ColorMeta.uid) && !accepted.includes(GrayscaleMeta.uid)
    ? ColorImageBox.uid
    : GrayscaleImageBox.uid;
}

/** The format is one text, in which a backslash is no delimiter. */
function formatOf(value: unknown): string {
  return Array.isArray(value) ? value.join('\\') : String(value ?? '');
}

function missing(keyword: string): DimseError {
  return new DimseError(Status.MissingAttribute, {
    errorComment: `${keyword} is missing`,
    offendingElements: [tagOf(keyword) ?? 0],
  });
}

function invalid(keyword: string, errorComment: string): DimseError {
  return new DimseError(Status.InvalidAttributeValue, {
    errorComment: errorComment.slice(0, 64),
    offendingElements: [tagOf(keyword) ?? 0],
  });
}
