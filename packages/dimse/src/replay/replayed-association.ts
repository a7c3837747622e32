// An association with the properties of a recorded one, on which its requests are sent one at a time (PS3.7 §6.3).

import { PassThrough } from 'node:stream';
import {
  type Address,
  type AssociateAccept,
  type AssociateRequest,
  type Association,
  type LocalOptions,
  type ProposedContext,
  type RequestOptions,
  TimeoutError,
} from '@x/net';
import { openAssociation } from '@x/net/internal';
import type { CommandSet } from '../message/command-set.ts';
import { NoContextError } from '../message/errors.ts';
import { MessageExchange } from '../message/message.ts';
import { RESPONSE } from '../message/operations.ts';
import { category, Status } from '../message/status.ts';
import { CallTimer } from '../session/call-timer.ts';
import { DEFAULT_SESSION_TIMEOUTS } from '../session/session-options.ts';

/** Options of `replayConversations`: the peer and the AE titles. */
export type ReplayOptions = Address &
  LocalOptions &
  Pick<RequestOptions, 'userIdentity'> & {
    /** Default: the recorded calling AE title. */
    readonly callingAeTitle?: string;
    /** Default: the recorded called AE title. */
    readonly calledAeTitle?: string;
    /** Milliseconds without a response after which the association is aborted. Default: 60 s. */
    readonly responseTimeout?: number;
    /** Aborts the associations. */
    readonly signal?: AbortSignal;
  };

/** The result of a request. */
export interface Outcome {
  readonly status?: number;
  readonly error?: Error;
}

/** A request that is being sent. */
export interface SentRequest {
  readonly command: CommandSet;
  /** Sends some of its data. Settles when more can be written. Data that cannot be sent are dropped. */
  write(data: Uint8Array): Promise<void>;
  /** Ends its data and settles with its result. Never rejects. */
  answered(): Promise<Outcome>;
}

export class ReplayedAssociation {
  readonly #options: ReplayOptions;
  /** The recorded PDUs. They are set before the first request. */
  request: AssociateRequest | undefined;
  accept: AssociateAccept | undefined;
  #opening: Promise<MessageExchange> | undefined;
  #awaited: AwaitedAnswer | undefined;

  constructor(options: ReplayOptions) {
    this.#options = options;
  }

  /** Begins to send a request. Never rejects: an error is the result of the request. */
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
    const association = await openAssociation({
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

  /** The recorded contexts, each with the transfer syntax that was accepted, because the data are encoded in it. */
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

  /** The context on this association that corresponds to the recorded one. @throws NoContextError. */
  #contextOf(association: Association, contextId: number): number {
    const recorded = this.request?.presentationContexts ?? [];
    const index = recorded.findIndex(({ id }) => id === contextId);
    const ours = association.request.presentationContexts[index];
    const sopClass = recorded[index]?.abstractSyntax ?? '';
    if (!ours || !association.contexts.has(ours.id))
      throw new NoContextError(`the presentation context ${contextId} of the record was not accepted`, sopClass);
    // The peer may have chosen another transfer syntax than that of the data.
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
      // Nothing reads these data any more, so a pending `write` must not wait.
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

  /** Starts the response timeout, unless the response has arrived. Aborts the association when the time is up. */
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
