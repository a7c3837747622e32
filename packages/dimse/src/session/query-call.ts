// The properties of C-FIND requests, and of their responses by the attributes that are requested (PS3.4 §C.4.1, §K.4.1).

import type { Keyword } from '../data-set/data-dictionary.ts';
import type { DataSet } from '../data-set/data-set-values.ts';
import type { ResponseStatus } from './responses.ts';

/** The properties of a C-FIND request. */
export interface QueryRequest<Keys> {
  /** The level, the keys to match and the attributes to return. */
  readonly identifier: Keys;
  /** (0000,0700) Priority: 0 medium, 1 high, 2 low. */
  readonly priority?: number;
  /** May be left out if the service class has one SOP class for C-FIND. */
  readonly sopClass?: string;
  /** UID of the transfer syntax of the context to use. */
  readonly transferSyntax?: string;
}

/** A response to C-FIND whose identifier requests these attributes. */
export type MatchOf<Requested extends Keyword> = ResponseStatus & {
  /** Absent in the final response. */
  readonly identifier?: Pick<DataSet, Requested | AddedAttribute> | undefined;
};

/** Attributes that responses to C-FIND have although they may not be requested (PS3.4 §C.4.1.1.3.2, §K.4.1.1.3.2, §CC.2.8.3.2). */
type AddedAttribute =
  | 'InstanceAvailability'
  | 'PatientID'
  | 'QueryRetrieveLevel'
  | 'RetrieveAETitle'
  | 'SeriesInstanceUID'
  | 'SOPClassUID'
  | 'SOPInstanceUID'
  | 'SpecificCharacterSet'
  | 'StudyInstanceUID'
  | 'TimezoneOffsetFromUTC';
