// dimse-scu mpps: reports that a procedure step is being performed, and how it ended.

import { listOf, oneOf, uid } from '@x/cli/option-values';
import { peerText } from '@x/cli/peer';
import { ExitCode, UsageError } from '@x/cli/program';
import { type DataSet, DimseError, describeStatus, makeUid, modalityPerformedProcedureStep } from '@x/dimse';
import { createdStep, withEmptyStepAttributes } from '@x/dimse/workflow';
import { performedSeries } from '../files/performed-series.ts';
import { attributesOf } from '../options/keys.ts';
import { argument, option, type ValuesOf } from '../options/parameters.ts';
import { ATTRIBUTE_OPTION } from '../options/shared-options.ts';
import { hex } from '../output/output.ts';
import { type Connecting, connect } from '../peer/connect.ts';
import { peerVerb } from '../verb.ts';

const PARAMETERS = [
  argument('<action>', 'create or set', oneOf('create', 'set')),
  option('--uid <uid>', 'SOP Instance UID of the step (default for create: a new UID)', uid),
  ATTRIBUTE_OPTION,
  option(
    '--instances <path>',
    'file or folder with the instances that were created; may be given several times',
    listOf(String),
  ),
] as const;

type Reporting = Connecting<ValuesOf<typeof PARAMETERS>>;

export const mpps = peerVerb({
  name: 'mpps',
  description: 'reports the start, progress and end of a performed procedure step',
  examples: [
    'RIS@10.0.0.6:104 create --uid 2.25.1 --key Modality=CT --key PatientID=42',
    'RIS@10.0.0.6:104 set --uid 2.25.1 --key PerformedProcedureStepStatus=COMPLETED --instances study/',
  ],
  parameters: PARAMETERS,
  missing: ({ action, uid }) =>
    action === 'set' && uid === undefined ? ['--uid is needed: the SOP Instance UID of the step to set'] : [],
  run: reportStep,
});

async function reportStep(connecting: Reporting): Promise<number> {
  const { options, output, peer, signal } = connecting;
  const { action, key: keys = [], instances: paths } = options;
  const given = {
    ...attributesOf(keys),
    ...(paths && { PerformedSeriesSequence: await performedSeries(paths, signal) }),
  };
  const attributes = action === 'create' ? toCreate(given, options.calling) : toSet(given);
  await using session = await connect(connecting, [modalityPerformedProcedureStep]);
  const request = { sopInstance: options.uid ?? makeUid(), attributes };
  const response = await session.use(modalityPerformedProcedureStep)[action](request);
  const { status, sopInstance = request.sopInstance } = response;
  const step = attributes.PerformedProcedureStepStatus;
  const words = `${peerText(peer)} answered: ${describeStatus(status)}: ${sopInstance}${step ? ` is ${step}` : ''}`;
  output.result(words, { action, sopInstance, status: hex(status) });
  return ExitCode.Success;
}

/** Adds the attributes that a new step must have: by default it was not scheduled, starts now, and is performed by us. */
function toCreate(given: DataSet, calling: string): DataSet {
  const { date, time } = now();
  const attributes = {
    ScheduledStepAttributesSequence: [{ StudyInstanceUID: makeUid() }],
    PerformedProcedureStepID: `P${date}${time}`,
    PerformedStationAETitle: calling,
    PerformedProcedureStepStartDate: date,
    PerformedProcedureStepStartTime: time,
    PerformedProcedureStepStatus: 'IN PROGRESS',
    Modality: 'OT',
    ...given,
  };
  try {
    return createdStep(withEmptyStepAttributes(attributes, 'create'));
  } catch (error) {
    throw error instanceof DimseError ? new UsageError(`not sent: ${error.errorComment}`, { cause: error }) : error;
  }
}

/** Adds the end of a step that is set to COMPLETED or DISCONTINUED: by default it ends now. */
function toSet(given: DataSet): DataSet {
  const { date, time } = now();
  const isEnd = /^(?:COMPLETED|DISCONTINUED)$/.test(String(given.PerformedProcedureStepStatus));
  const end = { PerformedProcedureStepEndDate: date, PerformedProcedureStepEndTime: time };
  return withEmptyStepAttributes({ ...(isEnd && end), ...given }, 'set');
}

/** The local date and time in the format of DA and TM (PS3.5 §6.2). */
function now(): { readonly date: string; readonly time: string } {
  const moment = new Date();
  const two = (value: number) => String(value).padStart(2, '0');
  return {
    date: `${moment.getFullYear()}${two(moment.getMonth() + 1)}${two(moment.getDate())}`,
    time: [moment.getHours(), moment.getMinutes(), moment.getSeconds()].map(two).join(''),
  };
}
