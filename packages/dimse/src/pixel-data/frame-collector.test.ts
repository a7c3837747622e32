import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameCollector, type FrameCollectorOptions } from './frame-collector.ts';

const defaults = { isFragmentFrame: false, maximumFrameLength: 1000 };

/** The frames of a table and fragments, which come in pieces of the given length. */
function collect(
  options: Partial<FrameCollectorOptions> & { readonly numberOfFrames: number },
  items: readonly (readonly number[])[],
  piece = 1000,
): number[][] {
  const frames: number[][] = [];
  const collector = new FrameCollector({ ...defaults, ...options }, (frame, index) => {
    expect(index).toBe(frames.length);
    frames.push([...frame]);
  });
  for (const item of items) {
    for (let at = 0; at < item.length; at += piece) collector.push(Uint8Array.from(item.slice(at, at + piece)));
    collector.endFragment();
  }
  collector.end();
  return frames;
}

const table = (...offsets: number[]) => [...new Uint8Array(Uint32Array.from(offsets).buffer)];
const jpeg = (...bytes: number[]) => [0xff, 0xd8, 0xff, ...bytes];

describe('frames', () => {
  test('are divided by the offset table', () => {
    const items = [table(0, 18, 28), [1, 2], [], [3], [4, 5], [6]];
    // Items of 8 + 2, 8, 8 + 1, … bytes: the table names the third fragment only.
    expect(collect({ numberOfFrames: 3 }, [table(0, 18, 27), ...items.slice(1)])).toEqual([[1, 2], [3], [4, 5, 6]]);
  });

  test.each([
    ['is empty', []],
    ['has other offsets', table(0, 5)],
    ['has too few offsets', table(0)],
    ['does not begin with 0', table(8, 30)],
  ])('are divided where a codestream begins if the table %s', (_, offsets) => {
    expect(collect({ numberOfFrames: 2 }, [offsets, jpeg(1), [2], [3], jpeg(4), [5]])).toEqual([
      jpeg(1, 2, 3),
      jpeg(4, 5),
    ]);
  });

  test('of RLE are the fragments', () => {
    expect(collect({ numberOfFrames: 2, isFragmentFrame: true }, [[], [1, 2], [3]])).toEqual([[1, 2], [3]]);
    expect(collect({ numberOfFrames: 1, isFragmentFrame: true }, [[], [1, 2], [3]])).toEqual([[1, 2, 3]]);
    expect(collect({ numberOfFrames: 2, isFragmentFrame: true }, [table(0, 19), [1, 2], [3], [4]])).toEqual([
      [1, 2, 3],
      [4],
    ]);
  });

  test('are the same however the bytes are divided', () => {
    const frames = fc.array(
      fc.array(fc.array(fc.nat(255), { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 3 }),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    fc.assert(
      fc.property(frames, fc.boolean(), fc.integer({ min: 1, max: 9 }), (all, hasTable, piece) => {
        const marked = all.map(([first = [], ...rest]) => [jpeg(...first), ...rest.map((part) => [0, ...part])]);
        const offsets: number[] = [];
        marked.reduce((at, parts) => {
          offsets.push(at);
          return at + parts.reduce((sum, { length }) => sum + 8 + length, 0);
        }, 0);
        const items = [hasTable ? table(...offsets) : [], ...marked.flat()];
        expect(collect({ numberOfFrames: all.length }, items, piece)).toEqual(marked.map((parts) => parts.flat()));
      }),
    );
  });
});

test.each([
  ['frames are missing', { numberOfFrames: 3 }, [[], jpeg(1), jpeg(2)], 'has 2 frames; Number of Frames is 3'],
  ['there are more frames', { numberOfFrames: 1 }, [[], jpeg(1), jpeg(2)], 'more frames than Number of Frames, 1'],
  ['there are none', { numberOfFrames: 1 }, [[]], 'has 0 frames'],
  [
    'a frame is too long',
    { numberOfFrames: 1, maximumFrameLength: 5 },
    [[], [1, 2, 3], [4, 5, 6]],
    'more than 5 bytes',
  ],
])('rejects Pixel Data if %s', (_, options, items, message) => {
  expect(() => collect(options, items)).toThrow(message);
});
