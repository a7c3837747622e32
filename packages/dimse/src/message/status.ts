// The DIMSE status codes: PS3.7 Annex C.

import { codeText } from '../registry/tag-text.ts';

/** The general statuses of PS3.7 Annex C. Service classes add their own, and a peer may send any number. */
export const Status = {
  Success: 0x0000,
  RequestedOptionalAttributesNotSupported: 0x0001,
  NoSuchAttribute: 0x0105,
  InvalidAttributeValue: 0x0106,
  AttributeListError: 0x0107,
  ProcessingFailure: 0x0110,
  DuplicateSopInstance: 0x0111,
  NoSuchSopInstance: 0x0112,
  NoSuchEventType: 0x0113,
  NoSuchArgument: 0x0114,
  InvalidArgumentValue: 0x0115,
  AttributeValueOutOfRange: 0x0116,
  InvalidSopInstance: 0x0117,
  NoSuchSopClass: 0x0118,
  ClassInstanceConflict: 0x0119,
  MissingAttribute: 0x0120,
  MissingAttributeValue: 0x0121,
  SopClassNotSupported: 0x0122,
  NoSuchActionType: 0x0123,
  NotAuthorized: 0x0124,
  DuplicateInvocation: 0x0210,
  UnrecognizedOperation: 0x0211,
  MistypedArgument: 0x0212,
  ResourceLimitation: 0x0213,
  OutOfResources: 0xa700,
  DataSetDoesNotMatchSopClass: 0xa900,
  CannotUnderstand: 0xc000,
  UnableToProcess: 0xc001,
  Cancel: 0xfe00,
  Pending: 0xff00,
  PendingWithWarning: 0xff01,
} as const;

/** The category of a status (PS3.7 Annex C). */
export type StatusCategory = 'success' | 'pending' | 'cancel' | 'warning' | 'failure';

/** The statuses of a service class: category and meaning by code. */
export type StatusTable = Readonly<Record<number, readonly [category: StatusCategory, meaning: string]>>;

/** The category of any status, by the ranges of PS3.7 Annex C. Unknown codes are failures. */
export function category(status: number): StatusCategory {
  if (status === Status.Success) return 'success';
  if (status === Status.Pending || status === Status.PendingWithWarning) return 'pending';
  if (status === Status.Cancel) return 'cancel';
  if (GENERAL_WARNINGS.has(status) || (status >= 0xb000 && status <= 0xbfff)) return 'warning';
  return 'failure';
}

/** Whether a value can be a status: an integer of 16 bits. */
export function isStatus(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffff;
}

/** The category of a status in a service class. The table of the service class takes precedence. */
export function categoryIn(statuses: StatusTable, status: number): StatusCategory {
  return statuses[status]?.[0] ?? category(status);
}

/** A status in words and code: `out of resources (A700H)`. The table of the service class takes precedence. */
export function describeStatus(status: number, statuses?: StatusTable): string {
  const meaning = statuses?.[status]?.[1] ?? MEANINGS[status] ?? meaningByRange(status);
  return `${meaning} (${codeText(status)}H)`;
}

const GENERAL_WARNINGS: ReadonlySet<number> = new Set([
  Status.RequestedOptionalAttributesNotSupported,
  Status.AttributeListError,
  Status.AttributeValueOutOfRange,
]);

const MEANINGS: Readonly<Record<number, string>> = {
  [Status.Success]: 'success',
  [Status.RequestedOptionalAttributesNotSupported]:
    'success, but optional attributes that were asked for are not supported',
  [Status.NoSuchAttribute]: 'no such attribute',
  [Status.InvalidAttributeValue]: 'invalid attribute value',
  [Status.AttributeListError]: 'some attributes were not recognized',
  [Status.ProcessingFailure]: 'processing failure',
  [Status.DuplicateSopInstance]: 'the SOP instance exists already',
  [Status.NoSuchSopInstance]: 'no such SOP instance',
  [Status.NoSuchEventType]: 'no such event type',
  [Status.NoSuchArgument]: 'no such argument',
  [Status.InvalidArgumentValue]: 'invalid argument value',
  [Status.AttributeValueOutOfRange]: 'an attribute value is out of range',
  [Status.InvalidSopInstance]: 'invalid SOP instance UID',
  [Status.NoSuchSopClass]: 'no such SOP class',
  [Status.ClassInstanceConflict]: 'the SOP instance is not of this SOP class',
  [Status.MissingAttribute]: 'a required attribute is missing',
  [Status.MissingAttributeValue]: 'a required attribute has no value',
  [Status.SopClassNotSupported]: 'SOP class not supported',
  [Status.NoSuchActionType]: 'no such action type',
  [Status.NotAuthorized]: 'not authorized',
  [Status.DuplicateInvocation]: 'the message ID is in use by another request',
  [Status.UnrecognizedOperation]: 'unrecognized operation',
  [Status.MistypedArgument]: 'a parameter has the wrong type',
  [Status.ResourceLimitation]: 'out of resources',
  [Status.Cancel]: 'cancelled',
  [Status.Pending]: 'pending',
  [Status.PendingWithWarning]: 'pending, but some optional keys are not supported',
};

// The ranges that PS3.4 uses for all composite services.
function meaningByRange(status: number): string {
  if (status >= 0xa700 && status <= 0xa7ff) return 'out of resources';
  if (status >= 0xa900 && status <= 0xa9ff) return 'the data set does not match the SOP class';
  if (status >= 0xc000 && status <= 0xcfff) return 'cannot understand or process';
  return category(status) === 'warning' ? 'warning' : 'failure';
}
