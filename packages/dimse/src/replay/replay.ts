// A recorded conversation said again to another peer: the requests of its requestor, one after the other, and whether they
// are answered as they were (PS3.7 §6.3).

import type { CapturedFault, CapturedPdu } from '@x/net/capture';
import type { CommandSet } from '../message/command-set.ts';
import { C_CANCEL_RQ, RESPONSE } from '../message/operations.ts';
import { category } from '../message/status.ts';
import { RecordedMessages, type RecordedPart } from './recorded-messages.ts';
import { ReplayedAssociation, type ReplayOptions, type SentRequest } from './replayed-association.ts';

/** A request of a recorded conversation that was said again. */
export interface ReplayedRequest {
  /** The number of its connection in the record, from 1. */
  readonly conversation: number;
  /** The command as it was recorded. */
  readonly command: CommandSet;
  /** The final status it was answered with when it was recorded; undefined where the record has none. */
  readonly recordedStatus?: number;
  /** The final status it is answered with now; undefined where there is none, and `error` says why. */
  readonly status?: number;
  readonly error?: Error;
}

/**
 * Says the requests of recorded conversations again to a peer: each conversation on an association of its own with the same
 * presentation contexts, each request once the one before was answered. Data sets go out as they are read, and are not kept.
 * What the peer asks for in turn, the sub-operations of a C-GET for example, is answered Success and dropped. Requests to
 * cancel are not said again: what they were about has been answered by then. Neither is the identity of the recorded user.
 * @param recorded What `readConversations` gives.
 * @throws what the record is unreadable for; the signal's reason. What a request fails for is told with it.
 */
export async function* replayConversations(
  recorded: AsyncIterable<CapturedPdu | CapturedFault>,
  options: ReplayOptions,
): AsyncGenerator<ReplayedRequest, void, undefined> {
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
  /** Said again, and not seen answered in the record yet. */
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

  /** Tells of what the record has no answer to, and releases. */
  async *end(): AsyncGenerator<ReplayedRequest> {
    if (this.#isOver) return;
    this.#isOver = true;
    // A request whose data broke off in the record cannot be said to its end.
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
