// Reads worklist items from DICOM files (*.wl, the format of DCMTK's wlmscpfs) and from JSON (*.json, PS3.18 Annex F).

import { extname } from 'node:path';
import { readRegularFile } from '@x/cli/regular-file';
import { type DataSet, openDicomFile } from '@x/dimse';
import { type DicomJsonModel, decodeExtract, type FaultListener, fromDicomJson, isDeflated } from '@x/dimse/data-set';

/** Whether a file of this name holds worklist items. */
export function isWorklistFile(name: string): boolean {
  return extname(name) in READERS && !name.startsWith('.');
}

/**
 * The worklist items of a file, each with one scheduled procedure step.
 * @param onFault Called for each element of a DICOM file that is left out or read leniently: see `decodeExtract`.
 * @throws Error if the file has no item, or is longer than 4 MiB (JSON: 64 MiB); the system's error
 */
export async function readWorklistFile(path: string, onFault: FaultListener): Promise<readonly DataSet[]> {
  const read = READERS[extname(path) as keyof typeof READERS];
  return (await read(path, onFault)).flatMap(itemsOf);
}

const MAXIMUM_LENGTH = 4 * 1024 * 1024;
const MAXIMUM_JSON_LENGTH = 64 * 1024 * 1024;

const READERS = { '.wl': readDicomFile, '.json': readJsonFile } as const;

async function readDicomFile(path: string, onFault: FaultListener): Promise<readonly DataSet[]> {
  await using file = await openDicomFile(path);
  const { transferSyntax, dataSet } = file;
  if (isDeflated(transferSyntax) || dataSet.length > MAXIMUM_LENGTH)
    return [await file.decode({ maximumLength: MAXIMUM_LENGTH })];
  return [decodeExtract(await file.extract('all', MAXIMUM_LENGTH), transferSyntax, onFault)];
}

/** One item, or an array of them. */
async function readJsonFile(path: string): Promise<readonly DataSet[]> {
  const value: unknown = JSON.parse((await readRegularFile(path, MAXIMUM_JSON_LENGTH)).toString());
  return (Array.isArray(value) ? value : [value]).map((model) => {
    if (typeof model !== 'object' || model === null) throw new Error('is not in the DICOM JSON model');
    return fromDicomJson(model as DicomJsonModel);
  });
}

/** An item of a worklist has one scheduled step (PS3.4 Table K.6-1). */
function itemsOf(dataSet: DataSet): DataSet[] {
  const steps = dataSet.ScheduledProcedureStepSequence;
  if (!Array.isArray(steps) || steps.length === 0) throw new Error('has no Scheduled Procedure Step Sequence');
  return steps.map((step: DataSet) => ({ ...dataSet, ScheduledProcedureStepSequence: [step] }));
}
