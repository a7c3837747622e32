// Opens and releases associations with the same prepared bytes, several at once: the client of the rows that measure how
// fast a server sets up associations. raw-associate PORT AET COUNT AT-ONCE

import { connect } from 'node:net';
import { associateRequest, encodePdu } from '@x/pdu';
import { RELEASE_RP, wholePdus } from './pdu-stream.ts';

const [port, calledAeTitle, count, atOnce] = process.argv.slice(2) as [string, string, string, string];
const request = Buffer.concat(encodePdu(associateRequest(calledAeTitle, 'BENCH-SCU')));
const RELEASE_RQ = Buffer.from([0x05, 0, 0, 0, 0, 4, 0, 0, 0, 0]);
const ACCEPT = 0x02;

function associate(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true });
    let isReleased = false;
    socket.write(request);
    socket.on(
      'data',
      wholePdus((type) => {
        if (type === ACCEPT) return void socket.write(RELEASE_RQ);
        isReleased = type === RELEASE_RP[0];
        socket.end();
      }),
    );
    socket.on('error', reject);
    socket.on('close', () => (isReleased ? resolve() : reject(new Error('the association was not released'))));
  });
}

async function worker(times: number): Promise<void> {
  for (let time = 0; time < times; time++) await associate();
}

await worker(20);
const begun = performance.now();
await Promise.all(Array.from({ length: Number(atOnce) }, () => worker(Number(count) / Number(atOnce))));
process.stdout.write(`${JSON.stringify({ milliseconds: performance.now() - begun })}\n`);
