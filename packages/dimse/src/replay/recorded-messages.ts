// One direction of a recorded conversation: fragments to messages, as they are read (PS3.7 §6.3, PS3.8 Annex E).

import type { PresentationDataValue } from '@x/net';
import { type CommandSet, decodeCommandSet } from '../message/command-set.ts';

/** What fragments come to: a command that is complete, some data, or the last of the data. */
export interface RecordedPart {
  readonly contextId: number;
  readonly command?: CommandSet;
  readonly data?: readonly Uint8Array[];
  /** Whether the message ends here. */
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
