// What two application entities say to each other, as log lines: associations, PDUs, messages, transitions.

import { type CommandSet, describeStatus, messageName, type Session, uidName } from '@x/dimse';
import { renderPdu, summarizePdu, type UpperLayerConnection } from '@x/net';
import type { Logger } from './logger.ts';

/** Logs what goes over a connection: negotiation from debug on, every PDU and transition at trace. */
export function logConnection(connection: UpperLayerConnection, logger: Logger): void {
  if (!logger.isLevelEnabled('debug')) return;
  const log = logger.child({ association: connection.id });
  const isTraced = log.isLevelEnabled('trace');
  connection.on('pdu', (direction, pdu) => {
    const summary = summarizePdu(pdu);
    const isNegotiation = pdu.type === 'A-ASSOCIATE-RQ' || pdu.type === 'A-ASSOCIATE-AC';
    const line = { event: 'pdu', direction, type: pdu.type, summary };
    if (isNegotiation) {
      const [first, ...detail] = renderPdu(pdu, { nameOf: uidName }).split('\n');
      log.debug({ ...line, detail: detail.join('\n') }, `${direction} ${first}`);
    } else log.trace(line, `${direction} ${summary}`);
  });
  if (isTraced)
    connection.on('transition', ({ from, event, action, to }) => {
      if (from === to) return;
      // As a `string`: pino's types would otherwise spell out every combination of event, state and action.
      const cell: string = `${from} → ${action} → ${to}`;
      log.trace({ event: 'transition', type: event, summary: cell.replaceAll(' →', '') }, `${event}: ${cell}`);
    });
}

/** Logs each message of a session at trace. */
export function logMessages(session: Session, logger: Logger): void {
  if (!logger.isLevelEnabled('trace')) return;
  const log = logger.child({ association: session.association.id });
  session.on('message', (direction, { context, command }) => {
    const type = messageName(command.commandField);
    const summary = summarizeMessage(command);
    log.trace({ event: 'message', direction, type, summary, context: context.id }, `${direction} ${summary}`);
  });
}

/** One line that says what a message is, without patient data. */
export function summarizeMessage(command: CommandSet): string {
  const { messageId, messageIdBeingRespondedTo, status, affectedSopClassUid, requestedSopClassUid } = command;
  const sopClass = affectedSopClassUid ?? requestedSopClassUid;
  const parts = [messageName(command.commandField), `#${messageId ?? messageIdBeingRespondedTo ?? '?'}`];
  if (status !== undefined) parts.push(describeStatus(status));
  else if (sopClass !== undefined) parts.push(uidName(sopClass));
  return parts.join(' ');
}
