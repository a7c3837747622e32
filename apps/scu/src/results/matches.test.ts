// The matches of a peer that answers with data sets that cannot be decoded.

import { runProgram } from '@x/cli/program';
import { MessageExchange, TransferSyntax } from '@x/dimse';
import { encodeDataSet } from '@x/dimse/data-set';
import { accept, type Listener, listen } from '@x/net';
import { jsonLines, runInProcess } from '@x/testing/run-in-process';
import { afterEach, expect, test } from 'vitest';
import { createScuProgram } from '../program.ts';

const EXPLICIT = TransferSyntax.ExplicitVRLittleEndian;
/** Runs dimse-scu in this process. */
const scu = (...args: readonly string[]) => runInProcess((context) => runProgram(createScuProgram(), context), args);

let listener: Listener | undefined;
afterEach(() => listener?.close().then(() => {}));

/** A peer that answers each query with these data sets. */
async function peerWith(answers: readonly Uint8Array[]): Promise<string> {
  listener = await listen(
    { port: 0, host: '127.0.0.1' },
    {
      decide: () => accept({ supports: () => ({ transferSyntaxes: [EXPLICIT] }) }),
      serve: async (association) => {
        const exchange = new MessageExchange(association);
        for await (const message of exchange.messages()) {
          await message.data?.discard();
          for (const answer of answers) await exchange.respond(message, { status: 0xff00 }, answer);
          await exchange.respond(message, { status: 0 });
        }
      },
    },
  );
  return `SCP@127.0.0.1:${listener.port}`;
}

const good = (name: string) => encodeDataSet({ PatientName: name }, EXPLICIT);
// (0020,1206) US of one byte; a value that is cut short.
const BAD = ['20000612555301000100', '100010004c4f0a0041'].map((hex) => Buffer.from(hex, 'hex'));

test.each(['find', 'worklist', 'ups'])('%s shows the other matches, reports the bad ones, and fails', async (verb) => {
  const peer = await peerWith([good('One'), ...BAD, good('Two')]);
  const args = [verb, peer, ...(verb === 'ups' ? ['query'] : []), '--key', 'PatientName'];
  const { exitCode, stdout, stderr } = await scu(...args);
  expect(exitCode).toBe(1);
  expect(stdout.match(/One|Two/g)).toEqual(['One', 'Two']);
  const lines = stderr.split('\n').filter((line) => line.startsWith('failed'));
  expect(lines).toHaveLength(BAD.length);
  BAD.forEach((bytes, index) => {
    expect(lines[index]).toMatch(new RegExp(`^failed  match ${index + 2} cannot be read: .*${bytes.toString('hex')}$`));
  });
  const json = await scu(...args, '--json');
  expect([json.exitCode, jsonLines(json.stdout).length]).toEqual([1, 2 + BAD.length]);
  expect(jsonLines(json.stdout)[1]).toMatchObject({
    status: 'FF00',
    unreadable: { transferSyntax: EXPLICIT, bytes: BAD[0]?.toString('base64') },
  });
});
