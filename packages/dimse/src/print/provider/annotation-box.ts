// Basic Annotation Box: text on a film (PS3.4 §H.4.4). No I/O.

import type { DataSet } from '../../data-set/data-set-values.ts';
import { checkPresence } from '../../services/attribute-requirements.ts';
import type { FilmBox } from './film-box.ts';

/**
 * Sets an annotation box of a film. The position is kept but not checked: the UID identifies the box, and some users count
 * from 0. @throws DimseError 0120H or 0121H if the position is missing or empty.
 */
export function setAnnotationBox({ annotationBoxes }: FilmBox, uid: string, changes: DataSet): void {
  checkPresence(changes, [{ keyword: 'AnnotationPosition', type: 1 }]);
  annotationBoxes.set(uid, { ...annotationBoxes.get(uid), ...changes });
}
