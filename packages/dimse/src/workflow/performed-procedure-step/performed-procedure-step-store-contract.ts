// The contract of stores of performed procedure steps: checks for any implementation.

import assert from 'node:assert/strict';
import type { UntypedDataSet } from '../../data-set/dataset.ts';
import { type Checks, type CreateStore, contract, NO_ROOM, type StoreContract } from '../store-contract.ts';
import type { PerformedProcedureStepStore } from './performed-procedure-step-store.ts';

/** The checks that every `PerformedProcedureStepStore` passes. */
export const performedProcedureStepStoreContract = (
  create: CreateStore<PerformedProcedureStepStore>,
): StoreContract[] => contract(create, PERFORMED_STEPS);

const step: UntypedDataSet = {
  SpecificCharacterSet: ['ISO_IR 192'],
  Modality: 'CT',
  PatientName: { Alphabetic: 'Yamada^Tarou', Ideographic: '山田^太郎' },
  PerformedProcedureStepStatus: 'IN PROGRESS',
  PerformedSeriesSequence: [],
  ScheduledStepAttributesSequence: [{ StudyInstanceUID: '1.2', ScheduledProcedureStepID: 'S1', AccessionNumber: '' }],
};
const refusal = new Error('no');
const refuse = () => {
  throw refusal;
};
const isRefusal = (error: unknown) => error === refusal;

const PERFORMED_STEPS: Checks<PerformedProcedureStepStore> = {
  async 'keeps steps, and does not add a step twice'(create) {
    const store = await create();
    assert.equal(await store.get('1'), undefined);
    assert.equal(await store.add('1', step), true);
    assert.equal(await store.add('1', { ...step, Modality: 'MR' }), false);
    assert.deepEqual(await store.get('1'), step);
    const twice = await Promise.all([store.add('2', step), store.add('2', step)]);
    assert.deepEqual(twice.sort(), [false, true]);
  },
  async 'changes steps atomically'(create) {
    const store = await create();
    await store.add('1', step);
    const grow = (before: UntypedDataSet) => ({ ...before, StudyID: `${before.StudyID ?? ''}x` });
    await Promise.all(Array.from({ length: 20 }, () => store.change('1', grow)));
    assert.equal((await store.get('1'))?.StudyID, 'x'.repeat(20));
    assert.equal(await store.change('2', grow), undefined);
  },
  async 'leaves a step unchanged if the change throws'(create) {
    const store = await create();
    await store.add('1', step);
    await assert.rejects(async () => store.change('1', refuse), isRefusal);
    assert.deepEqual(await store.get('1'), step);
    assert.deepEqual(await store.change('1', (before) => ({ ...before, StudyID: 'S' })), { ...step, StudyID: 'S' });
  },
  async 'forgets steps that ended long ago, and no others'(create) {
    const store = await create();
    for (const sopInstance of ['1', '2', '3']) await store.add(sopInstance, step);
    const end = (status: string) => (before: UntypedDataSet) => ({ ...before, PerformedProcedureStepStatus: status });
    await store.change('1', end('COMPLETED'));
    await store.change('2', end('DISCONTINUED'));
    assert.equal(await store.removeFinished(Date.now() - 60_000), 0);
    assert.equal(await store.removeFinished(Date.now() + 60_000), 2);
    assert.equal(await store.get('1'), undefined);
    assert.deepEqual(await store.get('3'), step);
  },
  async 'rejects steps when it is full'(create) {
    const store = await create(1);
    await store.add('1', step);
    await assert.rejects(async () => store.add('2', step), NO_ROOM);
    assert.equal(await store.add('1', step), false);
  },
  async 'has room for other peers when one peer has filled its part'(create) {
    const store = await create(20);
    const fill = async () => {
      for (let number = 0; number < 20; number++) await store.add(`1.${number}`, step, 'A');
    };
    await assert.rejects(fill, NO_ROOM);
    assert.equal(await store.add('2', step, 'B'), true);
  },
};
