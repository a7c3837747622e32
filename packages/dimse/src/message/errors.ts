// The errors of message exchange, one class for each way in which a caller would react.

import { CodedError } from '@x/pdu/internal';
import { keywordOf } from '../data-set/data-dictionary.ts';
import { codeText, tagText } from '../registry/tag-text.ts';
import { category, describeStatus, Status, type StatusCategory, type StatusTable } from './status.ts';

/** The parts of a `DimseError`. */
interface DimseErrorDetails {
  readonly errorComment?: string | undefined;
  readonly offendingElements?: readonly number[] | undefined;
  readonly errorId?: number | undefined;
  readonly response?: Readonly<Record<string, unknown>>;
  readonly statuses?: StatusTable | undefined;
  readonly operation?: string;
  /** Keywords of the attributes in the request. */
  readonly requested?: readonly string[] | undefined;
  readonly cause?: unknown;
}

/** A failure status: received from the peer, or thrown by a handler to be sent to the peer. */
export class DimseError extends CodedError {
  static override readonly name: string = 'DimseError';
  /** `STATUS_` and the status in four hexadecimal digits: `STATUS_A700`. */
  readonly code: string;
  /** The status of PS3.7 Annex C or of the service class. */
  readonly status: number;
  /** (0000,0902) Error Comment: at most 64 characters reach the peer. */
  readonly errorComment: string | undefined;
  /** (0000,0901) Offending Element: tags as `0xggggeeee`. */
  readonly offendingElements: readonly number[] | undefined;
  /** (0000,0903) Error ID. */
  readonly errorId: number | undefined;
  /** The other properties of the response. */
  readonly response: Readonly<Record<string, unknown>> | undefined;
  /** The status in words and code, in the terms of the service class. */
  readonly description: string;
  /**
   * The attributes to which the response refers, in words. If a status says that an attribute is wrong and the response does
   * not name it, these are the attributes of the request.
   */
  readonly attributes: string | undefined;

  constructor(status: number, details: DimseErrorDetails = {}) {
    const { operation, errorComment, statuses } = details;
    const words = describeStatus(status, statuses);
    const attributes = attributesOf(status, details);
    const parts = [operation, words, errorComment, attributes].filter((part) => part !== undefined && part !== '');
    super(parts.join(': '), { cause: details.cause });
    this.code = `STATUS_${codeText(status)}`;
    this.status = status;
    this.description = words;
    this.errorComment = errorComment;
    this.attributes = attributes;
    this.offendingElements = details.offendingElements;
    this.errorId = details.errorId;
    this.response = details.response;
  }

  /** Whether the status is a failure, a warning, a cancellation … */
  get category(): StatusCategory {
    return category(this.status);
  }
}

/** PS3.7 §C.4 and §C.5: the statuses that one of the attributes caused. */
const ATTRIBUTE_STATUSES: ReadonlySet<number> = new Set([
  Status.NoSuchAttribute,
  Status.InvalidAttributeValue,
  Status.AttributeListError,
  Status.AttributeValueOutOfRange,
  Status.MissingAttribute,
  Status.MissingAttributeValue,
]);

/** Most attributes that a message names. */
const MOST_NAMED = 12;

function attributesOf(status: number, details: DimseErrorDetails): string | undefined {
  const { errorComment = '', offendingElements = [], response = {}, requested = [] } = details;
  const { attributeIdentifiers = [] } = response as { readonly attributeIdentifiers?: readonly number[] };
  const named = new Set([...offendingElements, ...attributeIdentifiers].map((tag) => keywordOf(tag) ?? tagText(tag)));
  if (named.size > 0) {
    const others = [...named].filter((name) => !`${errorComment}`.includes(name));
    return others.length > 0 ? listOf(others) : undefined;
  }
  if (!ATTRIBUTE_STATUSES.has(status) || errorComment !== '' || requested.length === 0) return undefined;
  return `the response names none of the attributes of the request: ${listOf(requested)}`;
}

function listOf(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  return names.slice(0, MOST_NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** None of the negotiated presentation contexts can carry the request. Nothing was sent. */
export class NoContextError extends CodedError {
  static override readonly name: string = 'NoContextError';
  readonly code = 'NO_CONTEXT';
  /** UID of the SOP class of the request. */
  readonly sopClass: string;
  /** UID of the transfer syntax of the data set, if the request named one. */
  readonly transferSyntax: string | undefined;

  constructor(message: string, sopClass: string, transferSyntax?: string) {
    super(message);
    this.sopClass = sopClass;
    this.transferSyntax = transferSyntax;
  }
}

/** An instance was not sent, because no association could be opened for it, or the transfer ended; `cause` has the reason. */
export class NotSentError extends CodedError {
  static override readonly name: string = 'NotSentError';
  readonly code = 'NOT_SENT';

  constructor(cause: Error) {
    super(`not sent: ${cause.message}`, { cause });
  }
}

/** A transfer ended because too many associations in a row were lost without a response; `cause` ended the last one. */
export class PeerLostError extends CodedError {
  static override readonly name: string = 'PeerLostError';
  readonly code = 'PEER_LOST';
  /** The number of associations. */
  readonly associations: number;

  constructor(associations: number, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`${associations} associations in a row were lost without a response; the last one: ${why}`, { cause });
    this.associations = associations;
  }
}

/** The phase in which a request failed. */
export type RequestPhase = 'send' | 'await-response';

/** A request failed without a response; `cause` has the reason. The other fields tell whether it may be sent again. */
export class RequestError extends CodedError {
  static override readonly name: string = 'RequestError';
  /** Whether the request was not sent, or has no response. */
  readonly code: 'REQUEST_NOT_SENT' | 'REQUEST_NO_RESPONSE';
  /** `C-STORE`, … */
  readonly operation: string;
  /** (0000,0110) Message ID of the request. */
  readonly messageId: number;
  /** Whether sending failed, or waiting for the response. */
  readonly phase: RequestPhase;
  /** Whether the whole request was handed to the transport. If so, the peer may have performed it. */
  readonly delivered: boolean;

  constructor(operation: string, messageId: number, phase: RequestPhase, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`${operation} ${phase === 'send' ? 'could not be sent' : 'got no response'}: ${why}`, { cause });
    this.code = phase === 'send' ? 'REQUEST_NOT_SENT' : 'REQUEST_NO_RESPONSE';
    this.operation = operation;
    this.messageId = messageId;
    this.phase = phase;
    this.delivered = phase === 'await-response';
  }
}
