// The response to a request: made of what its handler answers, and sent (PS3.7 §9.3, §10.3).

import type { DataSetCodec } from '../data-set/dataset.ts';
import { DimseError } from '../message/errors.ts';
import type { MessageExchange, MessageHead } from '../message/message.ts';
import { type Fields, fieldValues } from '../message/operation.ts';
import { categoryIn, Status } from '../message/status.ts';
import type { ChosenHandler } from './choose-handler.ts';

/** The properties of a response, its status among them. */
export type AnswerValues = Readonly<Record<string, unknown>> & { readonly status: number };

/** What is answered. */
type Answered = Pick<ChosenHandler, 'operation' | 'statuses'>;

/** Told of what could not be answered. */
export type Failed = (error: unknown, request: MessageHead) => void;

export class Responder {
  readonly #exchange: MessageExchange;
  readonly #codec: DataSetCodec;
  readonly #failed: Failed;

  constructor(exchange: MessageExchange, codec: DataSetCodec, failed: Failed) {
    this.#exchange = exchange;
    this.#codec = codec;
    this.#failed = failed;
  }

  /** A response of an operation. @throws DimseError to be answered instead, where it cannot be encoded. */
  async respond(request: MessageHead, { operation, statuses }: Answered, values: AnswerValues): Promise<void> {
    let sending: Promise<void>;
    try {
      const kind = categoryIn(statuses, values.status);
      const fields = kind === 'failure' || kind === 'cancel' ? given(operation.response, values) : operation.response;
      sending = this.#send(request, fields, values, `${operation.name}-RSP`);
    } catch (cause) {
      this.#failed(cause, request);
      throw new DimseError(Status.ProcessingFailure, { errorComment: 'the answer cannot be encoded', cause });
    }
    await this.#sent(request, sending);
  }

  /** The final response of an operation; where it cannot be encoded, one that says so. Never rejects. */
  async finish(request: MessageHead, answered: Answered, values: AnswerValues): Promise<void> {
    try {
      await this.respond(request, answered, values);
    } catch (error) {
      const { status, errorComment } = error as DimseError;
      await this.refuse(request, status, errorComment);
    }
  }

  /** A response of a status alone. Never rejects. */
  async refuse(request: MessageHead, status: number, errorComment?: string): Promise<void> {
    await this.#sent(request, this.#send(request, {}, { status, errorComment }, 'a response'));
  }

  /** @throws what is wrong with the values, before anything is sent. */
  #send(request: MessageHead, fields: Fields, values: AnswerValues, message: string): Promise<void> {
    const { command: elements, data } = fieldValues(fields, values, message);
    const { status, errorComment, offendingElements, errorId } = values as AnswerDetails;
    const { eventTypeId, actionTypeId } = request.command;
    const response = {
      // Conditional on a reply (PS3.7 §10.1.1.1.8, §10.1.4.1.10): then the same as in the request.
      ...(data && eventTypeId !== undefined && { eventTypeId }),
      ...(data && actionTypeId !== undefined && { actionTypeId }),
      ...elements,
      status,
      ...(errorComment !== undefined && { errorComment }),
      ...(offendingElements !== undefined && { offendingElements }),
      ...(errorId !== undefined && { errorId }),
    };
    const source =
      data?.carriedBy === 'data set' ? this.#codec.encode(data.value, request.context.transferSyntax) : data?.value;
    return this.#exchange.respond(request, response, source);
  }

  /** The association may be gone; where the answer could not be written, the peer must not wait for it in vain. */
  async #sent(request: MessageHead, sending: Promise<void>): Promise<void> {
    try {
      await sending;
    } catch (error) {
      const { association } = this.#exchange;
      if (association.state !== 'Sta6' && association.state !== 'Sta8') return;
      this.#failed(error, request);
      association.abort(error instanceof Error ? error : undefined);
    }
  }
}

interface AnswerDetails {
  readonly status: number;
  readonly errorComment?: string;
  readonly offendingElements?: readonly number[];
  readonly errorId?: number;
}

/** A failure says what it can: those of the fields that have a value. */
function given(fields: Fields, values: AnswerValues): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([property]) => values[property] !== undefined));
}
