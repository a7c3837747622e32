// The part of performing that is the same for all requests of one kind on one presentation context: prepared once.

import type { MessageHead } from '../message/message.ts';
import { dataCarrier } from '../message/operation.ts';
import { type ChosenHandler, chooseHandler } from './choose-handler.ts';
import type { Service } from './service-class.ts';

/** Remembers the handler of the last kind of request on each presentation context: most contexts carry one kind only. */
export class PreparedRequests {
  readonly #services: readonly Service[];
  readonly #isRequestor: boolean;
  readonly #prepared = new Map<object, Prepared>();

  constructor(services: readonly Service[], isRequestor: boolean) {
    this.#services = services;
    this.#isRequestor = isRequestor;
  }

  /** See `chooseHandler`. */
  handlerOf(message: MessageHead): ChosenHandler | number {
    const { context, command } = message;
    const { commandField, affectedSopClassUid, requestedSopClassUid } = command;
    const known = this.#prepared.get(context);
    if (
      known?.commandField === commandField &&
      known.affectedSopClassUid === affectedSopClassUid &&
      known.requestedSopClassUid === requestedSopClassUid
    )
      return known.chosen;
    const chosen = chooseHandler(this.#services, message, this.#isRequestor);
    // A meta SOP class carries several kinds, whose number the peer does not decide: one is remembered.
    if (typeof chosen !== 'number')
      this.#prepared.set(context, { commandField, affectedSopClassUid, requestedSopClassUid, chosen });
    return chosen;
  }
}

/** Whether a request of this operation may be performed without a promise: it has one response and no data set to code. */
export function mayBePerformedAtOnce({ answers, request, response }: ChosenHandler['operation']): boolean {
  return answers === 'one' && dataCarrier(request) !== 'data set' && dataCarrier(response) === undefined;
}

interface Prepared {
  readonly commandField: number;
  readonly affectedSopClassUid: string | undefined;
  readonly requestedSopClassUid: string | undefined;
  readonly chosen: ChosenHandler;
}
