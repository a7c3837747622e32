// Basic Film Session: what is common to the films of a user, PS3.4 §H.4.1. No I/O.

import type { DataSet } from '../../data-set/data-set-values.ts';
import { Status } from '../../message/status.ts';
import { PrintStatus } from '../../services/print-management.ts';
import { FILM_SESSION_VALUES, numberValue, supportedValues } from '../film/print-values.ts';
import type { FilmBox } from './film-box.ts';

/** A film session with its film boxes, which end with it. */
export interface FilmSession {
  readonly uid: string;
  attributes: DataSet;
  readonly filmBoxes: Map<string, FilmBox>;
}

/** The attributes of a film session that is created or set: those asked for, as far as the printer can; and the status. */
export function filmSessionAttributes(
  before: DataSet,
  changes: DataSet,
): { readonly status: number; readonly attributes: DataSet } {
  const { attributes, unsupported } = supportedValues(changes, FILM_SESSION_VALUES);
  // Nobody's memory is kept for them alone: who asks for it is told.
  const wantsMemory = (numberValue(changes.MemoryAllocation) ?? 0) > 0;
  const { MemoryAllocation: _, ...kept } = attributes;
  const status = wantsMemory
    ? PrintStatus.MemoryAllocationNotSupported
    : unsupported.length > 0
      ? Status.AttributeValueOutOfRange
      : Status.Success;
  return { status, attributes: { ...before, ...kept } };
}

/** The status of an order to print all films of a session, by those of its films and the films themselves. */
export function sessionStatus({ attributes, filmBoxes }: FilmSession, statuses: readonly number[]): number {
  if (statuses.every((status) => status === PrintStatus.EmptyPage)) return PrintStatus.EmptyFilmSession;
  const fits = statuses.find((status) => status !== Status.Success && status !== PrintStatus.EmptyPage);
  if (fits !== undefined) return fits;
  // All copies of the first film come before those of the second.
  const isCollated = filmBoxes.size > 1 && (numberValue(attributes.NumberOfCopies) ?? 1) > 1;
  return isCollated ? PrintStatus.CollationNotSupported : Status.Success;
}
