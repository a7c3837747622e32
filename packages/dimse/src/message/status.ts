// The DIMSE status codes: PS3.7 Annex C.

import { codeText } from '../registry/tag-text.ts';

/** The general statuses of PS3.7 Annex C. Service classes add their own, and a peer may send any number. */
export const Status = {
  /** The operation is complete. */
  Success: 0x0000,
  /** Warning: optional attributes that were requested are not supported. */
  RequestedOptionalAttributesNotSupported: 0x0001,
  /** The SOP class does not have an attribute of the request. */
  NoSuchAttribute: 0x0105,
  /** A value is not allowed for its attribute. */
  InvalidAttributeValue: 0x0106,
  /** Warning: some attributes were not set or returned. */
  AttributeListError: 0x0107,
  /** The operation failed for another reason. */
  ProcessingFailure: 0x0110,
  /** The instance exists already. */
  DuplicateSopInstance: 0x0111,
  /** The instance does not exist. */
  NoSuchSopInstance: 0x0112,
  /** The Event Type ID is unknown. */
  NoSuchEventType: 0x0113,
  /** The event or action has an unknown argument. */
  NoSuchArgument: 0x0114,
  /** An argument has a value that is not allowed. */
  InvalidArgumentValue: 0x0115,
  /** Warning: a value is out of range. */
  AttributeValueOutOfRange: 0x0116,
  /** The SOP Instance UID is malformed or not allowed. */
  InvalidSopInstance: 0x0117,
  /** The SOP class is unknown. */
  NoSuchSopClass: 0x0118,
  /** The instance is of another SOP class. */
  ClassInstanceConflict: 0x0119,
  /** A required attribute is missing. */
  MissingAttribute: 0x0120,
  /** A required attribute has no value. */
  MissingAttributeValue: 0x0121,
  /** The SOP class is not supported. */
  SopClassNotSupported: 0x0122,
  /** The Action Type ID is unknown. */
  NoSuchActionType: 0x0123,
  /** The requestor may not do this. */
  NotAuthorized: 0x0124,
  /** The Message ID is in use. */
  DuplicateInvocation: 0x0210,
  /** The operation is not provided. */
  UnrecognizedOperation: 0x0211,
  /** An argument has the wrong type. */
  MistypedArgument: 0x0212,
  /** Not enough resources for an N-service. */
  ResourceLimitation: 0x0213,
  /** Not enough resources for a C-service; A701H to A7FFH, too. */
  OutOfResources: 0xa700,
  /** The data set or identifier does not match the SOP class; A900H to A9FFH. */
  DataSetDoesNotMatchSopClass: 0xa900,
  /** The data set or identifier cannot be understood; C000H to CFFFH. */
  CannotUnderstand: 0xc000,
  /** The request cannot be processed. */
  UnableToProcess: 0xc001,
  /** The operation ended because of C-CANCEL. */
  Cancel: 0xfe00,
  /** More responses follow. */
  Pending: 0xff00,
  /** More responses follow; an optional key is not supported. */
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
