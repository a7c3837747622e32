// Chooses the accepted presentation context that carries a request (PS3.7 §7.1.1, Annex D.3.3.4).

import { type AcceptedContext, type Association, explainRefused } from '@x/net';
import type { DataSetCodec } from '../data-set/dataset.ts';
import { reencodingTargets } from '../data-set/reencode.ts';
import { NoContextError } from '../message/errors.ts';
import { dataCarrier, type Operation } from '../message/operation.ts';
import { uidName } from '../registry/uids.ts';
import type { ServiceClass } from './service-class.ts';
import { isStreamed } from './service-lookup.ts';

/** The request that needs a presentation context. */
export interface Carried {
  readonly operation: Operation;
  readonly service: ServiceClass;
  readonly sopClass: string;
  /** The transfer syntax of the data, if they are already encoded. */
  readonly transferSyntax?: string | undefined;
  /** Encodes the data, if they are not. */
  readonly codec: DataSetCodec;
}

/** Chooses the contexts of one association. They do not change, so the choice for the last kind of request is remembered. */
export class ContextChoice {
  readonly #association: Association;
  readonly #codec: DataSetCodec;
  #last: { readonly carried: Omit<Carried, 'codec'>; readonly context: AcceptedContext } | undefined;

  constructor(association: Association, codec: DataSetCodec) {
    this.#association = association;
    this.#codec = codec;
  }

  /** See `chooseContext`. */
  choose(carried: Omit<Carried, 'codec'>): AcceptedContext {
    if (this.#last && isSameKind(this.#last.carried, carried)) return this.#last.context;
    const context = chooseContext(this.#association, { ...carried, codec: this.#codec });
    this.#last = { carried, context };
    return context;
  }
}

function isSameKind(one: Omit<Carried, 'codec'>, other: Omit<Carried, 'codec'>): boolean {
  return (
    one.operation === other.operation &&
    one.service === other.service &&
    one.sopClass === other.sopClass &&
    one.transferSyntax === other.transferSyntax
  );
}

/** @throws NoContextError if no context fits; its message tells what was negotiated for the SOP class. */
export function chooseContext(association: Association, carried: Carried): AcceptedContext {
  const { operation, service, sopClass, transferSyntax, codec } = carried;
  const name = Object.keys(service.operations).find((key) => service.operations[key] === operation) ?? '';
  const carriers = new Set([sopClass]);
  for (const { uid, includes, operations } of Object.values(service.sopClasses)) {
    // A context carries the operations of its own SOP class; that of a meta SOP class, which has none, all operations.
    const isMeta = operations.length === 0 && includes !== undefined;
    const hasIt = isMeta || operations.includes(name);
    if (includes?.includes(sopClass) && hasIt) carriers.add(uid);
    if (uid === sopClass && !hasIt) carriers.delete(uid);
  }
  const needsScu = isInvokedByRequestor(association, operation);
  const hasData = dataCarrier(operation.request) !== undefined;
  const carrying = [...association.contexts.values()].filter(
    (context) => carriers.has(context.abstractSyntax) && (needsScu ? context.roles.scu : context.roles.scp),
  );
  const same = carrying.find((context) => context.transferSyntax === transferSyntax);
  if (same) return same;
  // Data that are encoded already are converted only if their own transfer syntax was not accepted.
  const isConverted = transferSyntax !== undefined && isStreamed(service);
  const ranking = isConverted ? reencodingTargets(transferSyntax) : codec.transferSyntaxes;
  const fits =
    transferSyntax !== undefined && !isConverted
      ? []
      : carrying.filter((context) => (!hasData && !isConverted) || ranking.includes(context.transferSyntax));
  const [best] = fits.sort((one, other) => rank(one, ranking) - rank(other, ranking));
  if (best) return best;
  throw new NoContextError(explain(association, carried), sopClass, transferSyntax);
}

/** If so, the requestor needs the role of SCU in the context, and otherwise that of SCP (PS3.7 §D.3.3.4). */
function isInvokedByRequestor({ role }: Association, { invokedBy }: Operation): boolean {
  return (invokedBy === 'scu') === (role === 'requestor');
}

function rank({ transferSyntax }: AcceptedContext, ranking: readonly string[]): number {
  const index = ranking.indexOf(transferSyntax);
  return index < 0 ? ranking.length : index;
}

function explain(association: Association, { operation, service, sopClass, transferSyntax }: Carried): string {
  const what = `${uidName(sopClass)}${transferSyntax ? ` in ${uidName(transferSyntax)}` : ''}`;
  const isOfClass = ({ abstractSyntax }: { readonly abstractSyntax: string }) => abstractSyntax === sopClass;
  const accepted = [...association.contexts.values()].filter(isOfClass);
  const role = isInvokedByRequestor(association, operation) ? 'scu' : 'scp';
  const without = accepted.find(
    (one) => !one.roles[role] && (transferSyntax ?? one.transferSyntax) === one.transferSyntax,
  );
  // The role comes first, because an Error Comment has the first 64 characters.
  if (without)
    return `the requestor has no role of ${role.toUpperCase()} in context ${without.id}: propose it for ${operation.name} of ${what}`;
  const reasons = [
    ...explainRefused(association.refusedContexts.filter(isOfClass), uidName),
    ...accepted.map(
      ({ id, transferSyntax: uid, roles }) =>
        `context ${id}: accepted in ${uidName(uid)}${roles.scp ? '' : ', without the role of SCP for the requestor'}`,
    ),
  ];
  const why = reasons.length > 0 ? reasons.join('; ') : 'none was proposed';
  // `openSession` cannot propose all SOP classes and transfer syntaxes of storage.
  const isUnplanned =
    association.role === 'requestor' && isStreamed(service) && !isProposed(association, sopClass, transferSyntax);
  const advice = isUnplanned ? '; give openSession the SOP class and the transfer syntax in `sends`' : '';
  return `no presentation context for ${operation.name} of ${what}: ${why}${advice}`;
}

function isProposed({ request }: Association, sopClass: string, transferSyntax: string | undefined): boolean {
  return request.presentationContexts.some(
    ({ abstractSyntax, transferSyntaxes }) =>
      abstractSyntax === sopClass && (transferSyntax === undefined || transferSyntaxes.includes(transferSyntax)),
  );
}
