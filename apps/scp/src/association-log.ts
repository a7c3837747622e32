// Logs associations, those that peers request and those that the archive requests: their negotiation, their end, and why.

import { logConnection } from '@x/cli/conversation';
import type { Logger } from '@x/cli/logger';
import { AssociationAbortedError, type Closed, describeReject, type Pdu, type UpperLayerConnection } from '@x/net';

/** @param parent If the archive requested the association: the id of the association that it serves, if any. */
export function logAssociation(connection: UpperLayerConnection, logger: Logger, parent?: string): void {
  logConnection(connection, logger);
  // A logger of its own for each association would take longer to make than its two lines take to write.
  const fields = { event: 'association', association: connection.id, ...(parent && { parent }) };
  const { address } = connection.peer;
  const where = address ? ` ${connection.role === 'acceptor' ? 'from' : 'at'} ${address}` : '';
  let names = '';
  const negotiated = (_direction: string, pdu: Pdu) => {
    if (pdu.type === 'A-ASSOCIATE-RQ') names = `${pdu.callingAeTitle} → ${pdu.calledAeTitle}`;
    else if (pdu.type === 'A-ASSOCIATE-AC') {
      const { presentationContexts: contexts } = pdu;
      const accepted = contexts.filter(({ result }) => result === 0).length;
      const summary = `${names}, ${accepted} of ${contexts.length} contexts`;
      logger.info({ ...fields, type: 'accepted', summary }, `association accepted: ${summary}${where}`);
    } else if (pdu.type === 'A-ASSOCIATE-RJ') {
      const { result, source, reason } = pdu;
      const summary = `${names}: ${describeReject(pdu)}`;
      const codes = `result ${result}, source ${source}, reason ${reason}`;
      logger.warn(
        { ...fields, type: 'rejected', result, source, reason, summary },
        `association rejected: ${summary}, ${codes}`,
      );
    }
    // Listening to every PDU of an association would cost time.
    if (pdu.type !== 'A-ASSOCIATE-RQ') connection.off('pdu', negotiated);
  };
  connection.on('pdu', negotiated);
  void connection.closed.then((closed) => logEnd(closed, fields, logger));
}

function logEnd({ how, by, error }: Closed, fields: object, log: Logger): void {
  const line = { ...fields, type: how, by };
  if (how === 'released') log.info({ ...line, summary: 'released' }, 'association released');
  else if (error instanceof AssociationAbortedError) {
    const { source, reason } = error;
    const codes = `source ${source}, reason ${reason}`;
    log.warn({ ...line, source, reason, summary: error.message }, `${error.message}, ${codes}`);
    // A rejection was logged with its PDU.
  } else if (error && how !== 'rejected') log.warn({ ...line, summary: error.message }, error.message);
}
