import { describe, expect, test } from 'vitest';
import { encodeDataSet } from '../../data-set/dataset.ts';
import { DimseError } from '../../message/errors.ts';
import { Status } from '../../message/status.ts';
import { SopClass, TransferSyntax } from '../../registry/uids.generated.ts';
import { createEventQueue, type QueuedEvent } from './event-queue.ts';

const information = { PatientComments: 'x'.repeat(10_000) };
const length = 1024 + encodeDataSet(information, TransferSyntax.ExplicitVRLittleEndian).length;
const event = (id: string, peer: string, details = information): QueuedEvent => ({
  id,
  attempts: 0,
  notBefore: 0,
  report: {
    peer,
    sopClass: SopClass.StorageCommitmentPushModel,
    sopInstance: '1.2',
    eventType: 1,
    information: details,
  },
});

/** How many of four events for two peers find room. */
async function kept(maximumLength: number): Promise<number> {
  const queue = createEventQueue({ maximumLength });
  let count = 0;
  for (const [index, peer] of ['A', 'A', 'B', 'B'].entries())
    try {
      await queue.put(event(`${index}`, peer));
      count++;
    } catch (error) {
      expect(error).toBeInstanceOf(DimseError);
      expect(error).toMatchObject({ status: Status.ResourceLimitation });
    }
  return count;
}

describe('the queue in memory', () => {
  test.each([
    ['one byte less than four events', 4 * length - 1, 2],
    ['four events', 4 * length, 4],
    ['one byte more than four events', 4 * length + 1, 4],
    ['two events', 2 * length, 2],
    ['one event', length, 1],
    ['one byte less than one event', length - 1, 0],
  ])('with room for %s takes as many, and at most half of it for one peer', async (_, maximumLength, expected) => {
    expect(await kept(maximumLength)).toBe(expected);
  });

  test('has room again when events were removed or replaced', async () => {
    const queue = createEventQueue({ maximumLength: 2 * length });
    await queue.put(event('1', 'A'));
    await queue.put(event('2', 'B'));
    await queue.put({ ...event('2', 'B'), attempts: 1 });
    await expect(queue.put(event('3', 'C'))).rejects.toThrow(DimseError);
    await queue.put(event('2', 'B', { PatientComments: '' }));
    await expect(queue.put(event('3', 'C'))).rejects.toThrow(DimseError);
    await queue.remove('1');
    await queue.put(event('3', 'C'));
  });
});
