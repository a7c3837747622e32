// Edits the tokens of a data set: attributes are replaced, removed and added, everything else is copied (PS3.5 §7).

import { TransferSyntax } from '../registry/uids.generated.ts';
import { BlockOutput } from './block-output.ts';
import { characterSet } from './character-set.ts';
import { type ItemEdits, itemEdits, type LevelEdits } from './data-set-edits.ts';
import { UncheckedScanner } from './data-set-scanner.ts';
import { implicitVr } from './data-set-scope.ts';
import { DataSetTokenizer } from './data-set-tokenizer.ts';
import { type DataSetInput, encodeDataSet } from './dataset.ts';
import { type Encoding, IMPLICIT_VR_LITTLE_ENDIAN } from './encodings.ts';
import {
  ITEM,
  ITEM_END,
  PIXEL_REPRESENTATION,
  SEQUENCE_END,
  SPECIFIC_CHARACTER_SET,
  UNDEFINED_LENGTH,
} from './tags.ts';
import type { Token } from './token.ts';

/** An attribute about whose removal a function decides. */
export interface EditedAttribute {
  /** The tag, `0xggggeeee`. */
  readonly tag: number;
  /** The value representation; in Implicit VR, that of the dictionary, or `UN`. */
  readonly vr: string;
  /** The number of sequences around it. */
  readonly depth: number;
}

/** A data set or item that is being edited. */
interface Level {
  readonly edits: LevelEdits;
  /** The tags of the new values that have not been written yet, in ascending order. */
  readonly pending: number[];
  encoding: Encoding;
  characterSet: string;
  isSigned: boolean;
}

/** A sequence whose items are edited. */
interface Sequence {
  readonly edits: ItemEdits | undefined;
  readonly encoding: Encoding;
  items: number;
}

export class DataSetEditor {
  readonly #tokenizer: DataSetTokenizer;
  readonly #isRemoved: ((attribute: EditedAttribute) => boolean) | undefined;
  readonly #out = new BlockOutput();
  readonly #levels: Level[];
  readonly #sequences: Sequence[] = [];
  /** The number of containers around an element that is copied or left out as a whole. */
  #whole: number | undefined;
  #isLeftOut = false;
  /** The value of an element on which the encoding of later ones depends. */
  #observed: Uint8Array[] | undefined;

  constructor(encoding: Encoding, edits: LevelEdits, isRemoved?: (attribute: EditedAttribute) => boolean) {
    this.#tokenizer = new DataSetTokenizer(encoding);
    this.#isRemoved = isRemoved;
    this.#levels = [levelOf(edits, { encoding, characterSet: DEFAULT_REPERTOIRE, isSigned: false })];
  }

  /** Takes the next bytes. Returns blocks of the edited data set. @throws DataSetError. */
  push(chunk: Uint8Array): Uint8Array[] {
    const tokenizer = this.#tokenizer;
    tokenizer.feed(chunk);
    for (let token = tokenizer.next(); token !== undefined; token = tokenizer.next())
      if (this.#whole === undefined) this.#take(token);
      else this.#takeWhole(token, this.#whole);
    return this.#out.take();
  }

  /** Ends the data. Returns the last blocks. @throws DataSetError if the data set is incomplete. */
  end(): Uint8Array[] {
    this.#tokenizer.end();
    this.#writePending(Number.POSITIVE_INFINITY);
    return this.#out.take(true);
  }

  #take(token: Token): void {
    if (token === 'element') this.#takeElement();
    else if (token === 'item') this.#openItem();
    else if (token === 'end of item') {
      this.#writePending(Number.POSITIVE_INFINITY);
      this.#out.item(ITEM_END, 0, this.#level.encoding);
      this.#levels.pop();
    } else if (token === 'end of sequence') {
      const { encoding } = this.#sequences.pop() as Sequence;
      this.#out.item(SEQUENCE_END, 0, encoding);
    }
  }

  #takeElement(): void {
    const tokenizer = this.#tokenizer;
    const { tag, container, depth, length } = tokenizer;
    const level = this.#level;
    // A data set in Implicit VR under another transfer syntax is known by its first element.
    if (depth === 0) level.encoding = tokenizer.encoding;
    const vr = tokenizer.vr ?? implicitVr(tag, level.isSigned);
    this.#writePending(tag);
    const isEdited = level.edits.values.has(tag);
    // Group lengths would be wrong (§7.2).
    const isLeftOut =
      isEdited || (tag & 0xffff) === 0 || this.#isRemoved?.({ tag, vr, depth: this.#sequences.length }) === true;
    const edits = level.edits.sequences.get(tag);
    // UN of a length may be a sequence of the dictionary (§6.2.2).
    const isItems = vr === 'SQ' || (vr === 'UN' && implicitVr(tag, false) === 'SQ');
    const isSequence = container === 'sequence' || (container === undefined && isItems && length > 0);
    if (!isLeftOut && isSequence && (edits || this.#isRemoved)) this.#openSequence(tag, edits);
    else this.#beginWhole(tag, isLeftOut);
  }

  #openSequence(tag: number, edits: ItemEdits | undefined): void {
    const tokenizer = this.#tokenizer;
    if (tokenizer.container) this.#out.raw(tokenizer.encoded);
    else {
      this.#out.element(tag, tokenizer.vr ?? 'SQ', UNDEFINED_LENGTH, tokenizer.encoding);
      tokenizer.enter(tokenizer.vr === 'UN' ? IMPLICIT_VR_LITTLE_ENDIAN : tokenizer.encoding);
    }
    this.#sequences.push({ edits, encoding: tokenizer.encoding, items: 0 });
  }

  #openItem(): void {
    const sequence = this.#sequences[this.#sequences.length - 1] as Sequence;
    const { encoding } = sequence;
    const edits = sequence.edits ? itemEdits(sequence.edits, sequence.items) : NO_EDITS;
    sequence.items++;
    this.#out.item(ITEM, UNDEFINED_LENGTH, encoding);
    this.#levels.push(levelOf(edits, { ...this.#level, encoding }));
  }

  #beginWhole(tag: number, isLeftOut: boolean): void {
    const tokenizer = this.#tokenizer;
    const { container, depth, length } = tokenizer;
    this.#isLeftOut = isLeftOut;
    this.#observed = undefined;
    if (isLeftOut) tokenizer.stepOver();
    else {
      this.#out.raw(tokenizer.encoded);
      const isNoted = tag === SPECIFIC_CHARACTER_SET || tag === PIXEL_REPRESENTATION;
      if (isNoted && !container && length <= MAXIMUM_NOTED) this.#observed = [];
      if (this.#observed && length === 0) this.#note(tag);
    }
    if (container) this.#whole = depth - 1;
    else if (!isLeftOut && length > 0) this.#whole = depth;
  }

  /** Copies or leaves out the parts of an element. */
  #takeWhole(token: Token, around: number): void {
    const tokenizer = this.#tokenizer;
    if (this.#isLeftOut) tokenizer.stepOver();
    else {
      if (token === 'item') tokenizer.takeWhole();
      this.#out.raw(tokenizer.encoded);
      if (token === 'value') this.#observed?.push(Uint8Array.from(tokenizer.slice));
    }
    if (tokenizer.depth !== around || tokenizer.left > 0) return;
    this.#whole = undefined;
    if (this.#observed) this.#note(tokenizer.tag);
  }

  /** Notes the value of an element on which the encoding of later ones depends. */
  #note(tag: number): void {
    const bytes = Buffer.concat(this.#observed ?? []);
    const { littleEndian } = this.#level.encoding;
    // Text is written in the default repertoire if the character set is unknown.
    const terms = bytes.toString('latin1').trim();
    if (tag === SPECIFIC_CHARACTER_SET)
      this.#level.characterSet = terms !== '' && characterSet(terms.split('\\')) ? terms : DEFAULT_REPERTOIRE;
    else this.#level.isSigned = bytes[littleEndian ? 0 : bytes.length - 1] === 1;
    this.#observed = undefined;
  }

  /** Writes the new values up to a tag. */
  #writePending(tag: number): void {
    const level = this.#level;
    for (let next = level.pending[0]; next !== undefined && next <= tag; next = level.pending[0]) {
      level.pending.shift();
      const { key, value } = level.edits.values.get(next) as { key: string; value: unknown };
      this.#out.raw(encodedElement(next, key, value, level));
      if (next === SPECIFIC_CHARACTER_SET)
        level.characterSet = [value].flat().map(String).join('\\') || DEFAULT_REPERTOIRE;
      else if (next === PIXEL_REPRESENTATION) level.isSigned = Number(value) === 1;
    }
  }

  get #level(): Level {
    return this.#levels[this.#levels.length - 1] as Level;
  }
}

function levelOf(edits: LevelEdits, state: Pick<Level, 'encoding' | 'characterSet' | 'isSigned'>): Level {
  const { encoding, characterSet, isSigned } = state;
  const pending = [...edits.values].filter(([, { value }]) => value !== undefined).map(([tag]) => tag);
  pending.sort((one, other) => one - other);
  return { edits, pending, encoding, characterSet, isSigned };
}

/** An element with a new value, in the encoding and the character set of its data set or item. */
function encodedElement(tag: number, key: string, value: unknown, level: Level): Uint8Array {
  const { isExplicit, littleEndian } = level.encoding;
  const explicit = littleEndian ? TransferSyntax.ExplicitVRLittleEndian : TransferSyntax.ExplicitVRBigEndian;
  const transferSyntax = isExplicit ? explicit : TransferSyntax.ImplicitVRLittleEndian;
  const state = {
    ...(tag !== SPECIFIC_CHARACTER_SET && { SpecificCharacterSet: level.characterSet.split('\\') }),
    ...(tag !== PIXEL_REPRESENTATION && { PixelRepresentation: level.isSigned ? 1 : 0 }),
  };
  const bytes = encodeDataSet({ ...state, [key]: value } as DataSetInput, transferSyntax);
  const scanner = new UncheckedScanner(transferSyntax, { extracted: [tag], maximumExtractLength: bytes.length });
  scanner.push(bytes);
  return scanner.extract;
}

const NO_EDITS: LevelEdits = { values: new Map(), sequences: new Map() };
const DEFAULT_REPERTOIRE = 'ISO_IR 6';
/** The maximum length of a value that is noted, in bytes. */
const MAXIMUM_NOTED = 1024;
