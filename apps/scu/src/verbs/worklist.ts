// dimse-scu worklist: the scheduled procedure steps that match.

import { ExitCode } from '@x/cli/program';
import { modalityWorklist } from '@x/dimse';
import { encodeWorklistOptions } from '@x/net';
import { identifierOf, parseKey } from '../options/keys.ts';
import type { WorklistOptions } from '../options/options.ts';
import { type Connecting, connect } from '../peer/connect.ts';
import { MatchFiles } from '../results/match-files.ts';
import { printMatches } from '../results/matches.ts';

export async function worklist(connecting: Connecting & { readonly options: WorklistOptions }): Promise<number> {
  const { options, signal } = connecting;
  const { key: keys = USUAL_KEYS, limit, fuzzy, out } = options;
  const sopClassUid = modalityWorklist.sopClasses.Find.uid;
  const files = out === undefined ? undefined : await MatchFiles.open(out, sopClassUid, '.wl');
  await using session = await connect(connecting, [modalityWorklist], undefined, 1, [
    ...(fuzzy ? [{ sopClassUid, applicationInformation: encodeWorklistOptions({ fuzzy }) }] : []),
  ]);
  const responses = session.use(modalityWorklist).find({ identifier: identifierOf(keys) }, { signal });
  await printMatches(connecting, responses, keys, { limit, files });
  return ExitCode.Success;
}

/** What is asked for where nothing else is. */
const USUAL_KEYS = [
  'PatientName',
  'PatientID',
  'AccessionNumber',
  'ScheduledProcedureStepSequence.Modality',
  'ScheduledProcedureStepSequence.ScheduledStationAETitle',
  'ScheduledProcedureStepSequence.ScheduledProcedureStepStartDate',
  'ScheduledProcedureStepSequence.ScheduledProcedureStepStartTime',
  'ScheduledProcedureStepSequence.ScheduledProcedureStepID',
  'ScheduledProcedureStepSequence.ScheduledProcedureStepDescription',
  'StudyInstanceUID',
].map(parseKey);
