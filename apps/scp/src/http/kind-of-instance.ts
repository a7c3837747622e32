// The kinds of instances that have no picture, in a word (PS3.4 §B.5).

import { uidName } from '@x/dimse/data-set';

/** By name of the SOP class. The first that fits counts. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [/ SR Storage$|Report Storage$|Procedure Log Storage$/, 'report'],
  [/^Key Object Selection/, 'key objects'],
  [/Audio Waveform Storage$/, 'sound'],
  [/Waveform Storage$/, 'waveform'],
  [/^Encapsulated (STL|OBJ|MTL)/, '3D model'],
  [/^Encapsulated/, 'document'],
  [/Presentation State Storage$/, 'presentation state'],
  [/^Video/, 'video'],
  [/^RT (?!Image)|Radiation (Record )?Storage$/, 'radiotherapy'],
  [/Measurements Storage$/, 'measurements'],
  [/Spectroscopy Storage$/, 'spectroscopy'],
  [/^Raw Data/, 'raw data'],
];

/** Undefined if instances of a SOP class may have a picture, or if nothing is known about it. */
export function kindOfInstance(sopClass: string): string | undefined {
  const name = uidName(sopClass);
  return KINDS.find(([names]) => names.test(name))?.[1];
}
