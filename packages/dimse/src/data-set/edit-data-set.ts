// Edits data sets as streams: replaces, removes and adds attributes without holding pixel data (PS3.5 §7).

import { aValueOf, checkOptions, type OptionTable } from '@x/pdu/internal';
import { DataSetEditor, type EditedAttribute } from './data-set-editor.ts';
import { type DataSetEdit, parsedEdits } from './data-set-edits.ts';
import { encodingOf } from './encodings.ts';
import {
  chunksOf,
  type DataSetChunks,
  deflatedChunks,
  inflatedChunks,
  REENCODE_RULES,
  type ReencodeOptions,
} from './reencode.ts';

/** Options of `editDataSet`. */
export interface EditOptions extends ReencodeOptions {
  /**
   * Decides whether an attribute is removed, at any depth, also in sequences: `({ tag }) => (tag >>> 16) % 2 === 1` removes
   * private ones. Attributes with a new value are not asked about.
   */
  readonly remove?: (attribute: EditedAttribute) => boolean;
}

/**
 * Replaces, removes and adds attributes of a data set in any transfer syntax, as a stream: only the new values and blocks of
 * 64 KiB are in memory. Everything else is copied bit for bit, including pixel data, but group lengths are left out,
 * and the sequences on the paths get undefined lengths.
 *
 * New attributes are put in the order of their tags, into the data set or into items that exist; no sequence or item is added. Text is encoded in
 * the Specific Character Set of the data set or item. If that is replaced, text that is copied keeps its encoding.
 * @throws OptionError; DataSetError if a path is malformed or given twice, before anything is read; if a value cannot be encoded, or the
 * data set is malformed or incomplete: then some of it may have been given already.
 */
export function editDataSet(
  data: DataSetChunks,
  transferSyntax: string,
  edits: Iterable<DataSetEdit>,
  options: EditOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  checkOptions(EDIT_OPTIONS, options);
  const encoding = encodingOf(transferSyntax);
  const editor = new DataSetEditor(encoding, parsedEdits(edits), options.remove);
  if (!encoding.isDeflated) return edited(chunksOf(data), editor);
  return deflatedChunks(edited(inflatedChunks(chunksOf(data), options), editor));
}

async function* edited(
  chunks: AsyncIterable<Uint8Array>,
  editor: DataSetEditor,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) yield* editor.push(chunk);
  yield* editor.end();
}

const EDIT_OPTIONS: OptionTable<EditOptions> = {
  of: 'editDataSet',
  rules: { ...REENCODE_RULES, remove: aValueOf('function') },
};
