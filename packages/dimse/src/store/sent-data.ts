// The data of an instance for an association: as they are, or in a transfer syntax that the peer has accepted instead.

import type { Association, DataSource } from '@x/net';
import type { DataSetTranscoder } from '../pixel-data/decompressor.ts';
import type { InstanceKind } from '../services/storage.ts';

export interface SentData {
  readonly data: DataSource;
  readonly transferSyntax: string;
  /** Ends the work on the data, if it has not ended. */
  end(): void;
}

/**
 * The transfer syntax that an instance is sent in: its own one, unless the peer has refused it and accepted one in which the
 * transcoder can give it.
 */
export function sentTransferSyntax(
  association: Pick<Association, 'contexts'>,
  { sopClass, transferSyntax }: InstanceKind,
  transcoder: DataSetTranscoder | undefined,
): string {
  if (!transcoder) return transferSyntax;
  const accepted = new Set<string>();
  for (const context of association.contexts.values())
    if (context.abstractSyntax === sopClass) accepted.add(context.transferSyntax);
  if (accepted.has(transferSyntax)) return transferSyntax;
  return transcoder.alternatives(transferSyntax).find((each) => accepted.has(each)) ?? transferSyntax;
}

/**
 * The data in the transfer syntax that they are sent in.
 * @throws an error of the transcoder that comes before the first bytes: then nothing has been sent.
 */
export async function sentData(
  data: DataSource,
  from: string,
  to: string,
  transcoder: DataSetTranscoder | undefined,
): Promise<SentData> {
  if (from === to || !transcoder) return { data, transferSyntax: from, end() {} };
  const chunks = transcoder.transcode(chunksOf(data), from, to)[Symbol.asyncIterator]();
  const first = await chunks.next();
  async function* all(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let next = first; !next.done; next = await chunks.next()) yield next.value;
  }
  // An iterator that ends with an error has ended already.
  return { data: all(), transferSyntax: to, end: () => void chunks.return?.().catch(() => {}) };
}

async function* chunksOf(data: DataSource): AsyncGenerator<Uint8Array, void, undefined> {
  if (data instanceof Uint8Array) yield data;
  else if (!('readv' in data)) yield* data;
  else {
    for (let at = 0; at < data.length; ) {
      const block = Buffer.allocUnsafe(Math.min(BLOCK_LENGTH, data.length - at));
      const read = await data.readv([block], at);
      if (read === 0) throw new RangeError(`the source ended at byte ${at} of ${data.length}`);
      yield block.subarray(0, read);
      at += read;
    }
  }
}

const BLOCK_LENGTH = 256 * 1024;
