import { expect, test } from 'vitest';
import { Status } from '../message/status.ts';
import { MAXIMUM_FAILED_LENGTH, SubOperations } from './sub-operations.ts';

test('sends counts above 65,535 as 65,535', () => {
  const subOperations = new SubOperations(70_000);
  expect(subOperations.counts).toEqual({ remaining: 65_535, completed: 0, failed: 0, warning: 0 });
  for (let index = 0; index < 69_999; index++) subOperations.answered(Status.Success);
  expect(subOperations.ended).toBe(69_999);
  expect(subOperations.answer(true)).toMatchObject({ status: Status.Cancel, remaining: 1, completed: 65_535 });
});

test('has none remaining if there are more instances than announced', () => {
  const subOperations = new SubOperations(1);
  for (let index = 0; index < 3; index++) subOperations.answered(Status.Success);
  expect(subOperations.counts).toEqual({ remaining: 0, completed: 3, failed: 0, warning: 0 });
});

test('lists the instances that failed up to a length, and counts all', () => {
  const subOperations = new SubOperations(60_000);
  const uid = '1'.repeat(63);
  for (let index = 0; index < 60_000; index++) subOperations.failed(uid, 'gone');
  const { failed, identifier } = subOperations.answer(false);
  expect(failed).toBe(60_000);
  expect(identifier?.FailedSOPInstanceUIDList).toHaveLength(MAXIMUM_FAILED_LENGTH / 64);
});
