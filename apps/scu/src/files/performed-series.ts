// The performed series of a procedure step, made from the files of its instances (PS3.4 Table F.7.2-1).

import { UsageError } from '@x/cli/program';
import type { DataSet } from '@x/dimse';
import { tagOf } from '@x/dimse/data-set';
import { lazily } from '@x/pdu/internal';
import { explainError } from '../peer/explain-error.ts';
import { instanceFiles } from './instance-files.ts';

/**
 * The items of Performed Series Sequence. Files that are not instances are skipped. A bad file ends it, because a report that
 * leaves out an instance would be wrong.
 * @throws UsageError if a file has no series or cannot be read, or if there are no instances
 */
export async function performedSeries(paths: readonly string[], signal: AbortSignal): Promise<readonly DataSet[]> {
  const series = new Map<string, { readonly attributes: DataSet; readonly references: Map<string, DataSet> }>();
  for await (const { path, file, error } of instanceFiles(paths)) {
    signal.throwIfAborted();
    if (error) throw new UsageError(explainError(error).line);
    if (!file) continue;
    const { sopClass, sopInstance } = file;
    const attributes = await file.attributes(wanted());
    const uid = attributes.SeriesInstanceUID;
    if (sopClass === undefined || sopInstance === undefined || typeof uid !== 'string' || uid === '')
      throw new UsageError(`${path}: SOP Class UID, SOP Instance UID or Series Instance UID is missing`);
    const known = series.get(uid) ?? { attributes, references: new Map() };
    series.set(uid, known);
    known.references.set(sopInstance, {
      ReferencedSOPClassUID: sopClass,
      ReferencedSOPInstanceUID: sopInstance,
    });
  }
  if (series.size === 0) throw new UsageError(`no DICOM files found in ${paths.join(', ')}`);
  return [...series.values()].map(({ attributes, references }) => itemOf(attributes, [...references.values()]));
}

function itemOf(attributes: DataSet, references: readonly DataSet[]): DataSet {
  const { SpecificCharacterSet: _, Modality, ...series } = attributes;
  return {
    ...series,
    // Type 1 here, but optional in instances.
    ProtocolName: series.ProtocolName || series.SeriesDescription || Modality || 'UNKNOWN',
    ReferencedImageSequence: references,
  };
}

/** Looked up at the first use, because that loads the dictionary. */
const wanted = lazily(() =>
  [
    'SpecificCharacterSet',
    'Modality',
    'SeriesInstanceUID',
    'SeriesDescription',
    'PerformingPhysicianName',
    'OperatorsName',
    'ProtocolName',
  ].map((keyword) => tagOf(keyword) as number),
);
