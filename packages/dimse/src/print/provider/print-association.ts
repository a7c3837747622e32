// The instances that a user has created on an association, and which end with it (PS3.4 §H.4.1.2.3, §H.4.9.2.1.3). No I/O.

import type { UntypedDataSet } from '../../data-set/data-set-values.ts';
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

/** The film session and Presentation LUTs of one association, by UID. */
export class PrintAssociation {
  readonly session: ServiceSession;
  readonly presentationLuts = new Map<string, UntypedDataSet>();
  filmSession: FilmSession | undefined;

  constructor(session: ServiceSession) {
    this.session = session;
  }

  /** Whether a SOP class was negotiated, either directly or through a meta SOP class. */
  hasNegotiated(sopClass: string): boolean {
    const { contexts } = this.session.association;
    return [...contexts.values()].some(({ abstractSyntax }) => carriers(sopClass).has(abstractSyntax));
  }

  /** The approximate number of bytes of all instances. */
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

  /** Checks that an instance exists and is of a SOP class. @throws DimseError 0112H or 0119H. */
  expect(sopClass: string, uid: string): void {
    const found = this.#classOf(uid);
    if (found === undefined)
      throw new DimseError(Status.NoSuchSopInstance, { errorComment: 'there is no such instance' });
    if (found !== sopClass) throw new DimseError(Status.ClassInstanceConflict);
  }

  /** Checks that a UID is free. @throws DimseError 0111H if an instance has it. */
  expectNew(uid: string): void {
    if (this.#classOf(uid) !== undefined) throw new DimseError(Status.DuplicateSopInstance);
  }

  /** The film session. @throws DimseError 0112H if it does not exist, 0119H if the UID belongs to another instance. */
  filmSessionOf(uid?: string): FilmSession {
    if (uid !== undefined) this.expect(SESSION.uid, uid);
    const { filmSession } = this;
    if (!filmSession) throw new DimseError(Status.NoSuchSopInstance, { errorComment: 'there is no film session' });
    return filmSession;
  }

  /** A film box. @throws DimseError 0112H if it does not exist, 0119H if the UID belongs to another instance. */
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

  /** Checks that a reference to a film session, if there is one, names this one. @throws DimseError 0106H. */
  expectFilmSessionReference({ ReferencedFilmSessionSequence }: UntypedDataSet): void {
    const uid = referencedInstance(ReferencedFilmSessionSequence);
    if (uid !== undefined && uid !== this.filmSessionOf().uid)
      throw attributeFault(Status.InvalidAttributeValue, ['ReferencedFilmSessionSequence'], 'not the film session');
  }

  /** The Presentation LUT that attributes refer to, if they do. @throws DimseError 0106H if it does not exist. */
  presentationLutOf({ ReferencedPresentationLUTSequence }: UntypedDataSet): UntypedDataSet | undefined {
    const uid = referencedInstance(ReferencedPresentationLUTSequence);
    const found = uid === undefined ? undefined : this.presentationLuts.get(uid);
    if (uid !== undefined && !found)
      throw attributeFault(Status.InvalidAttributeValue, ['ReferencedPresentationLUTSequence'], 'there is no such LUT');
    return found;
  }

  /** A snapshot of a film. Its data sets need not be copied, because N-SET replaces them and never changes them. */
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

/** The attributes of a box, with those of the Presentation LUT if they refer to one. */
export function withReferencedLut(association: PrintAssociation, changes: UntypedDataSet): UntypedDataSet {
  if (changes.ReferencedPresentationLUTSequence === undefined) return withPresentationLut(changes, undefined);
  // An empty reference removes an earlier Presentation LUT.
  const none = { PresentationLUTSequence: undefined, PresentationLUTShape: undefined };
  return withPresentationLut(changes, { ...none, ...association.presentationLutOf(changes) });
}

function carriers(sopClass: string): ReadonlySet<string> {
  const metas = Object.values(printManagement.sopClasses).filter(
    (definition) => 'includes' in definition && (definition.includes as readonly string[]).includes(sopClass),
  );
  return new Set([sopClass, ...metas.map(({ uid }) => uid)]);
}
