import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { encodeCommandSet, SopClass, TransferSyntax } from '@x/dimse';
import type { Pdu, PresentationDataValue } from '@x/net';
import { describe, expect, test } from 'vitest';
import { Ladder, MOST_BYTES, MOST_RUNGS } from './ladder.ts';

const REQUEST: Pdu = {
  type: 'A-ASSOCIATE-RQ',
  protocolVersion: 1,
  callingAeTitle: 'CT01',
  calledAeTitle: 'ARCHIVE',
  presentationContexts: [
    { id: 1, abstractSyntax: SopClass.Verification, transferSyntaxes: [TransferSyntax.ImplicitVRLittleEndian] },
  ],
  userInformation: { maximumLength: 16384 },
} as Pdu;
const ACCEPT: Pdu = {
  ...REQUEST,
  type: 'A-ASSOCIATE-AC',
  presentationContexts: [{ id: 1, result: 0, transferSyntax: TransferSyntax.ImplicitVRLittleEndian }],
} as Pdu;

function values(...all: readonly (Partial<PresentationDataValue> & { length?: number })[]): Pdu {
  return {
    type: 'P-DATA-TF',
    values: all.map(({ length = 0, ...value }) => ({
      contextId: 1,
      kind: 'data',
      last: true,
      fragments: [new Uint8Array(length)],
      ...value,
    })) as PresentationDataValue[],
  };
}

const store = (messageId: number) =>
  encodeCommandSet({ commandField: 0x0001, messageId, affectedSopClassUid: SopClass.CTImageStorage } as never);
const answer = (messageIdBeingRespondedTo: number, status: number) =>
  encodeCommandSet({ commandField: 0x8001, messageIdBeingRespondedTo, status } as never);
const command = (bytes: Uint8Array) => values({ kind: 'command', fragments: [bytes] });

function words(ladder: Ladder): string[] {
  return ladder.rungs().map(({ from, words: said }) => `${from === 'requestor' ? '→' : '←'} ${said}`);
}

test('has a rung for each PDU and message, and one for each data set', () => {
  const ladder = new Ladder();
  ladder.add(true, REQUEST);
  ladder.add(false, ACCEPT);
  const bytes = store(1);
  // A command in parts, and its data after it in the same PDU.
  ladder.add(true, values({ kind: 'command', last: false, fragments: [bytes.subarray(0, 9)] }));
  ladder.add(true, values({ kind: 'command', fragments: [bytes.subarray(9)] }, { last: false, length: 100 }));
  ladder.add(true, values({ last: false, length: 200 }));
  ladder.add(true, values({ length: 50 }));
  ladder.add(false, command(answer(1, 0xa700)));
  ladder.add(true, command(store(2)));
  ladder.add(true, values({ length: 7 }));
  ladder.add(false, { type: 'A-ABORT', source: 0, reason: 0 });
  expect(words(ladder)).toEqual([
    '→ A-ASSOCIATE-RQ CT01 → ARCHIVE, 1 context',
    '← A-ASSOCIATE-AC 1 of 1 contexts accepted',
    '→ C-STORE-RQ #1 CT Image Storage',
    '→ data set',
    expect.stringMatching(/^← C-STORE-RSP #1 .*A700H/),
    '→ C-STORE-RQ #2 CT Image Storage',
    '→ data set',
    '← A-ABORT aborted by the service user',
  ]);
  const rungs = ladder.rungs();
  expect(rungs.map(({ parts, bytes: length }) => length && [parts, length])).toEqual(
    [0, 0, 0, [3, 350], 0, 0, [1, 7], 0].map((each) => each || undefined),
  );
  expect(rungs.map(({ isBad = false }) => isBad)).toEqual([false, false, false, false, true, false, false, true]);
});

test('gives the rungs that are new or have grown', () => {
  const ladder = new Ladder();
  ladder.add(true, command(store(1)));
  ladder.add(true, values({ last: false, length: 100 }));
  const before = ladder.changes;
  expect(ladder.rungs(before)).toEqual([]);
  ladder.add(true, values({ length: 100 }));
  expect(ladder.rungs(before)).toMatchObject([{ number: 2, bytes: 200 }]);
});

describe('a hostile peer that sends', () => {
  const hostile: readonly [string, (ladder: Ladder, round: number) => void][] = [
    ['many messages', (ladder, round) => ladder.add(true, command(store(round)))],
    ['long commands', (ladder) => ladder.add(true, command(new Uint8Array(20_000)))],
    ['commands as long as they are kept', (ladder) => ladder.add(true, command(new Uint8Array(4096)))],
    ['commands that never end', (ladder) => ladder.add(true, values({ kind: 'command', last: false, length: 4000 }))],
    [
      'commands that never begin to end, on many contexts',
      (ladder, round) =>
        ladder.add(true, values({ kind: 'command', last: false, length: 4000, contextId: round % 256 })),
    ],
    ['data that never ends', (ladder) => ladder.add(true, values({ last: false, length: 4000 }))],
    ['many negotiations', (ladder) => ladder.add(true, REQUEST)],
  ];

  test.each(hostile)('%s: keeps the negotiation and the latest rungs in limited memory', async (_, say) => {
    setFlagsFromString('--expose_gc');
    const collect = runInNewContext('gc') as () => void;
    const used = async () => {
      for (let round = 0; round < 3; round++) {
        collect();
        await setTimeout(20);
      }
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    };
    // Compiled code must not count.
    for (let round = 0; round < 2000; round++) say(new Ladder(), round);
    const before = await used();
    const ladders = Array.from({ length: 20 }, () => new Ladder());
    for (const ladder of ladders) {
      ladder.add(true, REQUEST);
      ladder.add(false, ACCEPT);
      for (let round = 0; round < 2000; round++) say(ladder, round);
      expect(ladder.rungs().length).toBeLessThanOrEqual(MOST_RUNGS + 2);
      expect(ladder.rungs()[0]?.words).toContain('A-ASSOCIATE-RQ');
    }
    // The bytes, and what holds them.
    expect(((await used()) - before) / ladders.length).toBeLessThan(MOST_BYTES + MOST_RUNGS * 700);
    expect(ladders).toHaveLength(20);
  });
});
