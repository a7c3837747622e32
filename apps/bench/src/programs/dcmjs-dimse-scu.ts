// An SCU made with dcmjs-dimse that stores the first files of a folder on one association.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import dimse from 'dcmjs-dimse';
import { sendRequests } from './dcmjs-dimse-client.ts';
import { warmUp } from './warm-up.ts';

const [port, calledAeTitle, folder, count] = process.argv.slice(2) as [string, string, string, string];
dimse.log.disableAll();
const names = (await readdir(folder)).sort().slice(0, Number(count));
let begun = 0;
await warmUp(storeAll);
await storeAll();
process.stdout.write(`${JSON.stringify({ milliseconds: performance.now() - begun })}\n`);
process.exit(0);

async function storeAll(): Promise<void> {
  const client = new dimse.Client();
  let stored = 0;
  for (const name of names) {
    const request = new dimse.requests.CStoreRequest(join(folder, name));
    request.on('response', () => stored++);
    client.addRequest(request);
  }
  begun = await sendRequests(client, port, calledAeTitle);
  if (stored !== names.length) throw new Error(`${stored} stored`);
}
