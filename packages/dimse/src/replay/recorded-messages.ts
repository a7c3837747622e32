// Assembles the messages of one direction of a recorded conversation from fragments (PS3.7 §6.3, PS3.8 Annex E).

import type { PresentationDataValue } from '@x/net';
import { type CommandSet, decodeCommandSet } from '../message/command-set.ts';

/** A part of a message: a complete command, or some of its data. */
export interface RecordedPart {
  readonly contextId: number;
  readonly command?: CommandSet;
  readonly data?: readonly Uint8Array[];
  /** Whether the message ends with this part. */
  readonly last: boolean;
}

export class RecordedMessages {
  #command: Uint8Array[] = [];

  /** @throws CommandSetError for a command that cannot be read. */
  *take(values: readonly PresentationDataValue[]): Generator<RecordedPart> {
    for (const { contextId, kind, last, fragments } of values) {
      if (kind === 'data') yield { contextId, data: fragments, last };
      else {
        this.#command.push(...fragments);
        if (!last) continue;
        const bytes = Buffer.concat(this.#command);
        this.#command = [];
        const command = decodeCommandSet(bytes);
        yield { contextId, command, last: !command.hasDataSet };
      }
    }
  }
}
