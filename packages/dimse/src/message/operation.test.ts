import { expect, test } from 'vitest';
import { defineServiceClass } from '../session/service-class.ts';
import { field } from './field.ts';
import { defineOperation } from './operation.ts';

const declare = (commandField: number, request: Parameters<typeof defineOperation>[0]['request'] = {}) =>
  defineOperation({ name: 'X-COUNT', commandField, answers: 'one', request, response: {} });

test.each([0x8001, 0xffff, 0x0fff, -1, 0.5, Number.NaN])(
  'rejects %d as the Command Field of a request',
  (commandField) => {
    expect(() => declare(commandField)).toThrow(RangeError);
  },
);

test('rejects a message with two data sets', () => {
  expect(() => declare(0x0ff0, { one: field.dataSet, other: field.optional(field.dataSet) })).toThrow(TypeError);
  expect(() => declare(0x0ff0, { one: field.dataSet, other: field.instance })).toThrow(
    'X-COUNT: a message has one data set',
  );
});

test('rejects a service with two operations of the same Command Field', () => {
  const operations = { one: declare(0x0ff0), other: declare(0x0ff0) };
  expect(() => defineServiceClass({ name: 'Counting', operations, sopClasses: {} })).toThrow(
    'Counting: two operations have the same Command Field',
  );
});

test('accepts only command elements of the right kind', () => {
  const wrong = [
    // @ts-expect-error: a number
    field.text('eventTypeId'),
    // @ts-expect-error: a UID
    field.text('affectedSopInstanceUid'),
    // @ts-expect-error: text
    field.short('moveDestination'),
    // @ts-expect-error: a list of tags
    field.uid('attributeIdentifierList'),
    // @ts-expect-error: not an operation's own
    field.short('status'),
    // @ts-expect-error: not an operation's own
    field.tags('offendingElements'),
  ];
  expect(wrong).toHaveLength(6);
});
