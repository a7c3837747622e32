// Basic Film Session: the attributes common to the films of a user (PS3.4 §H.4.1). No I/O.

import { number } from '../../data-set/access.ts';
import type { DataSet } from '../../data-set/data-set-values.ts';
import { Status } from '../../message/status.ts';
import { PrintStatus } from '../../services/print-management.ts';
import { FILM_SESSION_VALUES, supportedValues } from '../film/print-values.ts';
import type { FilmBox } from './film-box.ts';

/** A film session with its film boxes, which are deleted with it. */
export interface FilmSession {
  readonly uid: string;
  attributes: DataSet;
  readonly filmBoxes: Map<string, FilmBox>;
}

/** The attributes of a film session after N-CREATE or N-SET, as far as the printer supports them, and the status. */
export function filmSessionAttributes(
  before: DataSet,
  changes: DataSet,
): { readonly status: number; readonly attributes: DataSet } {
  const { attributes, unsupported } = supportedValues(changes, FILM_SESSION_VALUES);
  // No memory is reserved for a user: a request for it is answered with a warning.
  const wantsMemory = (number(changes.MemoryAllocation) ?? 0) > 0;
  const { MemoryAllocation: _, ...kept } = attributes;
  const status = wantsMemory
    ? PrintStatus.MemoryAllocationNotSupported
    : unsupported.length > 0
      ? Status.AttributeValueOutOfRange
      : Status.Success;
  return { status, attributes: { ...before, ...kept } };
}

/** The status of an order to print all films of a session, from the statuses of its films. */
export function sessionStatus({ attributes, filmBoxes }: FilmSession, statuses: readonly number[]): number {
  if (statuses.every((status) => status === PrintStatus.EmptyPage)) return PrintStatus.EmptyFilmSession;
  const fits = statuses.find((status) => status !== Status.Success && status !== PrintStatus.EmptyPage);
  if (fits !== undefined) return fits;
  // All copies of the first film come before those of the second.
  const isCollated = filmBoxes.size > 1 && (number(attributes.NumberOfCopies) ?? 1) > 1;
  return isCollated ? PrintStatus.CollationNotSupported : Status.Success;
}
