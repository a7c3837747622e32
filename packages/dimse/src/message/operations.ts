// The DIMSE operations, one for each table of PS3.7 §9.3 (composite) and §10.3 (normalized).

import { codeText } from '../registry/tag-text.ts';
import { field } from './field.ts';
import { defineOperation } from './operation.ts';

// The counts of C-GET and C-MOVE responses.
const subOperations = {
  remaining: field.optional(field.short('numberOfRemainingSuboperations')),
  completed: field.optional(field.short('numberOfCompletedSuboperations')),
  failed: field.optional(field.short('numberOfFailedSuboperations')),
  warning: field.optional(field.short('numberOfWarningSuboperations')),
  identifier: field.optional(field.dataSet),
} as const;

/**
 * C-STORE (PS3.7 §9.3.1): one instance. Its data set is streamed. The Move Originator names the C-MOVE request of a
 * sub-operation.
 */
export const cStore = defineOperation({
  name: 'C-STORE',
  commandField: 0x0001,
  answers: 'one',
  request: {
    sopInstance: field.uid('affectedSopInstanceUid'),
    priority: field.optional(field.short('priority')),
    moveOriginatorAeTitle: field.optional(field.text('moveOriginatorApplicationEntityTitle')),
    moveOriginatorMessageId: field.optional(field.short('moveOriginatorMessageId')),
    data: field.instance,
  },
  response: { sopInstance: field.optional(field.uid('affectedSopInstanceUid')) },
});

/** C-FIND (PS3.7 §9.3.2): each pending response has an identifier; the final one does not. */
export const cFind = defineOperation({
  name: 'C-FIND',
  commandField: 0x0020,
  answers: 'many',
  request: { priority: field.optional(field.short('priority')), identifier: field.identifier },
  response: { identifier: field.optional(field.dataSet) },
});

/** C-GET (PS3.7 §9.3.3): the provider sends the instances by C-STORE on the same association. */
export const cGet = defineOperation({
  name: 'C-GET',
  commandField: 0x0010,
  answers: 'many',
  hasSubOperations: true,
  request: { priority: field.optional(field.short('priority')), identifier: field.identifier },
  response: subOperations,
});

/** C-MOVE (PS3.7 §9.3.4): the provider sends the instances by C-STORE to `destination`, an AE title. */
export const cMove = defineOperation({
  name: 'C-MOVE',
  commandField: 0x0021,
  answers: 'many',
  hasSubOperations: true,
  request: {
    priority: field.optional(field.short('priority')),
    destination: field.text('moveDestination'),
    identifier: field.identifier,
  },
  response: subOperations,
});

/** C-ECHO (PS3.7 §9.3.5). */
export const cEcho = defineOperation({
  name: 'C-ECHO',
  commandField: 0x0030,
  answers: 'one',
  request: {},
  response: {},
});

// The responses of N-GET, N-SET and N-CREATE. With the statuses 0105H to 0107H, 0120H and 0121H, the attribute
// identifiers
// name the attributes at fault (Annex C).
const attributeResponse = {
  sopInstance: field.optional(field.uid('affectedSopInstanceUid')),
  attributes: field.optional(field.dataSet),
  attributeIdentifiers: field.optional(field.tags('attributeIdentifierList')),
} as const;

/** N-EVENT-REPORT (PS3.7 §10.3.1), which the provider invokes. */
export const nEventReport = defineOperation({
  name: 'N-EVENT-REPORT',
  commandField: 0x0100,
  answers: 'one',
  invokedBy: 'scp',
  request: {
    sopInstance: field.uid('affectedSopInstanceUid'),
    eventType: field.short('eventTypeId'),
    information: field.optional(field.dataSet),
  },
  response: {
    sopInstance: field.optional(field.uid('affectedSopInstanceUid')),
    eventType: field.optional(field.short('eventTypeId')),
    reply: field.optional(field.dataSet),
  },
});

/** N-GET (PS3.7 §10.3.2): the attributes of a list of tags, or all attributes. */
export const nGet = defineOperation({
  name: 'N-GET',
  commandField: 0x0110,
  answers: 'one',
  sopClassElement: 'requestedSopClassUid',
  request: {
    sopInstance: field.uid('requestedSopInstanceUid'),
    attributeIdentifiers: field.optional(field.tags('attributeIdentifierList')),
  },
  response: attributeResponse,
});

/** N-SET (PS3.7 §10.3.3). */
export const nSet = defineOperation({
  name: 'N-SET',
  commandField: 0x0120,
  answers: 'one',
  sopClassElement: 'requestedSopClassUid',
  request: { sopInstance: field.uid('requestedSopInstanceUid'), attributes: field.dataSet },
  response: attributeResponse,
});

/** N-ACTION (PS3.7 §10.3.4). */
export const nAction = defineOperation({
  name: 'N-ACTION',
  commandField: 0x0130,
  answers: 'one',
  sopClassElement: 'requestedSopClassUid',
  request: {
    sopInstance: field.uid('requestedSopInstanceUid'),
    actionType: field.short('actionTypeId'),
    information: field.optional(field.dataSet),
  },
  response: {
    sopInstance: field.optional(field.uid('affectedSopInstanceUid')),
    actionType: field.optional(field.short('actionTypeId')),
    reply: field.optional(field.dataSet),
  },
});

/** N-CREATE (PS3.7 §10.3.5): the provider assigns the UID of the instance if the user omits it. */
export const nCreate = defineOperation({
  name: 'N-CREATE',
  commandField: 0x0140,
  answers: 'one',
  request: {
    sopInstance: field.optional(field.uid('affectedSopInstanceUid')),
    attributes: field.optional(field.dataSet),
  },
  response: attributeResponse,
});

/** N-DELETE (PS3.7 §10.3.6). */
export const nDelete = defineOperation({
  name: 'N-DELETE',
  commandField: 0x0150,
  answers: 'one',
  sopClassElement: 'requestedSopClassUid',
  request: { sopInstance: field.uid('requestedSopInstanceUid') },
  response: { sopInstance: field.optional(field.uid('affectedSopInstanceUid')) },
});

/** Added to the Command Field of a request, gives that of its response. */
export const RESPONSE = 0x8000;
/** C-CANCEL-RQ has no response of its own (§9.3.2.3). */
export const C_CANCEL_RQ = 0x0fff;

/** The name of a message by its Command Field, `C-STORE-RSP`; an unknown one gives its hexadecimal code. */
export function messageName(commandField: number): string {
  if (commandField === C_CANCEL_RQ) return 'C-CANCEL-RQ';
  const operation = operationName.get(commandField & ~RESPONSE);
  if (!operation) return `command ${codeText(commandField)}H`;
  return `${operation}-${commandField & RESPONSE ? 'RSP' : 'RQ'}`;
}

/** Whether PS3.7 has a message with this Command Field. */
export function isStandard(commandField: number): boolean {
  return commandField === C_CANCEL_RQ || operationName.has(commandField & ~RESPONSE);
}

/** Whether the operation is one of the composite services (PS3.7 §9), which have additional statuses. */
export function isComposite({ commandField }: { readonly commandField: number }): boolean {
  return commandField < 0x0100;
}

const operationName = new Map<number, string>(
  [cStore, cFind, cGet, cMove, cEcho, nEventReport, nGet, nSet, nAction, nCreate, nDelete].map(
    ({ commandField, name }) => [commandField, name],
  ),
);
