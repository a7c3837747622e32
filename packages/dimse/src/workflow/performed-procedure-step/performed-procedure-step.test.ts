import { associatedPair } from '@x/net';
import { describe, expect, test } from 'vitest';
import type { UntypedDataSet } from '../../data-set/dataset.ts';
import { byKeyword } from '../../data-set/misfits.ts';
import { DimseError } from '../../message/errors.ts';
import { TransferSyntax } from '../../registry/uids.generated.ts';
import { modalityPerformedProcedureStep } from '../../services/performed-procedure-step.ts';
import { Session } from '../../session/session.ts';
import { EventDelivery } from '../event-delivery/event-delivery.ts';
import { createEventQueue } from '../event-delivery/event-queue.ts';
import { createdStep, updatedStep, withEmptyStepAttributes } from './performed-procedure-step.ts';
import { PERFORMED_PROCEDURE_STEP_ATTRIBUTES } from './performed-procedure-step-attributes.ts';
import {
  PerformedProcedureStepProvider,
  type PerformedProcedureStepProviderOptions,
} from './performed-procedure-step-provider.ts';
import { PerformedProcedureStepUser } from './performed-procedure-step-user.ts';

const scheduled: UntypedDataSet = {
  StudyInstanceUID: '1.2.3',
  ReferencedStudySequence: [],
  AccessionNumber: 'A1',
  RequestedProcedureID: '',
  RequestedProcedureDescription: '',
  ScheduledProcedureStepID: '',
  ScheduledProcedureStepDescription: '',
  ScheduledProtocolCodeSequence: [],
};

/** The attributes that a modality must know when it begins. */
const known: UntypedDataSet = {
  ScheduledStepAttributesSequence: [scheduled],
  PerformedProcedureStepID: 'P1',
  PerformedStationAETitle: 'CT1',
  PerformedProcedureStepStartDate: '20260101',
  PerformedProcedureStepStartTime: '120000',
  Modality: 'CT',
};
const empty = Object.fromEntries(
  PERFORMED_PROCEDURE_STEP_ATTRIBUTES.filter(({ create }) => create === 2).map(({ keyword }) => [keyword, null]),
);
const begun: UntypedDataSet = { ...empty, ...known, PerformedProcedureStepStatus: 'IN PROGRESS' };
const series: UntypedDataSet = {
  PerformingPhysicianName: [],
  ProtocolName: 'HEAD',
  OperatorsName: [],
  SeriesInstanceUID: '1.2.3.4',
  SeriesDescription: '',
  RetrieveAETitle: '',
  ReferencedImageSequence: [],
  ReferencedNonImageCompositeSOPInstanceSequence: [],
};
const ended: UntypedDataSet = {
  PerformedProcedureStepEndDate: '20260101',
  PerformedProcedureStepEndTime: '121500',
  PerformedSeriesSequence: [series],
};

const outcome = (act: () => UntypedDataSet): unknown => {
  try {
    return act().PerformedProcedureStepStatus;
  } catch (error) {
    if (!(error instanceof DimseError)) throw error;
    return error.errorId === undefined ? error.status : [error.status, error.errorId];
  }
};

describe('the status of a step', () => {
  const FINISHED = [0x0110, 0xa710];
  test.each([
    ['IN PROGRESS', undefined, 'IN PROGRESS'],
    ['IN PROGRESS', 'IN PROGRESS', 'IN PROGRESS'],
    ['IN PROGRESS', 'COMPLETED', 'COMPLETED'],
    ['IN PROGRESS', 'DISCONTINUED', 'DISCONTINUED'],
    ['IN PROGRESS', 'SCHEDULED', 0x0106],
    ['IN PROGRESS', '', 0x0106],
    ...['COMPLETED', 'DISCONTINUED'].flatMap((from) =>
      [undefined, 'IN PROGRESS', 'COMPLETED', 'DISCONTINUED', 'SCHEDULED'].map((to) => [from, to, FINISHED] as const),
    ),
  ] as const)('changed from %s to %s gives %j', (from, to, expected) => {
    const step = { ...begun, ...ended, PerformedProcedureStepStatus: from };
    const changes = to === undefined ? {} : { PerformedProcedureStepStatus: to };
    expect(outcome(() => updatedStep(step, changes))).toEqual(expected);
  });

  test.each(['COMPLETED', 'DISCONTINUED', 'SCHEDULED'])('does not begin as %s', (status) => {
    expect(outcome(() => createdStep({ ...begun, PerformedProcedureStepStatus: status }))).toBe(0x0106);
  });
});

describe('attributes of Table F.7.2-1', () => {
  test.each(PERFORMED_PROCEDURE_STEP_ATTRIBUTES)('$keyword is of type $create in N-CREATE', ({ keyword, create }) => {
    const without = { ...begun, [keyword]: undefined };
    expect(outcome(() => createdStep(without))).toBe(create === 3 ? 'IN PROGRESS' : 0x0120);
    expect(outcome(() => createdStep({ ...begun, [keyword]: '' }))).toBe(create === 1 ? 0x0121 : 'IN PROGRESS');
  });

  test('a misfit in an attribute of type 2 is not taken to be missing, and is kept', () => {
    const misfit = { '00100020': { vr: 'LO', value: ['A', 'B'] } };
    const { PatientID: _, ...others } = begun;
    expect(createdStep({ ...others, ...misfit })).toMatchObject(misfit);
    expect(withEmptyStepAttributes({ ...others, ...misfit }, 'create')).not.toHaveProperty('PatientID');
  });

  test('a misfit in an attribute of type 1 is an invalid value, and the answer names the attribute', () => {
    const { PerformedProcedureStepID: _, ...without } = begun;
    const misfits: UntypedDataSet[] = [
      { '00400253': { vr: 'SH', value: ['A', 'B'] } },
      { '00400253': { vr: 'US', value: 1 } },
    ];
    // The provider has misfits under their keywords.
    for (const misfit of misfits.flatMap((each) => [each, byKeyword(each)]))
      expect(() => createdStep({ ...without, ...misfit })).toThrow(
        expect.objectContaining({ status: 0x0106, response: { attributeIdentifiers: [0x00400253] } }),
      );
  });

  test.each(PERFORMED_PROCEDURE_STEP_ATTRIBUTES.filter(({ keyword }) => keyword !== 'PerformedProcedureStepStatus'))(
    '$keyword: may be set: $set',
    ({ keyword, set }) =>
      expect(outcome(() => updatedStep(begun, { [keyword]: [] }))).toBe(set ? 'IN PROGRESS' : 0x0105),
  );

  test.each(PERFORMED_PROCEDURE_STEP_ATTRIBUTES.filter(({ final }) => final === 1))(
    '$keyword: needed at the end',
    ({ keyword }) => {
      for (const status of ['COMPLETED', 'DISCONTINUED'])
        for (const [value, expected] of [
          [undefined, 0x0120],
          [null, 0x0121],
        ]) {
          const before: UntypedDataSet = { ...begun, [keyword]: undefined };
          const changes = { ...ended, [keyword]: value, PerformedProcedureStepStatus: status };
          expect(outcome(() => updatedStep(before, changes))).toBe(expected);
        }
    },
  );

  test('are also checked in items', () => {
    const { SeriesInstanceUID: _, ...nameless } = series;
    expect(outcome(() => updatedStep(begun, { PerformedSeriesSequence: [nameless] }))).toBe(0x0120);
    const empties = [{ ...series, ProtocolName: '' }];
    expect(outcome(() => updatedStep(begun, { PerformedSeriesSequence: empties }))).toBe(0x0121);
    const sequence = [{ ...scheduled, StudyInstanceUID: '' }];
    expect(outcome(() => createdStep({ ...begun, ScheduledStepAttributesSequence: sequence }))).toBe(0x0121);
  });
});

describe('nested items', () => {
  const reference = { ReferencedSOPClassUID: '1.2', ReferencedSOPInstanceUID: '1.2.3' };
  const code = { CodeValue: 'T-1', CodingSchemeDesignator: '99X', CodeMeaning: 'head' };
  const ofSchedule = (extra: UntypedDataSet) => () =>
    createdStep({ ...begun, ScheduledStepAttributesSequence: [{ ...scheduled, ...extra }] });
  const ofSeries = (extra: UntypedDataSet) => () =>
    updatedStep(begun, { PerformedSeriesSequence: [{ ...series, ...extra }] });
  const of = (keyword: string, item: UntypedDataSet) => () => updatedStep(begun, { [keyword]: [item] });

  test.each<[string, () => UntypedDataSet, unknown]>([
    ['a reference', ofSeries({ ReferencedImageSequence: [reference] }), 'IN PROGRESS'],
    ['a reference without class', ofSeries({ ReferencedImageSequence: [{ ReferencedSOPInstanceUID: '1' }] }), 0x0120],
    [
      'a reference without value',
      ofSeries({ ReferencedImageSequence: [{ ...reference, ReferencedSOPClassUID: '' }] }),
      0x0121,
    ],
    ['the second one', ofSeries({ ReferencedImageSequence: [reference, {}] }), 0x0120],
    ['of a study', ofSchedule({ ReferencedStudySequence: [{ ReferencedSOPClassUID: '1.2' }] }), 0x0120],
    ['a code', ofSchedule({ ScheduledProtocolCodeSequence: [code] }), 'IN PROGRESS'],
    [
      'a code without meaning',
      ofSchedule({ ScheduledProtocolCodeSequence: [{ ...code, CodeMeaning: undefined }] }),
      0x0120,
    ],
    [
      'a code whose meaning may be left out',
      of('ProcedureCodeSequence', { ...code, CodeMeaning: undefined }),
      'IN PROGRESS',
    ],
    ['a code without scheme', of('ProcedureCodeSequence', { CodeValue: 'T-1' }), 0x0120],
    ['a URN as code', of('ProcedureCodeSequence', { URNCodeValue: 'urn:lex:x' }), 'IN PROGRESS'],
    [
      'a long code',
      of('ProcedureCodeSequence', { LongCodeValue: 'T'.repeat(20), CodingSchemeDesignator: '99X' }),
      'IN PROGRESS',
    ],
    ['no code at all', of('PerformedProcedureStepDiscontinuationReasonCodeSequence', { CodeMeaning: 'x' }), 0x0120],
    ['an issuer', ofSchedule({ IssuerOfAccessionNumberSequence: [{ LocalNamespaceEntityID: 'X' }] }), 'IN PROGRESS'],
    ['an issuer without type', ofSchedule({ IssuerOfAccessionNumberSequence: [{ UniversalEntityID: '1.2' }] }), 0x0120],
    [
      'a specimen without UID',
      ofSeries({
        ReferencedImageSequence: [{ ...reference, SpecimenDescriptionSequence: [{ SpecimenIdentifier: 'S' }] }],
      }),
      0x0120,
    ],
  ])('%s', (_, act, expected) => expect(outcome(act)).toBe(expected));
});

test('missing attributes of type 2 are filled with empty values, in items too', () => {
  const { StudyInstanceUID } = scheduled;
  const little = {
    ...known,
    PerformedProcedureStepStatus: 'IN PROGRESS',
    ScheduledStepAttributesSequence: [{ StudyInstanceUID }],
  };
  const step = createdStep(withEmptyStepAttributes(little, 'create'));
  expect(step).toMatchObject({ PatientID: null, PerformedProcedureStepDiscontinuationReasonCodeSequence: [] });
  expect(step).not.toHaveProperty('AdmissionID');
  const end = { ...ended, PerformedSeriesSequence: [{ SeriesInstanceUID: '1.2', ProtocolName: 'X' }] };
  const changes = withEmptyStepAttributes({ ...end, PerformedProcedureStepStatus: 'COMPLETED' }, 'set');
  expect(Object.keys(changes).sort()).toEqual([...Object.keys(end), 'PerformedProcedureStepStatus'].sort());
  expect(updatedStep(step, changes).PerformedProcedureStepStatus).toBe('COMPLETED');
});

describe('the character set', () => {
  test.each<[unknown, unknown, unknown]>([
    [undefined, undefined, undefined],
    ['ISO_IR 100', undefined, 'ISO_IR 100'],
    ['ISO_IR 100', '', 'ISO_IR 100'],
    [undefined, 'ISO_IR 100', 'ISO_IR 100'],
    ['ISO_IR 100', 'ISO_IR 100', 'ISO_IR 100'],
    ['ISO_IR 100', 'ISO_IR 144', 'ISO_IR 192'],
    [['', 'ISO 2022 IR 87'], 'ISO_IR 100', 'ISO_IR 192'],
  ])('of a step with %j becomes with N-SET of %j: %j', (before, now, expected) => {
    const step = updatedStep({ ...begun, SpecificCharacterSet: before }, { SpecificCharacterSet: now });
    expect(step.SpecificCharacterSet).toEqual(expected);
  });
});

describe('user and provider', () => {
  const { Step, Retrieve } = modalityPerformedProcedureStep.sopClasses;
  async function connect(options: PerformedProcedureStepProviderOptions = {}) {
    const [requestor, acceptor] = await associatedPair({
      request: {
        contexts: [Step, Retrieve].map(({ uid }) => ({
          abstractSyntax: uid,
          transferSyntaxes: [TransferSyntax.ImplicitVRLittleEndian],
        })),
      },
    });
    new Session(acceptor, [new PerformedProcedureStepProvider(options).service]);
    return new Session(requestor);
  }

  test('report a step from its beginning to its end', async () => {
    const told: unknown[] = [];
    const session = await connect({ onChange: (_, step) => void told.push(step.PerformedProcedureStepStatus) });
    const step = await new PerformedProcedureStepUser().begin(session, known);
    await step.set(session, { PerformedProcedureStepDescription: 'head' });
    await step.complete(session, ended);
    expect(told).toEqual(['IN PROGRESS', 'IN PROGRESS', 'COMPLETED']);
    const { get } = session.use(modalityPerformedProcedureStep);
    const { sopInstance } = step;
    const whole = await get({ sopInstance });
    expect(whole.attributes).toMatchObject({ PerformedProcedureStepDescription: 'head', Modality: 'CT' });
    // Modality; Study Description, which the step does not have.
    expect(await get({ sopInstance, attributeIdentifiers: [0x00080060] })).toMatchObject({
      status: 0,
      attributes: { Modality: 'CT' },
    });
    expect(await get({ sopInstance, attributeIdentifiers: [0x00080060, 0x00081030] })).toMatchObject({ status: 1 });
    await expect(get({ sopInstance: '1.9' })).rejects.toMatchObject({ status: 0x0112 });
    const { set } = session.use(modalityPerformedProcedureStep);
    const late = set({ sopInstance, attributes: { PerformedProcedureStepDescription: 'x' } });
    await expect(late).rejects.toMatchObject({ status: 0x0110, errorId: 0xa710 });
    await session.release();
  });

  test('succeed even if the delivery accepts no notifications', async () => {
    const failures: unknown[] = [];
    const queue = createEventQueue({ maximumEvents: 0 });
    await using delivery = new EventDelivery({ queue, resolvePeer: () => undefined });
    const session = await connect({
      delivery,
      peersToNotify: () => ['RIS', 'PACS'],
      onFailure: ({ error, peer }) => void failures.push([(error as DimseError).status, peer]),
    });
    await new PerformedProcedureStepUser().begin(session, known);
    expect(failures).toEqual([
      [0x0213, 'RIS'],
      [0x0213, 'PACS'],
    ]);
    await session.release();
  });

  test('discontinue a step', async () => {
    const session = await connect();
    const step = await new PerformedProcedureStepUser().begin(session, known);
    // Attributes that were not created with the step cannot be set.
    const comment = step.set(session, { CommentsOnThePerformedProcedureStep: 'late' });
    await expect(comment).rejects.toMatchObject({ status: 0x0105 });
    const reason = {
      CodeValue: '110514',
      CodingSchemeDesignator: 'DCM',
      CodeMeaning: 'Incorrect worklist entry selected',
    };
    const reasons = { PerformedProcedureStepDiscontinuationReasonCodeSequence: [reason] };
    await step.discontinue(session, { ...ended, ...reasons });
    expect(step.status).toBe('DISCONTINUED');
    // Nothing is sent: it is known here.
    await expect(step.set(session, {})).rejects.toMatchObject({ status: 0x0110, errorId: 0xa710 });
    await session.release();
  });

  test('report which attributes are wrong', async () => {
    const session = await connect();
    const { create, set } = session.use(modalityPerformedProcedureStep);
    await expect(create({ attributes: {} })).rejects.toMatchObject({ status: 0x0120 });
    const { sopInstance } = await create({ attributes: begun });
    expect(sopInstance).toMatch(/^2\.25\.\d+$/);
    if (!sopInstance) throw new Error('no instance');
    await expect(create({ sopInstance, attributes: begun })).rejects.toMatchObject({ status: 0x0111 });
    await expect(set({ sopInstance: '1.9', attributes: {} })).rejects.toMatchObject({ status: 0x0112 });
    const named = set({ sopInstance, attributes: { PatientID: 'other' } });
    await expect(named).rejects.toMatchObject({ status: 0x0105, response: { attributeIdentifiers: [0x00100020] } });
    const unfinished = set({ sopInstance, attributes: { PerformedProcedureStepStatus: 'COMPLETED' } });
    await expect(unfinished).rejects.toMatchObject({ status: 0x0121 });
    await session.release();
  });
});
