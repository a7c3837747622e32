// Applies the rules of --coerce to instances that arrive, and keeps the previous values (PS3.3 §C.12.1, Original Attributes).

import { isDeepStrictEqual } from 'node:util';
import { type DicomFile, DimseError, Status, TransferSyntax, type UntypedDataSet } from '@x/dimse';
import {
  type DataSetEdit,
  DataSetError,
  type DataSetInput,
  DataSetInspector,
  decodeExtract,
  editDataSet,
  encodeDataSet,
  isDeflated,
  keywordOf,
  tagOf,
} from '@x/dimse/data-set';
import type { Coercion, CoercionPlan } from '../instances/coercion.ts';
import type { Options } from '../options.ts';
import { type CoercionRule, mergedEdits, outermostTag } from './coercion-rules.ts';
import { matcherOf } from './conditions.ts';

/** @param options Read for each instance, because they may change. */
export function coercionOf(options: Pick<Options, 'coerce' | 'aet'>): Coercion {
  const matchers = new WeakMap<CoercionRule, (attributes: UntypedDataSet) => boolean>();
  const matches = (rule: CoercionRule, attributes: UntypedDataSet) => {
    const matcher = matchers.get(rule) ?? matcherOf(rule);
    matchers.set(rule, matcher);
    return matcher(attributes);
  };
  const planFor: Coercion['planFor'] = async ({ sourceAeTitle }, attributes, open) => {
    const own = (options.coerce ?? []).filter(
      (rule) => (!rule.calling || rule.calling.includes(sourceAeTitle)) && matches(rule, attributes),
    );
    if (own.length === 0) return undefined;
    await using file = await open();
    const edits = mergedEdits(own);
    const involved = await involvedElements(file, edits);
    const tags = await changedTags(involved, edits);
    if (tags.length === 0) return undefined;
    const kept = new Set(
      own.filter(({ keepsOriginal }) => keepsOriginal).flatMap((rule) => rule.edits.map(outermostTag)),
    );
    const originals = tags.filter((tag) => kept.has(tag));
    const item = originals.length > 0 && originalAttributes(involved, originals, sourceAeTitle, options.aet);
    return { edits: item ? [...edits, item] : edits, tags } satisfies CoercionPlan;
  };
  return {
    planFor,
    get isInUse() {
      return options.coerce !== undefined;
    },
  };
}

/** The elements of a data set that the rules change, and those that their encoding depends on. */
interface Involved {
  /** As a data set in this transfer syntax. */
  readonly extract: Uint8Array;
  readonly transferSyntax: string;
  readonly dataSet: UntypedDataSet;
  /** The tags whose values were not read as they are encoded. */
  readonly misread: ReadonlySet<number>;
  /** Values by tag, as encoded. */
  readonly values: ReadonlyMap<number, Uint8Array>;
}

/** In bytes. */
const MOST_KEPT = 1024 * 1024;
const CHARACTER_SET = tagOf('SpecificCharacterSet') as number;
const PIXEL_REPRESENTATION = tagOf('PixelRepresentation') as number;
const ORIGINAL_ATTRIBUTES = 'OriginalAttributesSequence';

/** @throws DimseError if they are too long */
async function involvedElements(file: DicomFile, edits: readonly DataSetEdit[]): Promise<Involved> {
  const tags = [CHARACTER_SET, PIXEL_REPRESENTATION, tagOf(ORIGINAL_ATTRIBUTES) as number, ...edits.map(outermostTag)];
  const limits = { maximumValueLength: MOST_KEPT, maximumExtractLength: MOST_KEPT };
  const inspector = new DataSetInspector(file.transferSyntax, { wanted: tags, extracted: new Set(tags), ...limits });
  try {
    const block = new Uint8Array(64 * 1024);
    const { length } = file.dataSet;
    for (let at = 0; at < length; ) {
      const skip = Math.min(inspector.skippable, length - at);
      inspector.skip(skip);
      at += skip;
      const read = skip > 0 ? 0 : await file.dataSet.readv([block], at);
      if (read > 0) await inspector.push(block.slice(0, read));
      else if (skip === 0) break;
      at += read;
    }
  } finally {
    inspector.discard();
  }
  const { extract, leftOut, values } = inspector;
  if (leftOut > 0) throw refused(`the values to change are longer than ${MOST_KEPT} bytes`);
  const misread = new Set<number>();
  const transferSyntax = isDeflated(file.transferSyntax) ? TransferSyntax.ExplicitVRLittleEndian : file.transferSyntax;
  const dataSet: UntypedDataSet = decodeExtract(extract, transferSyntax, ({ tag, items }) => {
    if (tag !== undefined && items.length === 0) misread.add(tag);
  });
  return { extract, transferSyntax, dataSet, misread, values };
}

/** The outermost attributes that the changes give another value, in the order of their tags. */
async function changedTags({ extract, transferSyntax, dataSet }: Involved, edits: readonly DataSetEdit[]) {
  const chunks: Uint8Array[] = [];
  for await (const chunk of editDataSet([extract], transferSyntax, edits)) chunks.push(chunk);
  const edited: UntypedDataSet = decodeExtract(Buffer.concat(chunks), transferSyntax, () => {});
  const tags = [...new Set(edits.map(outermostTag))].sort((one, other) => one - other);
  return tags.filter((tag) => !isDeepStrictEqual(valueAt(edited, tag), valueAt(dataSet, tag)));
}

/** The change that adds an item with the previous values of these attributes. */
function originalAttributes(involved: Involved, tags: readonly number[], source: string, system: string): DataSetEdit {
  const { dataSet } = involved;
  const previous = Object.fromEntries(tags.map((tag) => previousValue(involved, tag)));
  const before = dataSet[ORIGINAL_ATTRIBUTES];
  const item = {
    SourceOfPreviousValues: source,
    AttributeModificationDateTime: `${new Date().toISOString().replace(/[-:TZ]/g, '')}+0000`,
    ModifyingSystem: system,
    ReasonForTheAttributeModification: 'COERCE',
    ModifiedAttributesSequence: [previous],
  };
  return { at: ORIGINAL_ATTRIBUTES, value: [...(Array.isArray(before) ? before : []), item] };
}

/** A previous value with its key. One that cannot be written as it was read is kept as bytes; one that was absent is empty. */
function previousValue(involved: Involved, tag: number): readonly [key: string, value: unknown] {
  const { dataSet, misread, values } = involved;
  const value = valueAt(dataSet, tag);
  const key = keywordOf(tag) ?? hexadecimal(tag);
  const bytes = values.get(tag);
  if (bytes === undefined && value === undefined) return [key, key === hexadecimal(tag) ? { vr: 'UN', value: [] } : []];
  const asBytes = [hexadecimal(tag), { vr: 'UN', value: bytes }] as const;
  if (bytes !== undefined && (value === undefined || misread.has(tag))) return asBytes;
  const own = hexadecimal(tag) in dataSet ? hexadecimal(tag) : key;
  try {
    const state = {
      SpecificCharacterSet: dataSet.SpecificCharacterSet ?? 'ISO_IR 6',
      PixelRepresentation: dataSet.PixelRepresentation ?? 0,
    };
    encodeDataSet({ ...state, [own]: value } as DataSetInput, TransferSyntax.ExplicitVRLittleEndian);
    return [own, value];
  } catch (error) {
    if (!(error instanceof DataSetError) || bytes === undefined) throw error;
    return asBytes;
  }
}

/** The value of an attribute, by its keyword or by its tag; undefined if the data set does not have it. */
function valueAt(dataSet: UntypedDataSet, tag: number): unknown {
  return dataSet[keywordOf(tag) ?? ''] ?? dataSet[hexadecimal(tag)];
}

function hexadecimal(tag: number): string {
  return tag.toString(16).toUpperCase().padStart(8, '0');
}

function refused(errorComment: string): DimseError {
  return new DimseError(Status.ProcessingFailure, { errorComment });
}
