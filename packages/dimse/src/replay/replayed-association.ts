// An association like one that was recorded, on which its requests are sent again one at a time (PS3.7 §6.3).

import { PassThrough } from 'node:stream';
import {
  type Address,
  type AssociateAccept,
  type AssociateRequest,
  type Association,
  type LocalOptions,
  type ProposedContext,
  type RequestOptions,
  requestAssociation,
  TimeoutError,
} from '@x/net';
import type { CommandSet } from '../message/command-set.ts';
import { NoContextError } from '../message/errors.ts';
import { MessageExchange } from '../message/message.ts';
import { RESPONSE } from '../message/operations.ts';
import { category, Status } from '../message/status.ts';
import { CallTimer } from '../session/call-timer.ts';
import { DEFAULT_SESSION_TIMEOUTS } from '../session/session-options.ts';

/** Who is asked, and by whom. */
export type ReplayOptions = Address &
  LocalOptions &
  Pick<RequestOptions, 'userIdentity'> & {
    /** Default: as it was recorded. */
    readonly callingAeTitle?: string;
    /** Default: as it was recorded. */
    readonly calledAeTitle?: string;
    /** Milliseconds without any response before the association is aborted. Default 60 s. */
    readonly responseTimeout?: number;
    readonly signal?: AbortSignal;
  };

/** What became of a request. */
export interface Outcome {
  readonly status?: number;
  readonly error?: Error;
}

/** A request that is being sent. */
export interface SentRequest {
  readonly command: CommandSet;
  /** Takes some of its data, and settles when there is room for more; what cannot be sent is dropped. */
  write(data: Uint8Array): Promise<void>;
  /** Ends its data, and settles with its answer. Never rejects. */
  answered(): Promise<Outcome>;
}

export class ReplayedAssociation {
  readonly #options: ReplayOptions;
  /** As recorded; set before anything is said. */
  request: AssociateRequest | undefined;
  accept: AssociateAccept | undefined;
  #opening: Promise<MessageExchange> | undefined;
  #awaited: AwaitedAnswer | undefined;

  constructor(options: ReplayOptions) {
    this.#options = options;
  }

  /** Begins to send a request. Never rejects: what keeps it from being sent is its answer. */
  async say(contextId: number, command: CommandSet): Promise<SentRequest> {
    try {
      this.#opening ??= this.#open();
      const exchange = await this.#opening;
      return this.#send(exchange, this.#contextOf(exchange.association, contextId), command);
    } catch (error) {
      return { command, write: async () => {}, answered: async () => ({ error: asError(error) }) };
    }
  }

  /** Never rejects. */
  async release(): Promise<void> {
    const exchange = await this.#opening?.catch(() => undefined);
    await exchange?.association.release().catch(() => exchange.association.abort());
  }

  abort(): void {
    void this.#opening?.then(
      ({ association }) => association.abort(),
      () => {},
    );
  }

  async #open(): Promise<MessageExchange> {
    const { request } = this;
    if (!request) throw new Error('the record has no A-ASSOCIATE-RQ for it');
    const { extendedNegotiations, commonExtendedNegotiations } = request.userInformation;
    const association = await requestAssociation({
      callingAeTitle: request.callingAeTitle,
      calledAeTitle: request.calledAeTitle,
      contexts: this.#contexts(request),
      ...(extendedNegotiations && { extendedNegotiations }),
      ...(commonExtendedNegotiations && { commonExtendedNegotiations }),
      ...this.#options,
    });
    const exchange = new MessageExchange(association);
    void this.#listen(exchange);
    return exchange;
  }

  /** As they were proposed, each in the one transfer syntax it was accepted in: the data are encoded so. */
  #contexts({ presentationContexts, userInformation }: AssociateRequest): ProposedContext[] {
    const answers = new Map(this.accept?.presentationContexts.map((each) => [each.id, each]));
    const roles = new Map(userInformation.roleSelections?.map((each) => [each.sopClassUid, each]));
    return presentationContexts.map(({ id, abstractSyntax, transferSyntaxes }) => {
      const answer = answers.get(id);
      const accepted = answer?.result === 0 ? answer.transferSyntax : undefined;
      const role = roles.get(abstractSyntax);
      return {
        abstractSyntax,
        transferSyntaxes: accepted === undefined ? transferSyntaxes : [accepted],
        ...(role && { roles: { scu: role.scuRole, scp: role.scpRole } }),
      };
    });
  }

  /** The context of ours that stands where the recorded one stood. @throws NoContextError. */
  #contextOf(association: Association, contextId: number): number {
    const recorded = this.request?.presentationContexts ?? [];
    const index = recorded.findIndex(({ id }) => id === contextId);
    const ours = association.request.presentationContexts[index];
    const sopClass = recorded[index]?.abstractSyntax ?? '';
    if (!ours || !association.contexts.has(ours.id))
      throw new NoContextError(`the presentation context ${contextId} of the record was not accepted`, sopClass);
    // The peer chose one of them, which need not be that of the data.
    if (ours.transferSyntaxes.length > 1)
      throw new NoContextError(`the record does not tell the transfer syntax of context ${contextId}`, sopClass);
    return ours.id;
  }

  #send(exchange: MessageExchange, contextId: number, command: CommandSet): SentRequest {
    const data = command.hasDataSet ? new PassThrough() : undefined;
    const awaited = new AwaitedAnswer(command.messageId);
    this.#awaited = awaited;
    const { hasDataSet: _, ...elements } = command;
    const sending = exchange.send(contextId, elements, data).catch((error: unknown) => {
      awaited.settle({ error: asError(error) });
      // Whoever waits for room need not: nobody reads on.
      data?.destroy();
    });
    return {
      command,
      async write(chunk) {
        if (!data || data.destroyed || data.write(chunk)) return;
        await Promise.race([new Promise((resolve) => data.once('drain', resolve)), sending]);
      },
      answered: async () => {
        data?.end();
        await sending;
        awaited.wait(exchange, this.#options.responseTimeout ?? DEFAULT_SESSION_TIMEOUTS.response);
        return awaited.outcome;
      },
    };
  }

  async #listen(exchange: MessageExchange): Promise<void> {
    let error = new Error('the association was released');
    try {
      for await (const message of exchange.messages()) {
        const { command, data } = message;
        await data?.discard();
        if ((command.commandField & RESPONSE) === 0) await exchange.respond(message, { status: Status.Success });
        else this.#awaited?.take(command);
      }
    } catch (caught) {
      error = asError(caught);
    }
    this.#awaited?.settle({ error });
  }
}

/** The final response to a request. */
class AwaitedAnswer {
  readonly outcome: Promise<Outcome>;
  readonly #messageId: number | undefined;
  #resolve!: (outcome: Outcome) => void;
  #timer: CallTimer | undefined;
  #isSettled = false;

  constructor(messageId: number | undefined) {
    this.#messageId = messageId;
    this.outcome = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  take({ messageIdBeingRespondedTo, status = Status.ProcessingFailure }: CommandSet): void {
    if (messageIdBeingRespondedTo !== this.#messageId) return;
    if (category(status) === 'pending') this.#timer?.restart();
    else this.settle({ status });
  }

  /** Waits so many milliseconds for each sign of it from now on, unless it is there; else aborts. */
  wait(exchange: MessageExchange, milliseconds: number): void {
    if (this.#isSettled) return;
    const { association } = exchange;
    this.#timer = new CallTimer(milliseconds, {
      clock: () => exchange.waited,
      heard: () => exchange.lastRequestHeard,
      expired: () =>
        association.abort(new TimeoutError('response', milliseconds, `${association.peerName} did not answer`)),
    });
  }

  settle(outcome: Outcome): void {
    this.#isSettled = true;
    this.#timer?.stop();
    this.#resolve(outcome);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
