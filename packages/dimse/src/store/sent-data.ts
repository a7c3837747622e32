// The data of an instance for an association: as they are, or in a transfer syntax that the peer has accepted instead.

import type { Association, DataSource } from '@x/net';
import { reencode, reencodingTargets } from '../data-set/reencode.ts';
import type { DataSetTranscoder } from '../pixel-data/decompressor.ts';
import type { InstanceKind } from '../services/storage.ts';
import { chunksOfSource } from '../session/converted-data.ts';

export interface SentData {
  readonly data: DataSource;
  readonly transferSyntax: string;
  /** Ends the work on the data, if it has not ended. */
  end(): void;
}

/**
 * The transfer syntax that an instance is sent in: its own one, unless the peer has refused it and accepted one in which the
 * transcoder can give it, or in which it can be re-encoded.
 */
export function sentTransferSyntax(
  association: Pick<Association, 'contexts'>,
  { sopClass, transferSyntax }: InstanceKind,
  transcoder: DataSetTranscoder | undefined,
): string {
  const accepted = new Set<string>();
  for (const context of association.contexts.values()) {
    if (context.abstractSyntax !== sopClass) continue;
    if (context.transferSyntax === transferSyntax) return transferSyntax;
    accepted.add(context.transferSyntax);
  }
  const alternatives = [...(transcoder?.alternatives(transferSyntax) ?? []), ...reencodingTargets(transferSyntax)];
  return alternatives.find((each) => accepted.has(each)) ?? transferSyntax;
}

/**
 * The data in the transfer syntax that they are sent in.
 * @throws an error of the transcoder that comes before the first bytes: then nothing has been sent.
 */
export function sentData(
  data: DataSource,
  from: string,
  to: string,
  transcoder: DataSetTranscoder | undefined,
): SentData | Promise<SentData> {
  return from === to ? { data, transferSyntax: from, end: nothing } : convertedData(data, from, to, transcoder);
}

function nothing(): void {}

async function convertedData(
  data: DataSource,
  from: string,
  to: string,
  transcoder: DataSetTranscoder | undefined,
): Promise<SentData> {
  const isTranscoded = transcoder?.alternatives(from).includes(to);
  const source = chunksOfSource(data);
  const converted = isTranscoded ? transcoder?.transcode(source, from, to) : undefined;
  const chunks = (converted ?? reencode(source, from, to))[Symbol.asyncIterator]();
  const first = await chunks.next();
  async function* all(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let next = first; !next.done; next = await chunks.next()) yield next.value;
  }
  // An iterator that ends with an error has ended already.
  return { data: all(), transferSyntax: to, end: () => void chunks.return?.().catch(() => {}) };
}
