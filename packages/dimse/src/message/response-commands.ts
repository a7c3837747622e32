// The commands of responses (PS3.7 §9.3, §10.3), most of which are the same as the one before.

import { type CommandSet, decodeCommandSet, encodeCommandSet } from './command-set.ts';
import { RESPONSE } from './operations.ts';

/** The elements of a response that are not copied from its request. */
export type ResponseElements = Partial<CommandSet> & { readonly status: number };

/** A command set with its bytes. Neither is changed any more. */
export interface EncodedCommand {
  readonly command: CommandSet;
  readonly bytes: Uint8Array;
}

/** Encodes the commands of responses. The pending responses to a query have the same command, which is encoded once. */
export class ResponseCommands {
  /** The last command that has a status alone beside the elements of its request. */
  #last: (EncodedCommand & { readonly request: CommandSet }) | undefined;

  /** @throws RangeError if a value does not fit its element. */
  encode(request: CommandSet, response: ResponseElements, hasDataSet: boolean): EncodedCommand {
    const isPlain = hasStatusAlone(response);
    const last = this.#last;
    if (isPlain && last?.request === request) {
      const { command } = last;
      if (command.status === response.status && command.hasDataSet === hasDataSet) return last;
    }
    const command = Object.assign(responseTo(request, response), { hasDataSet });
    const encoded = { command, bytes: encodeCommandSet(command), request };
    if (isPlain) this.#last = encoded;
    return encoded;
  }
}

/** Decodes the commands of received messages. The pending responses to a query have the same command, which is decoded once. */
export class ReceivedCommands {
  #last: EncodedCommand | undefined;

  /** @throws CommandSetError if the command set cannot be read. */
  decode(bytes: Uint8Array): CommandSet {
    const last = this.#last;
    if (last && last.bytes.length === bytes.length && Buffer.compare(last.bytes, bytes) === 0) return last.command;
    const command = decodeCommandSet(bytes);
    const isRepeated = (command.commandField & RESPONSE) !== 0 && command.hasDataSet;
    // Elements that are not in the table are views of the bytes. A copy, because the bytes are a view of many more.
    if (isRepeated && !command.unknownElements) this.#last = { command, bytes: Buffer.from(bytes) };
    return command;
  }
}

/** The elements of a response, with those that tie it to its request. */
export function responseTo(request: CommandSet, response: ResponseElements): Omit<CommandSet, 'hasDataSet'> {
  const sopClass = request.affectedSopClassUid ?? request.requestedSopClassUid;
  const sopInstance = request.affectedSopInstanceUid ?? request.requestedSopInstanceUid;
  // To spread objects of several shapes takes longer than to encode the result.
  const command: Writable<Partial<CommandSet>> = {};
  if (sopClass !== undefined) command.affectedSopClassUid = sopClass;
  if (sopInstance !== undefined) command.affectedSopInstanceUid = sopInstance;
  if (request.messageId !== undefined) command.messageIdBeingRespondedTo = request.messageId;
  const commandField = request.commandField | RESPONSE;
  return Object.assign(command, { commandField }, response);
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

function hasStatusAlone(response: ResponseElements): boolean {
  for (const name in response) if (name !== 'status') return false;
  return true;
}
