// What the user of a printer has made on its association, and what ends with it: PS3.4 §H.4.1.2.3, §H.4.9.2.1.3. No I/O.

import type { DataSet } from '../../data-set/data-set-values.ts';
import { DimseError } from '../../message/errors.ts';
import { Status } from '../../message/status.ts';
import { attributeFault } from '../../services/attribute-requirements.ts';
import { printManagement } from '../../services/print-management.ts';
import type { ServiceSession } from '../../session/service-class.ts';
import { type PrintedFilm, withPresentationLut } from '../film/print-film.ts';
import { byteLength, referencedInstance } from '../film/print-values.ts';
import type { FilmBox } from './film-box.ts';
import type { FilmSession } from './film-session.ts';

const { FilmSession: SESSION, FilmBox: BOX, AnnotationBox, PresentationLut } = printManagement.sopClasses;

/** One association's film session and Presentation LUTs, each instance by its UID. */
export class PrintAssociation {
  readonly session: ServiceSession;
  readonly presentationLuts = new Map<string, DataSet>();
  filmSession: FilmSession | undefined;

  constructor(session: ServiceSession) {
    this.session = session;
  }

  /** Whether a SOP class was negotiated, by itself or in a meta SOP class. */
  hasNegotiated(sopClass: string): boolean {
    const { contexts } = this.session.association;
    return [...contexts.values()].some(({ abstractSyntax }) => carriers(sopClass).has(abstractSyntax));
  }

  /** About how many bytes all of it takes. */
  get bytes(): number {
    const { filmSession, presentationLuts } = this;
    const boxes = [...(filmSession?.filmBoxes.values() ?? [])].flatMap(
      ({ attributes, imageBoxes, annotationBoxes }) => [
        attributes,
        ...imageBoxes.values(),
        ...annotationBoxes.values(),
      ],
    );
    return byteLength([filmSession?.attributes, ...boxes, ...presentationLuts.values()]);
  }

  /** That an instance is there and of a SOP class. @throws DimseError 0112H or 0119H. */
  expect(sopClass: string, uid: string): void {
    const found = this.#classOf(uid);
    if (found === undefined)
      throw new DimseError(Status.NoSuchSopInstance, { errorComment: 'there is no such instance' });
    if (found !== sopClass) throw new DimseError(Status.ClassInstanceConflict);
  }

  /** @throws DimseError 0111H where an instance has this UID. */
  expectNew(uid: string): void {
    if (this.#classOf(uid) !== undefined) throw new DimseError(Status.DuplicateSopInstance);
  }

  /** @throws DimseError 0112H where there is none, 0119H where the UID is another instance's. */
  filmSessionOf(uid?: string): FilmSession {
    if (uid !== undefined) this.expect(SESSION.uid, uid);
    const { filmSession } = this;
    if (!filmSession) throw new DimseError(Status.NoSuchSopInstance, { errorComment: 'there is no film session' });
    return filmSession;
  }

  /** @throws DimseError 0112H where there is none, 0119H where the UID is another instance's. */
  filmBoxOf(uid: string): FilmBox {
    this.expect(BOX.uid, uid);
    return this.filmSessionOf().filmBoxes.get(uid) as FilmBox;
  }

  /** The film box that has an image box or annotation box. @throws DimseError 0112H or 0119H. */
  holderOf(sopClass: string, uid: string): FilmBox {
    this.expect(sopClass, uid);
    const boxes = [...this.filmSessionOf().filmBoxes.values()];
    return boxes.find(({ imageBoxes, annotationBoxes }) => imageBoxes.has(uid) || annotationBoxes.has(uid)) as FilmBox;
  }

  /** That attributes refer to the film session there is, if to one. @throws DimseError 0106H. */
  expectFilmSessionReference({ ReferencedFilmSessionSequence }: DataSet): void {
    const uid = referencedInstance(ReferencedFilmSessionSequence);
    if (uid !== undefined && uid !== this.filmSessionOf().uid)
      throw attributeFault(Status.InvalidAttributeValue, ['ReferencedFilmSessionSequence'], 'not the film session');
  }

  /** The Presentation LUT that attributes refer to, if to one. @throws DimseError 0106H for one that is not there. */
  presentationLutOf({ ReferencedPresentationLUTSequence }: DataSet): DataSet | undefined {
    const uid = referencedInstance(ReferencedPresentationLUTSequence);
    const found = uid === undefined ? undefined : this.presentationLuts.get(uid);
    if (uid !== undefined && !found)
      throw attributeFault(Status.InvalidAttributeValue, ['ReferencedPresentationLUTSequence'], 'there is no such LUT');
    return found;
  }

  /** A copy of a film as it is now. What it is made of is replaced when it is set, and never changed. */
  printedFilm(filmBox: FilmBox): PrintedFilm {
    const { id, callingAeTitle } = this.session.association;
    return {
      association: id,
      callingAeTitle,
      filmSession: this.filmSessionOf().attributes,
      filmBox: filmBox.attributes,
      imageBoxes: [...filmBox.imageBoxes.values()],
      annotationBoxes: [...filmBox.annotationBoxes.values()],
    };
  }

  #classOf(uid: string): string | undefined {
    const { filmSession, presentationLuts } = this;
    if (presentationLuts.has(uid)) return PresentationLut.uid;
    if (!filmSession) return undefined;
    if (filmSession.uid === uid) return SESSION.uid;
    for (const [filmBox, { imageBoxClass, imageBoxes, annotationBoxes }] of filmSession.filmBoxes) {
      if (filmBox === uid) return BOX.uid;
      if (imageBoxes.has(uid)) return imageBoxClass;
      if (annotationBoxes.has(uid)) return AnnotationBox.uid;
    }
    return undefined;
  }
}

/** The attributes of a box with those of the Presentation LUT they refer to; what they do not name stays as it was. */
export function withReferencedLut(association: PrintAssociation, changes: DataSet): DataSet {
  if (changes.ReferencedPresentationLUTSequence === undefined) return withPresentationLut(changes, undefined);
  // That it refers to none now takes away what was there.
  const none = { PresentationLUTSequence: undefined, PresentationLUTShape: undefined };
  return withPresentationLut(changes, { ...none, ...association.presentationLutOf(changes) });
}

function carriers(sopClass: string): ReadonlySet<string> {
  const metas = Object.values(printManagement.sopClasses).filter(
    (definition) => 'includes' in definition && (definition.includes as readonly string[]).includes(sopClass),
  );
  return new Set([sopClass, ...metas.map(({ uid }) => uid)]);
}
