// The studies and patients that an operation involves, for the audit log. Without an audit log, noting them does nothing.

import type { DataSet } from '@x/dimse';
import { text } from '@x/dimse/data-set';

export interface InvolvedPatient {
  readonly id: string;
  readonly name: string;
}

/** By what was noted. Each has at most `MOST_INVOLVED` entries; `left` counts the others. */
export interface InvolvedObjects {
  readonly studies: Set<string>;
  readonly patients: Map<string, InvolvedPatient>;
  left: number;
}

export const MOST_INVOLVED = 1000;

const involved = new WeakMap<object, InvolvedObjects>();

/** Begins to note what the operation with this context involves. */
export function noteInvolved(context: object): InvolvedObjects {
  const objects: InvolvedObjects = { studies: new Set(), patients: new Map(), left: 0 };
  involved.set(context, objects);
  return objects;
}

/** Notes a study, and the patient of these attributes, for the operation with this context. */
export function involve(context: object, studies: unknown, attributes: DataSet = {}): void {
  const objects = involved.get(context);
  if (!objects) return;
  for (const study of uidsOf(studies)) {
    if (objects.studies.has(study)) continue;
    if (objects.studies.size < MOST_INVOLVED) objects.studies.add(study);
    else objects.left++;
  }
  const [id, name] = [text(attributes.PatientID), text(attributes.PatientName)];
  if ((id !== '' || name !== '') && objects.patients.size < MOST_INVOLVED)
    objects.patients.set(`${id}\\${name}`, { id, name });
}

function uidsOf(value: unknown): string[] {
  const values = Array.isArray(value) ? value : [value];
  return values.filter((each): each is string => typeof each === 'string' && each !== '');
}
