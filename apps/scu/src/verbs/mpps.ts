// dimse-scu mpps: reports that a procedure step is being performed, and what has become of it.

import { peerText } from '@x/cli/peer';
import { ExitCode, UsageError } from '@x/cli/program';
import { type DataSet, DimseError, describeStatus, makeUid, modalityPerformedProcedureStep } from '@x/dimse';
import { createdStep, withEmptyStepAttributes } from '@x/dimse/workflow';
import { performedSeries } from '../files/performed-series.ts';
import { attributesOf } from '../options/keys.ts';
import type { MppsOptions } from '../options/options.ts';
import { type Connecting, connect } from '../peer/connect.ts';
import { hex, Output } from '../results/output.ts';

export async function mpps(connecting: Connecting & { readonly options: MppsOptions }): Promise<number> {
  const { options, peer, signal } = connecting;
  const { action, key: keys = [], instances: paths } = options;
  if (action === 'set' && options.uid === undefined) throw new UsageError('--uid is needed: that of the step to set');
  const given = {
    ...attributesOf(keys),
    ...(paths && { PerformedSeriesSequence: await performedSeries(paths, signal) }),
  };
  const attributes = action === 'create' ? toCreate(given, options) : toSet(given);
  await using session = await connect(connecting, [modalityPerformedProcedureStep]);
  const request = { sopInstance: options.uid ?? makeUid(), attributes };
  const response = await session.use(modalityPerformedProcedureStep)[action](request);
  const { status, sopInstance = request.sopInstance } = response;
  const step = attributes.PerformedProcedureStepStatus;
  const words = `${peerText(peer)} answered: ${describeStatus(status)}: ${sopInstance}${step ? ` is ${step}` : ''}`;
  new Output(options).result(words, { action, sopInstance, status: hex(status) });
  return ExitCode.Success;
}

/** With what a step must have and was not given: it was not scheduled, begins now, and is performed by us. */
function toCreate(given: DataSet, { calling }: MppsOptions): DataSet {
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

/** A step that ends, ends now unless it was said when. */
function toSet(given: DataSet): DataSet {
  const { date, time } = now();
  const isEnd = /^(?:COMPLETED|DISCONTINUED)$/.test(String(given.PerformedProcedureStepStatus));
  const end = { PerformedProcedureStepEndDate: date, PerformedProcedureStepEndTime: time };
  return withEmptyStepAttributes({ ...(isEnd && end), ...given }, 'set');
}

/** The local date and time, as DA and TM have them (PS3.5 §6.2). */
function now(): { readonly date: string; readonly time: string } {
  const moment = new Date();
  const two = (value: number) => String(value).padStart(2, '0');
  return {
    date: `${moment.getFullYear()}${two(moment.getMonth() + 1)}${two(moment.getDate())}`,
    time: [moment.getHours(), moment.getMinutes(), moment.getSeconds()].map(two).join(''),
  };
}
