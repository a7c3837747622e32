// P-DATA-TF streams decoded and encoded, against copying the same bytes.

import { decodePdu, encodePdu, type Pdu, PduDecoder, writePDataHeader } from '@x/pdu';
import { type Contestant, compare, type Row } from './measure.ts';

const MIB = 1024 * 1024;
const STREAM = 64 * MIB;
const CHUNK = 64 * 1024;

export async function codecRows(rounds: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const length of [16 * 1024, 256 * 1024]) {
    const chunks = chunksOf(stream(length));
    const copy: Contestant = timed('memcpy', () => {
      const target = new Uint8Array(CHUNK);
      for (const chunk of chunks) target.set(chunk);
    });
    const size = `${length / 1024} KiB PDUs, 64 KiB chunks`;
    const decode = timed('ours', () => {
      const decoder = new PduDecoder({ maxLength: length });
      for (const chunk of chunks) for (const _ of decoder.push(chunk));
    });
    rows.push(await compare(`decode P-DATA-TF: ${size}`, 'GB/s', [decode, copy], rounds));
    const pdus = [...chunksOf(stream(length), length + 6)].map((bytes) => decodePdu(4, bytes.subarray(6)) as Pdu);
    const encode = timed('ours', () => {
      for (const pdu of pdus) encodePdu(pdu);
    });
    rows.push(await compare(`encode P-DATA-TF: ${size}`, 'GB/s', [encode, copy], rounds));
  }
  return rows;
}

function timed(name: string, work: () => void): Contestant {
  return {
    name,
    run: async () => {
      const begun = performance.now();
      for (let round = 0; round < 10; round++) work();
      return (10 * STREAM) / 1e6 / (performance.now() - begun);
    },
  };
}

function stream(length: number): Uint8Array {
  const bytes = new Uint8Array(STREAM);
  for (let at = 0; at + length + 6 <= STREAM; at += length + 6)
    writePDataHeader(bytes, at, { contextId: 1, kind: 'data', last: false, length: length - 6 });
  return bytes.subarray(0, Math.floor(STREAM / (length + 6)) * (length + 6));
}

function chunksOf(bytes: Uint8Array, size = CHUNK): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.slice(at, at + size));
  return chunks;
}
