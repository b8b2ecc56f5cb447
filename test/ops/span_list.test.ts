import {describe, expect, test} from '@jest/globals';

import {spanList} from '../../src/ops/span_list/index.js';
import {expectClose} from '../support/expect.js';

const span = (head: number, start: number, end: number) => ({head, start, end});

describe('spanList', () => {
  test('pads each sample to the longest list, or to maxSpans', async () => {
    const batch = [[span(1, 0, 2), span(0, 3, 3)], [span(2, 0, 0)]];
    const labels = spanList(batch, {heads: 3});
    expect(labels.dtype).toBe('int32');
    await expectClose(labels, [
      [
        [1, 0, 2],
        [0, 3, 3],
      ],
      [
        [2, 0, 0],
        [-1, -1, -1],
      ],
    ]);
    expect(spanList(batch, {maxSpans: 5}).shape).toEqual([2, 5, 3]);
    expect(spanList([[]]).shape).toEqual([1, 1, 3]);
  });

  test('refuses what it could not represent', () => {
    expect(() => spanList([[span(2, 0, 1)]], {heads: 2})).toThrow(
      'spanList: expected head in [0, 2), received {"head":2,"start":0,"end":1}.',
    );
    expect(() => spanList([[span(-1, 0, 1)]])).toThrow('expected a whole head ≥ 0');
    expect(() => spanList([[span(0, 1, 0.5)]])).toThrow('expected whole start and end ≥ 0');
    expect(() => spanList([[span(0, 1, 1), span(1, 2, 2)]], {maxSpans: 1})).toThrow(
      'expected at most 1 spans in one sample, received 2. Raise maxSpans.',
    );
  });
});
