// The codec against memcpy, in turns inside one process: a 64 MiB data set in P-DATA PDUs of 16 and of 256 KiB.

import { encodePdu, fragment, PduDecoder } from '@x/pdu';

const [rounds] = process.argv.slice(2).map(Number) as [number];
const bytes = new Uint8Array(64 * 1024 * 1024).fill(7);
const CHUNK = 64 * 1024;
const results: Record<string, number[]> = {};

for (const length of [16 * 1024, 256 * 1024]) {
  const stream = Buffer.concat([...fragment(1, 'data', bytes, length)].flatMap((pdu) => encodePdu(pdu)));
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < stream.length; at += CHUNK) chunks.push(stream.subarray(at, at + CHUNK));
  const target = new Uint8Array(stream.length);
  const copy = () => {
    let at = 0;
    for (const chunk of chunks) {
      target.set(chunk, at);
      at += chunk.length;
    }
    return at;
  };
  const decode = () => {
    const decoder = new PduDecoder({ maxLength: length });
    let sum = 0;
    for (const chunk of chunks)
      for (const pdu of decoder.push(chunk))
        if (pdu.type === 'P-DATA-TF')
          for (const value of pdu.values) for (const view of value.fragments) sum += view.length;
    return sum;
  };
  const encode = () => {
    let sum = 0;
    for (const pdu of fragment(1, 'data', bytes, length)) for (const buffer of encodePdu(pdu)) sum += buffer.length;
    return sum;
  };
  for (let round = -2; round < rounds; round++)
    for (const [name, work] of Object.entries({ memcpy: copy, decode, encode })) {
      const begun = performance.now();
      let done = 0;
      for (let time = 0; time < 4; time++) done += work();
      if (done < 4 * bytes.length) throw new Error(`${name} lost bytes`);
      const took = performance.now() - begun;
      const key = `${name}, ${length / 1024} KiB PDUs`;
      results[key] ??= [];
      if (round >= 0) results[key].push(took / 4);
    }
}
process.stdout.write(`${JSON.stringify({ megabytes: bytes.length / 1e6, results })}\n`);
