// Logs associations, those that peers request and those that the archive requests: their negotiation, their end, and why.

import { logConnection } from '@x/cli/conversation';
import type { Logger } from '@x/cli/logger';
import { AssociationAbortedError, type Closed, describeReject, type Pdu, type UpperLayerConnection } from '@x/net';

/** @param parent If the archive requested the association: the id of the association that it serves, if any. */
export function logAssociation(connection: UpperLayerConnection, logger: Logger, parent?: string): void {
  logConnection(connection, logger);
  // A logger of its own for each association, or a copy of common fields, would take longer than to write its two lines.
  const event = 'association';
  const { id: association } = connection;
  const { address } = connection.peer;
  const where = address ? ` ${connection.role === 'acceptor' ? 'from' : 'at'} ${address}` : '';
  let names = '';
  const negotiated = (_direction: string, pdu: Pdu) => {
    if (pdu.type === 'A-ASSOCIATE-RQ') names = `${pdu.callingAeTitle} → ${pdu.calledAeTitle}`;
    else if (pdu.type === 'A-ASSOCIATE-AC') {
      const { presentationContexts: contexts } = pdu;
      let accepted = 0;
      for (const { result } of contexts) if (result === 0) accepted++;
      const summary = `${names}, ${accepted} of ${contexts.length} contexts`;
      const line = { event, association, parent, type: 'accepted', summary };
      logger.info(line, `association accepted: ${summary}${where}`);
    } else if (pdu.type === 'A-ASSOCIATE-RJ') {
      const { result, source, reason } = pdu;
      const summary = `${names}: ${describeReject(pdu)}`;
      const codes = `result ${result}, source ${source}, reason ${reason}`;
      logger.warn(
        { event, association, parent, type: 'rejected', result, source, reason, summary },
        `association rejected: ${summary}, ${codes}`,
      );
    }
    // Listening to every PDU of an association would cost time.
    if (pdu.type !== 'A-ASSOCIATE-RQ') connection.off('pdu', negotiated);
  };
  connection.on('pdu', negotiated);
  void connection.closed.then((closed) => logEnd(closed, { event, association, parent }, logger));
}

function logEnd({ how, by, error }: Closed, { event, association, parent }: Subject, log: Logger): void {
  if (how === 'released') {
    log.info({ event, association, parent, type: how, by, summary: 'released' }, 'association released');
    return;
  }
  const line = { event, association, parent, type: how, by };
  if (error instanceof AssociationAbortedError) {
    const { source, reason } = error;
    const codes = `source ${source}, reason ${reason}`;
    log.warn({ ...line, source, reason, summary: error.message }, `${error.message}, ${codes}`);
    // A rejection was logged with its PDU.
  } else if (error && how !== 'rejected') log.warn({ ...line, summary: error.message }, error.message);
}

/** The fields of every line; an absent one is not written. */
interface Subject {
  readonly event: string;
  readonly association: string;
  readonly parent: string | undefined;
}
