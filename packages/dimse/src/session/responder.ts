// Encodes and sends the responses to a request (PS3.7 §9.3, §10.3).

import type { DataSource } from '@x/net';
import { isPlainObject, ReturnValueError, shown } from '@x/pdu/internal';
import { type DataSet, type DataSetCodec, encodeWith } from '../data-set/dataset.ts';
import { measured, type OperationCourse } from '../message/diagnostics.ts';
import { DimseError } from '../message/errors.ts';
import type { Fields } from '../message/field.ts';
import type { MessageExchange, MessageHead } from '../message/message.ts';
import { fieldValues } from '../message/operation.ts';
import type { ResponseElements } from '../message/response-commands.ts';
import { categoryIn, Status } from '../message/status.ts';
import type { ChosenHandler } from './choose-handler.ts';
import { concludeRequest } from './request-trace.ts';

/** The properties of a response, including its status. */
export type AnswerValues = Readonly<Record<string, unknown>> & { readonly status: number };

/** The operation that a response belongs to. */
type Answered = Pick<ChosenHandler, 'operation' | 'statuses'>;

/** Called with errors that the response to the peer does not describe. */
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

  /**
   * Sends a response, whose trace ends with it if it is final. Returns undefined if the transport takes it at once. Pending
   * responses that are sent in one turn leave together. @throws DimseError if it cannot be encoded, or rejects with it: the
   * caller answers with that.
   */
  respond(
    request: MessageHead,
    { operation, statuses }: Answered,
    values: AnswerValues,
    trace: OperationCourse | undefined,
  ): Promise<void> | undefined {
    const kind = categoryIn(statuses, values.status);
    if (kind === 'pending') this.#exchange.association.connection.output.gatherTurn();
    const finalStatus = kind === 'pending' ? undefined : values.status;
    try {
      const fields = kind === 'failure' || kind === 'cancel' ? given(operation.response, values) : operation.response;
      const { response, source } = this.#response(request, fields, values, `${operation.name}-RSP`);
      const send = (data: DataSource | undefined) => this.#send(request, response, data, trace, finalStatus);
      if (!(source instanceof Promise)) return send(source);
      return source.then(send).catch((cause) => {
        throw this.#unencodable(request, cause);
      });
    } catch (cause) {
      throw this.#unencodable(request, cause);
    }
  }

  #send(
    request: MessageHead,
    response: ResponseElements,
    data: DataSource | undefined,
    trace: OperationCourse | undefined,
    finalStatus: number | undefined,
  ): Promise<void> | undefined {
    const sending = this.#exchange.respondAtOnce(
      request,
      response,
      trace ? measured(data, trace, 'responseLength') : data,
    );
    if (trace && finalStatus !== undefined) concludeRequest(trace, finalStatus);
    return sending && this.#sent(request, sending);
  }

  #unencodable(request: MessageHead, cause: unknown): DimseError {
    this.#failed(cause, request);
    return new DimseError(Status.ProcessingFailure, { errorComment: 'the answer cannot be encoded', cause });
  }

  /** Sends the final response, or Processing Failure if it cannot be encoded. Never rejects. */
  async finish(
    request: MessageHead,
    answered: Answered,
    values: AnswerValues,
    trace: OperationCourse | undefined,
  ): Promise<void> {
    try {
      await this.respond(request, answered, values, trace);
    } catch (error) {
      await this.refuse(request, error as DimseError, trace);
    }
  }

  /**
   * The same as `finish` for an operation whose responses carry no data, but without a promise if the transport takes the
   * response at once. Never throws.
   */
  finishAtOnce(request: MessageHead, answered: Answered, values: AnswerValues): Promise<void> | undefined {
    const { operation, statuses } = answered;
    let sending: Promise<void> | undefined;
    try {
      // Failures have other fields.
      if (categoryIn(statuses, values.status) !== 'success') return this.finish(request, answered, values, undefined);
      const { response } = this.#response(request, operation.response, values, `${operation.name}-RSP`);
      sending = this.#exchange.respondAtOnce(request, response);
    } catch {
      // It reports the error.
      return this.finish(request, answered, values, undefined);
    }
    return sending && this.#sent(request, sending);
  }

  /** Sends a response with a status and no other properties. Never rejects. */
  async refuse(request: MessageHead, refusal: Refusal, trace: OperationCourse | undefined): Promise<void> {
    const { status, errorComment } = refusal;
    const { response } = this.#response(request, {}, { status, errorComment }, 'a response');
    const sending = this.#exchange.respond(request, response);
    if (trace) concludeRequest(trace, status);
    await this.#sent(request, sending);
  }

  /** The command and the data of a response; the data are a promise if they are large. @throws if the values are not valid. */
  #response(request: MessageHead, fields: Fields, values: AnswerValues, message: string) {
    const { command: elements, data } = fieldValues(fields, values, message);
    const { status, errorComment, offendingElements, errorId } = values as AnswerDetails;
    const { eventTypeId, actionTypeId } = request.command;
    const response = {
      // Required if there is a reply, with the value of the request (PS3.7 §10.1.1.1.8, §10.1.4.1.10).
      ...(data && eventTypeId !== undefined && { eventTypeId }),
      ...(data && actionTypeId !== undefined && { actionTypeId }),
      ...elements,
      status,
      ...(errorComment !== undefined && { errorComment }),
      ...(offendingElements !== undefined && { offendingElements }),
      ...(errorId !== undefined && { errorId }),
    };
    const source =
      data?.carriedBy === 'data set'
        ? encodeWith(this.#codec, dataSetIn(message, data.value), request.context.transferSyntax)
        : data?.value;
    return { response, source };
  }

  /** Aborts an association on which the response could not be written, because the peer would wait for it. */
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

/** @throws ReturnValueError. */
function dataSetIn(message: string, value: unknown): DataSet {
  if (isPlainObject(value)) return value;
  throw new ReturnValueError(
    `${message.replace(/-RSP$/, '')} handler`,
    `gave ${shown(value)} as the data set of an answer`,
  );
}

/** A status, and the Error Comment for it. */
export interface Refusal {
  readonly status: number;
  readonly errorComment?: string | undefined;
}

interface AnswerDetails {
  readonly status: number;
  readonly errorComment?: string;
  readonly offendingElements?: readonly number[];
  readonly errorId?: number;
}

/** The fields that have a value: a failure need not have all of them. */
function given(fields: Fields, values: AnswerValues): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([property]) => values[property] !== undefined));
}
