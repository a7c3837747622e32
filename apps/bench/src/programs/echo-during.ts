// Echoes on one association while another program runs. Prints the longest latency in milliseconds.
// echo-during PORT AET PROGRAM [ARGUMENT…]

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSession, verification } from '@x/dimse';

const [port, calledAeTitle, program, ...args] = process.argv.slice(2) as [string, string, string, ...string[]];
const session = await openSession({
  host: '127.0.0.1',
  port: Number(port),
  callingAeTitle: 'BENCH-ECHO',
  calledAeTitle,
  services: [verification],
  timeouts: { response: 300_000, release: 300_000 },
});
const client = session.use(verification);
for (let time = 0; time < 100; time++) await client.echo();
const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
let isRunning = true;
const ended = once(child, 'exit').finally(() => {
  isRunning = false;
});
let longest = 0;
while (isRunning) {
  const begun = performance.now();
  await client.echo();
  longest = Math.max(longest, performance.now() - begun);
}
const [exitCode] = (await ended) as [number | null];
await session.release();
process.stdout.write(`${JSON.stringify({ longest })}\n`);
process.exitCode = exitCode ?? 1;
