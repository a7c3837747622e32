// DIMSE operations as data, after the tables of PS3.7 §9.3 and §10.3, and the types of their requests and responses.

import type { DataSource } from '@x/net';
import { anything, aValueOf, checkOptions, type OptionTable } from '@x/pdu/internal';
import type { DataSet, DataSetInput, Identifier } from '../data-set/dataset.ts';
import type { CommandSet } from './command-set.ts';
import type { DataSetField, ElementField, Field, Fields, InstanceField } from './field.ts';

/** A data set as it arrives, in the encoding of its presentation context. It can be read once. */
export interface IncomingData extends AsyncIterable<Uint8Array> {
  /** The same bytes in batches of the views that have arrived together, for one vectored write each. */
  batches(): AsyncIterable<readonly Uint8Array[]>;
  /**
   * All bytes at once, if they have arrived, and none has been read: they are read then. Otherwise undefined, and nothing has
   * changed. Data that never are at hand need not have it.
   */
  atHand?(): readonly Uint8Array[] | undefined;
}

/** One DIMSE operation: the table of its messages, from which the types of both roles follow. */
export interface Operation<
  Request extends Fields = Fields,
  Response extends Fields = Fields,
  Answers extends 'one' | 'many' = 'one' | 'many',
> {
  /** The standard's name: `C-STORE`. */
  readonly name: string;
  /** Command Field of the request; the response's has 8000H added. */
  readonly commandField: number;
  /** `many`: pending responses come before the final one, and C-CANCEL applies. */
  readonly answers: Answers;
  /** Which role invokes it: N-EVENT-REPORT is the provider's, all others are the user's. */
  readonly invokedBy: 'scu' | 'scp';
  /** Which element of the request names the SOP class. */
  readonly sopClassElement: 'affectedSopClassUid' | 'requestedSopClassUid';
  /** Whether the peer may answer late because it performs C-STORE sub-operations: C-GET and C-MOVE. */
  readonly hasSubOperations: boolean;
  /** The properties of the request. */
  readonly request: Request;
  /** The properties of responses. */
  readonly response: Response;
}

/**
 * Declares an operation. A private operation has a Command Field below 8000H that the standard does not use. Its properties
 * are carried by command elements of the standard, whose names need not fit, and by one data set. Defaults: `invokedBy` the SCU,
 * `hasSubOperations` false, `sopClassElement` the affected one.
 * @throws RangeError if a request cannot have this Command Field; TypeError if a message has two data sets.
 */
export function defineOperation<
  const Request extends Fields,
  const Response extends Fields,
  const Answers extends 'one' | 'many',
>(
  definition: Omit<Operation<Request, Response, Answers>, 'invokedBy' | 'sopClassElement' | 'hasSubOperations'> & {
    readonly invokedBy?: 'scu' | 'scp';
    readonly hasSubOperations?: boolean;
    readonly sopClassElement?: 'affectedSopClassUid' | 'requestedSopClassUid';
  },
): Operation<Request, Response, Answers> {
  checkOptions(DEFINITION, definition);
  const { name, commandField, request, response } = definition;
  if (!Number.isInteger(commandField) || commandField < 0 || commandField > 0x7fff || commandField === 0x0fff)
    throw new RangeError(
      `${name}: ${commandField} is not a Command Field of a request: use 0 to 7FFFH, except that of C-CANCEL`,
    );
  for (const fields of [request, response])
    if (Object.values(fields).filter(({ carriedBy }) => carriedBy !== 'command').length > 1)
      throw new TypeError(`${name}: a message has one data set, not more`);
  return { invokedBy: 'scu', sopClassElement: 'affectedSopClassUid', hasSubOperations: false, ...definition };
}

/** The properties of a message as the sender gives them. */
export type Sent<F extends Fields> = Values<F, 'sent'>;
/** The properties of a message as the receiver gets them. */
export type Received<F extends Fields> = Values<F, 'received'>;

/** Whether the data set of a message is a stream; if so, the sender must name its transfer syntax. */
export type IsStreamed<F extends Fields> = InstanceField extends F[keyof F] ? true : false;

/** The encoded form of a message's properties: command elements, and the data set if there is one. */
export interface FieldValues {
  readonly command: Readonly<Record<string, unknown>>;
  readonly data?:
    | { readonly carriedBy: 'data set'; readonly value: DataSetInput }
    | { readonly carriedBy: 'stream'; readonly value: DataSource };
}

/**
 * Sorts a message's properties into command elements and data.
 * @throws TypeError when a required property is missing.
 */
export function fieldValues(fields: Fields, values: Readonly<Record<string, unknown>>, message: string): FieldValues {
  const command: Record<string, unknown> = {};
  let data: FieldValues['data'];
  for (const [property, field] of Object.entries(fields)) {
    const value = values[property];
    if (value === undefined) {
      if (field.optional) continue;
      throw new TypeError(`${message} needs '${property}'`);
    }
    if (field.carriedBy === 'command') command[field.element] = value;
    else data = { carriedBy: field.carriedBy, value } as NonNullable<FieldValues['data']>;
  }
  return data ? { command, data } : { command };
}

/** The reverse of `fieldValues`: the properties of a received message from its command set and data. */
export function propertiesOf(fields: Fields, command: CommandSet, data: unknown): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [property, field] of Object.entries(fields)) {
    const value = field.carriedBy === 'command' ? command[field.element] : data;
    if (value !== undefined) values[property] = value;
  }
  return values;
}

/** How a message of these fields carries its data set, if it does. */
export function dataCarrier(fields: Fields): 'data set' | 'stream' | undefined {
  for (const field of Object.values(fields)) if (field.carriedBy !== 'command') return field.carriedBy;
  return undefined;
}

/** Whether the data set of a message of these fields is the identifier of a query. */
export function carriesIdentifier(fields: Fields): boolean {
  return Object.values(fields).some((field) => field.carriedBy === 'data set' && field.isIdentifier === true);
}

/** The first required property that is missing or empty in a received message. */
export function missingProperty(fields: Fields, command: CommandSet): string | undefined {
  return Object.entries(fields).find(([, field]) => {
    if (field.optional) return false;
    if (field.carriedBy !== 'command') return !command.hasDataSet;
    return command[field.element] === undefined || command[field.element] === '';
  })?.[0];
}

type DataSetOf<F extends DataSetField, Direction extends 'sent' | 'received'> = Direction extends 'sent'
  ? DataSetInput
  : F extends { readonly isIdentifier: true }
    ? Identifier
    : DataSet;

type ValueOf<F extends Field, Direction extends 'sent' | 'received'> =
  F extends ElementField<infer Value>
    ? Value
    : F extends DataSetField
      ? DataSetOf<F, Direction>
      : Direction extends 'sent'
        ? DataSource
        : IncomingData;
type Values<F extends Fields, Direction extends 'sent' | 'received'> = {
  readonly [P in keyof F as F[P]['optional'] extends true ? never : P]: ValueOf<F[P], Direction>;
} & {
  readonly [P in keyof F as F[P]['optional'] extends true ? P : never]?: ValueOf<F[P], Direction> | undefined;
};

const DEFINITION: OptionTable<Operation> = {
  of: 'defineOperation',
  rules: {
    name: aValueOf('string'),
    commandField: anything,
    answers: aValueOf('string'),
    invokedBy: aValueOf('string'),
    sopClassElement: aValueOf('string'),
    hasSubOperations: aValueOf('boolean'),
    request: aValueOf('object'),
    response: aValueOf('object'),
  },
  required: ['name', 'commandField', 'answers', 'request', 'response'],
};
