// Logs of the traffic between two application entities: PDUs, transitions and messages.

import { type CommandSet, describeStatus, messageName, type Session, uidName } from '@x/dimse';
import { renderPdu, summarizePdu, type UpperLayerConnection } from '@x/net';
import type { Logger } from './logger.ts';

/** Logs the negotiation of a connection at level debug, and every PDU and transition at level trace. */
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

/** Logs each message of a session at level trace. */
export function logMessages(session: Session, logger: Logger): void {
  if (!logger.isLevelEnabled('trace')) return;
  const log = logger.child({ association: session.association.id });
  session.on('message', (direction, { context, command }) => {
    const type = messageName(command.commandField);
    const summary = summarizeMessage(command);
    log.trace({ event: 'message', direction, type, summary, context: context.id }, `${direction} ${summary}`);
  });
}

/** Describes a message in one line, without patient data. */
export function summarizeMessage(command: CommandSet): string {
  const { messageId, messageIdBeingRespondedTo, status, affectedSopClassUid, requestedSopClassUid } = command;
  const sopClass = affectedSopClassUid ?? requestedSopClassUid;
  const parts = [messageName(command.commandField), `#${messageId ?? messageIdBeingRespondedTo ?? '?'}`];
  if (status !== undefined) parts.push(describeStatus(status));
  else if (sopClass !== undefined) parts.push(uidName(sopClass));
  return parts.join(' ');
}
