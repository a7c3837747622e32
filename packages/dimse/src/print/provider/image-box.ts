// Basic Grayscale Image Box and Basic Color Image Box: an image on a film (PS3.4 §H.4.3). No I/O.

import { number } from '../../data-set/access.ts';
import { type UntypedDataSet, valuesOf } from '../../data-set/data-set-values.ts';
import { DimseError } from '../../message/errors.ts';
import { Status } from '../../message/status.ts';
import { attributeFault, checkPresence } from '../../services/attribute-requirements.ts';
import { PrintStatus, printManagement } from '../../services/print-management.ts';
import { parsePrintImage } from '../film/print-image.ts';
import { byteLength, IMAGE_BOX_VALUES, supportedValues } from '../film/print-values.ts';
import { type FilmBox, type PrinterAbilities, placement, supportedDensities } from './film-box.ts';

/**
 * Sets an image box of a film. An empty sequence removes its image; without a sequence, the image stays. `roomFor` is the
 * number of bytes that the association may still use.
 * @throws DimseError 0120H, 0121H or 0106H for attributes that PS3.4 Tables H.4-10 and H.4-11 do not allow; 0105H for the
 * sequence of the other kind of image; C603H for an image that is too large and may be neither decimated nor cropped; C605H
 * for an image that exceeds `roomFor`.
 */
export function setImageBox(
  filmBox: FilmBox,
  uid: string,
  changes: UntypedDataSet,
  { geometry, densities: range }: PrinterAbilities,
  roomFor: number,
): number {
  const isColor = filmBox.imageBoxClass === printManagement.sopClasses.ColorImageBox.uid;
  const [own, other] = isColor ? [COLOR, GRAYSCALE] : [GRAYSCALE, COLOR];
  if (changes[other] !== undefined)
    throw attributeFault(Status.NoSuchAttribute, [other], 'not an attribute of this image box');
  checkPresence(changes, [{ keyword: 'ImageBoxPosition', type: 1 }]);
  const position = [...filmBox.imageBoxes.keys()].indexOf(uid);
  if (number(changes.ImageBoxPosition) !== position + 1)
    throw attributeFault(Status.InvalidAttributeValue, ['ImageBoxPosition'], `must be ${position + 1}`);
  const before = filmBox.imageBoxes.get(uid);
  const { attributes, unsupported } = supportedValues(changes, IMAGE_BOX_VALUES);
  const { densities, areInRange } = range ? supportedDensities(attributes, range) : { densities: {}, areInRange: true };
  const box: UntypedDataSet = { ...before, ...attributes, ...densities };
  const [image, ...others] = valuesOf(box[own]) as readonly UntypedDataSet[];
  if (others.length > 0) throw attributeFault(Status.InvalidAttributeValue, [own], 'more than one image');
  if (!image) {
    // The attributes of a removed image must not apply to the next one.
    filmBox.imageBoxes.set(uid, undefined);
    return Status.Success;
  }
  parsePrintImage(image, isColor);
  const length = byteLength(box) - byteLength(before);
  if (length > roomFor)
    throw new DimseError(PrintStatus.InsufficientMemory, { errorComment: `${length} bytes, room for ${roomFor}` });
  const hasAnnotations = filmBox.annotationBoxes.size > 0;
  const fit = geometry ? placement(box, filmBox.attributes, position, geometry, hasAnnotations).status : Status.Success;
  if (fit === PrintStatus.ImageTooLarge)
    throw new DimseError(PrintStatus.ImageTooLarge, { errorComment: 'it may be neither decimated nor cropped' });
  filmBox.imageBoxes.set(uid, box);
  if (fit !== Status.Success) return fit;
  if (!areInRange) return PrintStatus.DensityOutOfRange;
  return unsupported.length > 0 ? Status.AttributeValueOutOfRange : Status.Success;
}

const GRAYSCALE = 'BasicGrayscaleImageSequence';
const COLOR = 'BasicColorImageSequence';
