import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CommandSet, decodeCommandSet, encodeCommandSet } from './command-set.ts';
import { ReceivedCommands, ResponseCommands, type ResponseElements, responseTo } from './response-commands.ts';

const REQUESTS: readonly CommandSet[] = [
  { commandField: 0x0020, messageId: 1, affectedSopClassUid: '1.2.3', hasDataSet: true },
  { commandField: 0x0020, messageId: 2, affectedSopClassUid: '1.2.3', hasDataSet: true },
  {
    commandField: 0x0110,
    messageId: 1,
    requestedSopClassUid: '1.2',
    requestedSopInstanceUid: '1.5',
    hasDataSet: false,
  },
];

test('responses of any order have the commands that each would have alone', () => {
  const elements = fc.record(
    { status: fc.constantFrom(0x0000, 0xff00, 0xff01), errorComment: fc.constantFrom('one', 'two') },
    { requiredKeys: ['status'] },
  );
  const responses = fc.array(fc.tuple(fc.constantFrom(...REQUESTS), elements, fc.boolean()), { maxLength: 20 });
  fc.assert(
    fc.property(responses, (all) => {
      const commands = new ResponseCommands();
      for (const [request, response, hasDataSet] of all) {
        const expected = { ...responseTo(request, response as ResponseElements), hasDataSet };
        const { command, bytes } = commands.encode(request, response as ResponseElements, hasDataSet);
        expect(command).toEqual(expected);
        expect(bytes).toEqual(encodeCommandSet(expected));
      }
    }),
  );
});

test('encodes equal pending responses to a request once', () => {
  const commands = new ResponseCommands();
  const encoded = [1, 2, 3].map(() => commands.encode(REQUESTS[0] as CommandSet, { status: 0xff00 }, true).bytes);
  expect(new Set(encoded).size).toBe(1);
});

test('commands that are received in any order are those that each would be alone', () => {
  const status = fc.constantFrom(0x0000, 0xff00, 0xff01);
  const own = fc.constantFrom<Partial<CommandSet>[]>({}, { errorComment: 'one' }, { errorComment: 'two' });
  const received = fc.array(fc.tuple(fc.constantFrom(...REQUESTS), status, own, fc.boolean()), { maxLength: 20 });
  fc.assert(
    fc.property(received, (all) => {
      const commands = new ReceivedCommands();
      for (const [request, status, others, hasDataSet] of all)
        for (const command of [request, { ...responseTo(request, { status, ...others }), hasDataSet }]) {
          const bytes = encodeCommandSet(command);
          expect(commands.decode(bytes)).toEqual(decodeCommandSet(bytes));
          // The chunk that they came in is used again.
          bytes.fill(0);
        }
    }),
  );
});

test('decodes equal pending responses once', () => {
  const command = { ...responseTo(REQUESTS[0] as CommandSet, { status: 0xff00 }), hasDataSet: true };
  const commands = new ReceivedCommands();
  const decoded = [1, 2, 3].map(() => commands.decode(encodeCommandSet(command)));
  expect(new Set(decoded).size).toBe(1);
});
