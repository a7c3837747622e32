// The second argument of handlers.

import { ownGetter } from '@x/pdu/internal';
import type { HandlerContext, ServiceSession } from './service-class.ts';

interface StoppableOperation {
  readonly messageId: number;
  readonly signal: AbortSignal;
}

export class GivenContext implements HandlerContext {
  /** An AbortSignal is costly to make, and most handlers of short operations do not use it. */
  static readonly #SIGNAL = ownGetter<GivenContext>(function () {
    return this.#performance.signal;
  });
  declare readonly signal: AbortSignal;
  readonly session: ServiceSession;
  readonly callingAeTitle: string;
  readonly calledAeTitle: string;
  readonly messageId: number;
  readonly abstractSyntax: string;
  readonly #performance: StoppableOperation;

  constructor(session: ServiceSession, performance: StoppableOperation, abstractSyntax: string) {
    const { callingAeTitle, calledAeTitle } = session.association;
    this.session = session;
    this.callingAeTitle = callingAeTitle;
    this.calledAeTitle = calledAeTitle;
    this.messageId = performance.messageId;
    this.abstractSyntax = abstractSyntax;
    this.#performance = performance;
    Object.defineProperty(this, 'signal', GivenContext.#SIGNAL);
  }
}
