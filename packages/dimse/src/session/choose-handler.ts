// Chooses the handler that performs a request, or the status that refuses it (PS3.7 §9.1, §10.1, Annex C).

import type { DataSetLimits } from '../data-set/data-set-limits.ts';
import type { MessageHead } from '../message/message.ts';
import type { Operation } from '../message/operation.ts';
import { Status, type StatusTable } from '../message/status.ts';
import type { AnyHandler, Service } from './service-class.ts';
import { serviceOf, sopClassOf } from './service-lookup.ts';

/** The handler of a request, with its operation. */
export interface ChosenHandler {
  readonly operation: Operation;
  /** The statuses of its service class. */
  readonly statuses: StatusTable;
  readonly handler: AnyHandler;
  /** The limits on data sets that the service has of its own. */
  readonly dataSetLimits: Partial<DataSetLimits>;
}

/** @param isRequestor Whether this side requested the association. */
export function chooseHandler(
  services: readonly Service[],
  { context, command }: MessageHead,
  isRequestor: boolean,
): ChosenHandler | number {
  const service = serviceOf(services, context.abstractSyntax);
  const carrier = service && sopClassOf(service, context.abstractSyntax);
  if (!service || !carrier)
    return isKnown(services, command.commandField) ? Status.SopClassNotSupported : Status.UnrecognizedOperation;
  const { operations, statuses } = service.serviceClass;
  const name = Object.keys(operations).find((key) => operations[key]?.commandField === command.commandField);
  const operation = name === undefined ? undefined : operations[name];
  if (name === undefined || !operation) return Status.UnrecognizedOperation;
  const uid = command[operation.sopClassElement] ?? command.affectedSopClassUid ?? context.abstractSyntax;
  if (uid !== context.abstractSyntax && !carrier.includes?.includes(uid)) return Status.SopClassNotSupported;
  // A meta SOP class has no operations: those of the included SOP class apply.
  const isMeta = uid !== context.abstractSyntax && carrier.operations.length === 0;
  const sopClass = isMeta ? sopClassOf(service, uid) : carrier;
  if (!sopClass?.operations.includes(name)) return Status.UnrecognizedOperation;
  const needsScu = (operation.invokedBy === 'scu') !== isRequestor;
  if (!(needsScu ? context.roles.scu : context.roles.scp)) return Status.SopClassNotSupported;
  const handler = service.handlers[name];
  return handler ? { operation, statuses, handler, dataSetLimits: service } : Status.UnrecognizedOperation;
}

/** Whether one of the services has an operation with this Command Field. */
export function isKnown(services: readonly Service[], commandField: number): boolean {
  return services.some(({ serviceClass }) =>
    Object.values(serviceClass.operations).some((operation) => operation.commandField === commandField),
  );
}
