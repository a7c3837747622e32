// Replays recorded conversations to another peer: sends the requests of each requestor one at a time and compares the
// responses (PS3.7 §6.3).

import type { CapturedFault, CapturedPdu } from '@x/net/capture';
import { REQUEST_RULES, TIMEOUT_RULES } from '@x/net/internal';
import { aNumber, anObjectOf, checkOptions, rulesWithout } from '@x/pdu/internal';
import type { CommandSet } from '../message/command-set.ts';
import { C_CANCEL_RQ, RESPONSE } from '../message/operations.ts';
import { category } from '../message/status.ts';
import { RecordedMessages, type RecordedPart } from './recorded-messages.ts';
import { ReplayedAssociation, type ReplayOptions, type SentRequest } from './replayed-association.ts';

/** The result of a request of a recorded conversation that was sent again. */
export interface ReplayedRequest {
  /** The number of the connection in the record, from 1. */
  readonly conversation: number;
  /** The recorded command. */
  readonly command: CommandSet;
  /** The recorded final status; undefined if the record has none. */
  readonly recordedStatus?: number;
  /** The final status of the peer; undefined if there was none: `error` tells why. */
  readonly status?: number;
  /** Why the request has no final status. */
  readonly error?: Error;
}

/**
 * Sends the requests of recorded conversations to a peer: each conversation on a separate association with the same
 * presentation contexts, and each request after the response to the previous one. Data sets are streamed. Requests of the
 * peer, such as the sub-operations of a C-GET, are answered with Success and dropped. C-CANCEL is not sent, because each
 * operation has ended before the next request. The recorded user identity is not sent.
 * @param recorded The result of `readConversations`.
 * @throws if the record cannot be read; the reason of the signal. The failure of a request is part of its result.
 */
export async function* replayConversations(
  recorded: AsyncIterable<CapturedPdu | CapturedFault>,
  options: ReplayOptions,
): AsyncGenerator<ReplayedRequest, void, undefined> {
  checkOptions<ReplayOptions>(REPLAY_OPTIONS, options);
  const conversations = new Map<number, Conversation>();
  try {
    for await (const said of recorded) {
      options.signal?.throwIfAborted();
      let conversation = conversations.get(said.conversation);
      if (!conversation) {
        conversation = new Conversation(said.conversation, options);
        conversations.set(said.conversation, conversation);
      }
      yield* conversation.take(said);
    }
    for (const conversation of conversations.values()) yield* conversation.end();
  } finally {
    for (const conversation of conversations.values()) conversation.abandon();
  }
}

class Conversation {
  readonly #number: number;
  readonly #association: ReplayedAssociation;
  readonly #requests = new RecordedMessages();
  readonly #answers = new RecordedMessages();
  /** Requests that were sent again and whose recorded response has not been read yet. */
  readonly #said = new Map<number, Omit<ReplayedRequest, 'recordedStatus'>>();
  #request: SentRequest | undefined;
  #isOver = false;

  constructor(number: number, options: ReplayOptions) {
    this.#number = number;
    this.#association = new ReplayedAssociation(options);
  }

  async *take(said: CapturedPdu | CapturedFault): AsyncGenerator<ReplayedRequest> {
    if (this.#isOver) return;
    if ('fault' in said) yield* this.end();
    else if (said.pdu.type === 'A-ASSOCIATE-RQ') this.#association.request = said.pdu;
    else if (said.pdu.type === 'A-ASSOCIATE-AC') this.#association.accept = said.pdu;
    else if (said.pdu.type !== 'P-DATA-TF') yield* this.end();
    else if (said.byRequestor) for (const part of this.#requests.take(said.pdu.values)) await this.#say(part);
    else for (const part of this.#answers.take(said.pdu.values)) yield* this.#compare(part);
  }

  /** Releases the association and yields the requests without a recorded response. */
  async *end(): AsyncGenerator<ReplayedRequest> {
    if (this.#isOver) return;
    this.#isOver = true;
    // A request whose recorded data are incomplete cannot be completed.
    if (this.#request) this.#association.abort();
    else await this.#association.release();
    yield* this.#said.values();
  }

  abandon(): void {
    this.#association.abort();
  }

  async #say({ contextId, command, data, last }: RecordedPart): Promise<void> {
    if (command) {
      const isRequest = (command.commandField & RESPONSE) === 0 && command.commandField !== C_CANCEL_RQ;
      this.#request = isRequest ? await this.#association.say(contextId, command) : undefined;
    }
    if (data) for (const fragment of data) await this.#request?.write(fragment);
    if (!last || !this.#request) return;
    const request = this.#request;
    this.#request = undefined;
    const outcome = await request.answered();
    this.#said.set(request.command.messageId ?? -1, {
      conversation: this.#number,
      command: request.command,
      ...outcome,
    });
  }

  *#compare({ command }: RecordedPart): Generator<ReplayedRequest> {
    if (command?.status === undefined || category(command.status) === 'pending') return;
    const id = command.messageIdBeingRespondedTo ?? -1;
    const said = this.#said.get(id);
    if (!said) return;
    this.#said.delete(id);
    yield { ...said, recordedStatus: command.status };
  }
}

const REPLAY_OPTIONS = {
  of: 'replayConversations',
  rules: {
    ...rulesWithout(REQUEST_RULES, [
      'socket',
      'asynchronousOperations',
      'extendedNegotiations',
      'commonExtendedNegotiations',
    ]),
    timeouts: anObjectOf(TIMEOUT_RULES),
    responseTimeout: aNumber,
  },
  required: ['host', 'port'],
};
