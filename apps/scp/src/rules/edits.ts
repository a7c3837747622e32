// The changes of attributes that a rule has: `set` and `remove`.

import { encodeDataSet, TransferSyntax } from '@x/dimse';
import { type DataSetEdit, editDataSet } from '@x/dimse/data-set';
import type { Fields } from './rule-fields.ts';

/** @param check Refuses an attribute, with the field that has it. @throws UsageError with the line and the remedy */
export function editsOf(
  fields: Fields,
  removed: readonly string[],
  check: (edit: DataSetEdit, field: string) => void,
): readonly DataSetEdit[] {
  const edits: DataSetEdit[] = removed.map((at) => ({ at }));
  for (const [at, { value }] of fields.sections('set', true)) edits.push({ at, value: value ?? '' });
  for (const edit of edits) {
    const { at, value } = edit;
    const field = value === undefined ? 'remove' : 'set';
    check(edit, field);
    // A value that cannot be encoded would fail every instance.
    fields.attempt(field, () => {
      const keyword = at.split('.').at(-1) as string;
      if (value !== undefined) encodeDataSet({ [keyword]: value }, TransferSyntax.ExplicitVRLittleEndian);
      editDataSet([], TransferSyntax.ExplicitVRLittleEndian, edits);
    });
  }
  return edits;
}
