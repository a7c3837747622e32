// The identities that an entry of the index gives: of its patient, and of itself among those that describe the same entities.

import type { DataSet } from '@x/dimse';
import { texts } from '@x/dimse/data-set';
import type { InstanceKey } from '../instance-store.ts';

/** The identity of the patient: identifier and issuer, or else name and date of birth. */
export function patientKeyOf({ study }: InstanceKey, attributes: DataSet): string {
  const { PatientID, IssuerOfPatientID, PatientName, PatientBirthDate } = study === '' ? {} : attributes;
  const id = first(PatientID);
  return JSON.stringify(
    id ? ['id', id, first(IssuerOfPatientID)] : ['name', first(PatientName), first(PatientBirthDate)],
  );
}

/** Orders the instances that may give a row its attributes. */
export function sourceOf({ study, series, sopInstance }: InstanceKey): string {
  return `${sopInstance} ${study} ${series}`;
}

function first(value: unknown): string {
  return texts(value)[0] ?? '';
}
