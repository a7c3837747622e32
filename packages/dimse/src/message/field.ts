// The fields of a message: its properties, each with what carries it on the wire (PS3.7 §9.3 and §10.3).

import type { CommandSet } from './command-set.ts';

/** A property that a command element carries. */
export interface ElementField<Value> {
  readonly carriedBy: 'command';
  /** The name of the command element. */
  readonly element: ElementName;
  /** Whether a message may lack it. */
  readonly optional: boolean;
  /** Only for the type. */
  readonly value?: Value;
}

/** A property that the message's data set carries. It is collected whole, under the session's limit, and decoded. */
export interface DataSetField {
  readonly carriedBy: 'data set';
  /** Whether a message may lack it. */
  readonly optional: boolean;
  /** Whether it is the identifier of a query, in which each key may have several values. Default: false. */
  readonly isIdentifier?: boolean;
}

/** A property that the message's data set carries. It is streamed as bytes in both directions, never held whole. */
export interface InstanceField {
  readonly carriedBy: 'stream';
  readonly optional: false;
}

/** What carries a property of a message. */
export type Field = ElementField<unknown> | DataSetField | InstanceField;
/** The properties of a message, each with what carries it. */
export type Fields = Readonly<Record<string, Field>>;

/** Makers of fields, for `defineOperation`. A field is required unless it is wrapped in `field.optional`. */
export const field = {
  /** A UID in a command element. */
  uid: (element: UidElement): RequiredElement<string> => required(element),

  /** Text in a command element, such as an AE title. */
  text: (element: TextElement): RequiredElement<string> => required(element),

  /** A number from 0 to 65535 in a command element. */
  short: (element: ElementOf<number>): RequiredElement<number> => required(element),

  /** A list of tags, each `0xggggeeee`, in a command element. */
  tags: (element: ElementOf<readonly number[]>): RequiredElement<readonly number[]> => required(element),

  /** The message's data set, decoded. */
  dataSet: { carriedBy: 'data set', optional: false },

  /** The message's data set, decoded, if it is the identifier of a query. */
  identifier: { carriedBy: 'data set', optional: false, isIdentifier: true },

  /** The message's data set as a stream of bytes. */
  instance: { carriedBy: 'stream', optional: false },

  /** The same field, which may be absent. */
  optional: <F extends ElementField<unknown> | DataSetField>(
    given: F,
  ): Omit<F, 'optional'> & { readonly optional: true } => ({
    ...given,
    optional: true,
  }),
} as const;

/** The command elements that may carry properties of an operation: not those that every message of its kind has. */
export type ElementName = Exclude<
  keyof CommandSet,
  | 'unknownElements'
  | 'hasDataSet'
  | 'commandField'
  | 'messageId'
  | 'messageIdBeingRespondedTo'
  | 'status'
  | 'offendingElements'
  | 'errorComment'
  | 'errorId'
>;

type ElementOf<Value> = {
  [E in ElementName]: NonNullable<CommandSet[E]> extends Value ? E : never;
}[ElementName];
type UidElement = Extract<ElementName, `${string}Uid`>;
type TextElement = Exclude<ElementOf<string>, UidElement>;
type RequiredElement<Value> = ElementField<Value> & { readonly optional: false };

function required(element: ElementName): RequiredElement<never> {
  return { carriedBy: 'command', element, optional: false };
}
