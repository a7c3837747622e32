// Sends the requests of a client of dcmjs-dimse.

import type dimse from 'dcmjs-dimse';

/** Settles when the association has ended, with the time at which it was connected. */
export async function sendRequests(
  client: InstanceType<typeof dimse.Client>,
  port: string,
  calledAeTitle: string,
): Promise<number> {
  let begun = 0;
  await new Promise<void>((settle, reject) => {
    client.on('connected', () => {
      begun = performance.now();
    });
    client.on('closed', settle);
    client.on('networkError', reject);
    client.send('127.0.0.1', Number(port), 'BENCH-SCU', calledAeTitle);
  });
  return begun;
}
