import { describe, expect, test } from 'vitest';
import type { UntypedDataSet } from '../../data-set/dataset.ts';
import {
  cancelRequested,
  changedState,
  createdWorkItem,
  progressOf,
  type UnifiedProcedureStepState,
  updatedWorkItem,
  type WorkItem,
} from './unified-procedure-step.ts';

const NEW: UntypedDataSet = {
  ProcedureStepState: 'SCHEDULED',
  ScheduledProcedureStepPriority: 'MEDIUM',
  ProcedureStepLabel: 'Segment the liver',
  ScheduledProcedureStepStartDateTime: '20261121100000',
  InputReadinessState: 'READY',
  PatientID: 'P1',
};
const CODE = [{ CodeValue: '1', CodingSchemeDesignator: '99X', CodeMeaning: 'one' }];
const performed: UntypedDataSet = {
  PerformedStationNameCodeSequence: CODE,
  PerformedProcedureStepStartDateTime: '20261121100000',
  PerformedWorkitemCodeSequence: CODE,
  PerformedProcedureStepEndDateTime: '20261121100100',
  OutputInformationSequence: [],
};
const [MINE, OTHER] = ['2.25.1', '2.25.2'];

function itemIn(state: UnifiedProcedureStepState, extra: UntypedDataSet = {}): WorkItem {
  const attributes = {
    ...NEW,
    UnifiedProcedureStepPerformedProcedureSequence: [performed],
    ...extra,
    ProcedureStepState: state,
  };
  return { state, attributes, ...(state !== 'SCHEDULED' && { transactionUid: MINE }) };
}

const statusOf = (work: () => unknown): number => {
  try {
    return (work() as { status?: number }).status ?? 0;
  } catch (error) {
    return (error as { status: number }).status;
  }
};

describe('Table CC.1.1-2', () => {
  const states = ['SCHEDULED', 'IN PROGRESS', 'COMPLETED', 'CANCELED'] as const;
  const right: Record<UnifiedProcedureStepState, readonly number[]> = {
    // to:          SCHEDULED IN PROGRESS COMPLETED CANCELED
    SCHEDULED: [0xc303, 0x0000, 0xc310, 0xc310],
    'IN PROGRESS': [0xc303, 0xc302, 0x0000, 0x0000],
    COMPLETED: [0xc303, 0xc300, 0xb306, 0xc300],
    CANCELED: [0xc303, 0xc300, 0xc300, 0xb304],
  };
  const cells = states.flatMap((from) => states.map((to, index) => [from, to, right[from][index] as number] as const));

  test.each(cells)('%s to %s with the right transaction UID', (from, to, status) => {
    expect(statusOf(() => changedState(itemIn(from), to, MINE))).toBe(status);
    if (status === 0)
      expect(changedState(itemIn(from), to, MINE).item).toMatchObject({
        state: to,
        transactionUid: MINE,
        attributes: { ProcedureStepState: to },
      });
  });

  test.each(cells)('%s to %s without a transaction UID', (from, to) => {
    const expected = to === 'SCHEDULED' ? 0xc303 : 0xc301;
    expect(statusOf(() => changedState(itemIn(from), to, undefined))).toBe(expected);
    expect(statusOf(() => changedState(itemIn(from), to, ''))).toBe(expected);
  });

  test.each(cells.filter(([from]) => from !== 'SCHEDULED'))(
    '%s to %s with the transaction UID of another performer',
    (from, to) => {
      const expected = to === 'SCHEDULED' ? 0xc303 : 0xc301;
      expect(statusOf(() => changedState(itemIn(from), to, OTHER))).toBe(expected);
    },
  );

  test.each([
    ['SCHEDULED', 0x0000, 'CANCELED', false],
    ['IN PROGRESS', 0x0000, 'IN PROGRESS', true],
    ['COMPLETED', 0xc311, 'COMPLETED', false],
    ['CANCELED', 0xb304, 'CANCELED', false],
  ] as const)('a request to cancel what is %s', (from, status, state, isForPerformer) => {
    expect(statusOf(() => cancelRequested(itemIn(from), {}))).toBe(status);
    if (status < 0xc000) expect(cancelRequested(itemIn(from), {})).toMatchObject({ item: { state }, isForPerformer });
  });

  test.each([
    ['SCHEDULED', undefined, 0],
    ['SCHEDULED', MINE, 0xc310],
    ['IN PROGRESS', MINE, 0],
    ['IN PROGRESS', OTHER, 0xc301],
    ['IN PROGRESS', undefined, 0xc301],
    ['COMPLETED', MINE, 0xc300],
    ['COMPLETED', undefined, 0xc300],
    ['CANCELED', MINE, 0xc300],
  ] as const)('N-SET of what is %s with transaction UID %s', (from, transactionUid, status) => {
    const changes = { ProcedureStepLabel: 'new', ...(transactionUid && { TransactionUID: transactionUid }) };
    expect(statusOf(() => updatedWorkItem(itemIn(from), changes))).toBe(status);
    if (status !== 0) return;
    const { attributes } = updatedWorkItem(itemIn(from), changes);
    expect(attributes).toMatchObject({ ProcedureStepLabel: 'new' });
    expect(attributes).not.toHaveProperty('TransactionUID');
  });

  test('rejects a state that does not exist', () => {
    expect(statusOf(() => changedState(itemIn('SCHEDULED'), 'constructor', MINE))).toBe(0x0115);
  });
});

describe('Table CC.2.5-3', () => {
  const person = { HumanPerformerCodeSequence: CODE, HumanPerformerName: 'A', HumanPerformerOrganization: 'B' };
  test.each<[UntypedDataSet, number | undefined]>([
    [{}, undefined],
    [{ ProcedureStepLabel: undefined }, 0x0120],
    [{ ProcedureStepLabel: '' }, 0x0121],
    [{ InputReadinessState: undefined, ProcedureStepLabel: '' }, 0x0120],
    [{ ScheduledProcedureStepPriority: null }, 0x0121],
    [{ ScheduledProcedureStepPriority: 'STAT' }, 0x0106],
    [{ InputReadinessState: 'MAYBE' }, 0x0106],
    [{ ProcedureStepState: undefined }, 0x0120],
    [{ ProcedureStepState: 'IN PROGRESS' }, 0xc309],
    [{ TransactionUID: '1.2' }, 0x0106],
    [{ TransactionUID: '' }, undefined],
    [{ ProcedureStepProgressInformationSequence: [{ ProcedureStepProgress: 1 }] }, 0x0106],
    [{ UnifiedProcedureStepPerformedProcedureSequence: [performed] }, 0x0106],
    [{ ScheduledStationNameCodeSequence: [{ CodeValue: '1' }] }, 0x0120],
    [{ ScheduledHumanPerformersSequence: [{ ...person, HumanPerformerName: '' }] }, 0x0121],
    [{ ScheduledHumanPerformersSequence: [person] }, undefined],
    [{ ReferencedRequestSequence: [{ AccessionNumber: '1' }] }, 0x0120],
  ])('creating with %o', (change, status) => {
    const attributes = { ...NEW, ...change };
    expect(statusOf(() => createdWorkItem(attributes))).toBe(status ?? 0);
    if (status === undefined) expect(createdWorkItem(attributes)).toMatchObject({ state: 'SCHEDULED' });
  });

  test('a new work item gets empty values of type 2, the worklist label and the time of the change', () => {
    const { attributes } = createdWorkItem(NEW);
    expect(attributes).toMatchObject({ PatientName: null, InputInformationSequence: null, WorklistLabel: 'DEFAULT' });
    expect(attributes.ScheduledProcedureStepModificationDateTime).toMatch(/^\d{14}\+0000$/);
    expect(attributes).not.toHaveProperty('TransactionUID');
    expect(createdWorkItem({ ...NEW, WorklistLabel: 'AI' }).attributes.WorklistLabel).toBe('AI');
    const before = itemIn('SCHEDULED', { ScheduledProcedureStepModificationDateTime: '2020' });
    const after = updatedWorkItem(before, { ScheduledProcedureStepModificationDateTime: '2021' });
    expect(after.attributes.ScheduledProcedureStepModificationDateTime).toMatch(/^\d{14}\+0000$/);
  });

  test.each<[UntypedDataSet, number]>([
    [{ ProcedureStepState: 'SCHEDULED' }, 0],
    [{ ProcedureStepState: 'COMPLETED' }, 0x0106],
    [{ PatientID: 'P2' }, 0x0105],
    [{ PatientID: 'P1' }, 0],
    [{ PatientName: '' }, 0],
    [{ AdmissionID: 'A' }, 0x0105],
    [{ SOPInstanceUID: '1.2.3' }, 0x0105],
    [{ ReplacedProcedureStepSequence: [] }, 0],
    [{ ProcedureStepLabel: '' }, 0x0121],
    [{ ExpectedCompletionDateTime: null }, 0x0121],
    [{ ScheduledStationNameCodeSequence: [] }, 0],
    [{ ScheduledStationNameCodeSequence: [{ CodeMeaning: 'x' }] }, 0x0120],
    [{ InputReadinessState: 'MAYBE' }, 0x0106],
    [{ CommentsOnTheScheduledProcedureStep: 'soon' }, 0],
  ])('setting %o', (changes, status) => {
    expect(statusOf(() => updatedWorkItem(itemIn('SCHEDULED'), changes))).toBe(status);
  });

  test('N-SET cannot make a work item SCHEDULED again', () => {
    const changes = { ProcedureStepState: 'SCHEDULED', TransactionUID: MINE };
    expect(statusOf(() => updatedWorkItem(itemIn('IN PROGRESS'), changes))).toBe(0xc303);
  });

  test.each([
    ['ISO_IR 100', undefined, 'ISO_IR 100'],
    ['ISO_IR 100', 'ISO_IR 144', 'ISO_IR 192'],
  ])('values in %s and later values in %s are kept in %s', (before, now, expected) => {
    const item = itemIn('SCHEDULED', { SpecificCharacterSet: before });
    expect(updatedWorkItem(item, { SpecificCharacterSet: now }).attributes.SpecificCharacterSet).toBe(expected);
  });

  test.each(Object.keys(performed))('a work item cannot be COMPLETED without %s', (keyword) => {
    const { [keyword]: _, ...rest } = performed;
    const item = itemIn('IN PROGRESS', { UnifiedProcedureStepPerformedProcedureSequence: [rest] });
    expect(statusOf(() => changedState(item, 'COMPLETED', MINE))).toBe(0xc304);
    const bare = itemIn('IN PROGRESS', { UnifiedProcedureStepPerformedProcedureSequence: null });
    expect(statusOf(() => changedState(bare, 'COMPLETED', MINE))).toBe(0xc304);
  });

  test('a work item CANCELED without an N-SET has the time and an unspecified reason', () => {
    const { item } = changedState(itemIn('IN PROGRESS'), 'CANCELED', MINE);
    expect(progressOf(item.attributes)).toMatchObject({
      ProcedureStepCancellationDateTime: expect.stringMatching(/^\d{14}\+0000$/),
      ProcedureStepDiscontinuationReasonCodeSequence: [{ CodeValue: '110513', CodingSchemeDesignator: 'DCM' }],
    });
    expect(item.finishedAt).toBeGreaterThan(0);
  });

  test('keeps the given time and reason of the cancellation', () => {
    const progress = {
      ProcedureStepProgress: 40,
      ProcedureStepCancellationDateTime: '20261121',
      ProcedureStepDiscontinuationReasonCodeSequence: CODE,
    };
    const before = itemIn('IN PROGRESS', { ProcedureStepProgressInformationSequence: [progress] });
    expect(progressOf(changedState(before, 'CANCELED', MINE).item.attributes)).toEqual(progress);
    const request = { ReasonForCancellation: 'zu spät', ContactURI: 'tel:1', SpecificCharacterSet: 'ISO_IR 100' };
    const { attributes } = cancelRequested(itemIn('SCHEDULED'), request).item;
    expect(progressOf(attributes)).toMatchObject({
      ReasonForCancellation: 'zu spät',
      ProcedureStepCommunicationsURISequence: [{ ContactURI: 'tel:1' }],
    });
    expect(attributes.SpecificCharacterSet).toBe('ISO_IR 100');
  });
});
