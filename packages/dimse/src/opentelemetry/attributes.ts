// The attributes of spans and metrics: those of the semantic conventions, and our own below `dicom.`. Attributes of patients, data
// sets and texts of errors, which may have some of them, are never among them.

import type { Attributes } from '@opentelemetry/api';
import type { AssociationTrace } from '@x/net';
import type { OperationTrace } from '../message/diagnostics.ts';
import { DimseError } from '../message/errors.ts';
import { category } from '../message/status.ts';

/** A host and port: those that were requested, or those of a connection. */
export interface ServerAddress {
  readonly address?: string | undefined;
  readonly port?: number | undefined;
}

/** The attributes of the network for a span: the server, and the peer of the connection if there is one. */
export function networkAttributes(server: ServerAddress, peer: ServerAddress): Attributes {
  return defined({
    'network.protocol.name': 'dicom',
    'network.transport': peer.port === undefined ? undefined : 'tcp',
    'server.address': server.address,
    'server.port': server.port,
    'network.peer.address': peer.address,
    'network.peer.port': peer.port,
  });
}

/** The attributes of an association that is requested. */
export function requestedAttributes({ callingAeTitle, calledAeTitle }: AssociationTrace): Attributes {
  return { 'dicom.calling_ae_title': callingAeTitle, 'dicom.called_ae_title': calledAeTitle };
}

/** The attributes of an association that has ended. */
export function endedAttributes({ association, rejection, closed, error }: AssociationTrace): Attributes {
  return defined({
    'dicom.association.outcome': closed?.how ?? 'failed',
    'dicom.association.ended_by': closed?.by,
    'dicom.association.received_size': association?.connection.traffic.bytesReceived,
    'dicom.association.sent_size': association?.connection.traffic.bytesSent,
    'dicom.reject.result': rejection?.result,
    'dicom.reject.source': rejection?.source,
    'dicom.reject.reason': rejection?.reason,
    'error.type': error === undefined ? undefined : errorType(error),
  });
}

/** The name of an operation, or `_OTHER`: peers cannot make up more names. */
export function operationName({ operation }: OperationTrace): string {
  return /^[CN]-[A-Z-]+$/.test(operation) ? operation : '_OTHER';
}

/** The attributes of an operation that has ended. */
export function operationAttributes(work: OperationTrace): Attributes {
  const { messageId, status, requestLength, responseLength } = work;
  return defined({
    'dicom.message.id': messageId,
    'dicom.response.status': status === undefined ? undefined : statusText(status),
    'dicom.request.size': requestLength,
    'dicom.response.size': responseLength,
    'error.type': operationErrorType(work),
  });
}

/** The type of the error with which an operation ended: the status of a failure, or the code of an error. */
export function operationErrorType({ error, status }: OperationTrace): string | undefined {
  if (error !== undefined) return errorType(error);
  return status !== undefined && category(status) === 'failure' ? statusText(status) : undefined;
}

/** The code of the error that caused the others, such as `TIMEOUT_RESPONSE` or `ECONNREFUSED`; without one, the name of the error. */
function errorType(error: unknown): string {
  if (error instanceof DimseError) return statusText(error.status);
  let type = error instanceof Error ? error.name : '_OTHER';
  let cause = error;
  for (let depth = 0; depth < DEEPEST_CAUSE && cause instanceof Error; depth++) {
    const { code } = cause as { readonly code?: unknown };
    if (typeof code === 'string') type = code;
    cause = cause.cause;
  }
  return type;
}

const DEEPEST_CAUSE = 10;

/** Four hexadecimal digits, as PS3.7 prints statuses. */
function statusText(status: number): string {
  return status.toString(16).toUpperCase().padStart(4, '0');
}

function defined(attributes: Readonly<Record<string, string | number | undefined>>): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
