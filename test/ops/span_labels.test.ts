import {describe, expect, test} from '@jest/globals';

import {spanLabels} from '../../src/ops/span_labels/index.js';
import {expectClose} from '../support/expect.js';

const span = (head: number, start: number, end: number) => ({head, start, end});

describe('spanLabels', () => {
  test('pads each head of each sample to the longest list', async () => {
    const labels = spanLabels([[span(1, 0, 2), span(1, 3, 3)], [span(0, 4, 5)]], {heads: 2});
    expect(labels.dtype).toBe('int32');
    await expectClose(labels, [
      [
        [
          [0, 0],
          [0, 0],
        ],
        [
          [0, 2],
          [3, 3],
        ],
      ],
      [
        [
          [4, 5],
          [0, 0],
        ],
        [
          [0, 0],
          [0, 0],
        ],
      ],
    ]);
  });

  test('pads to maxSpans, with −1 where (0, 0) may be a span', async () => {
    const labels = spanLabels([[span(0, 0, 0)]], {heads: 1, maxSpans: 2, maskZero: false});
    await expectClose(labels, [
      [
        [
          [0, 0],
          [-1, -1],
        ],
      ],
    ]);
    expect(spanLabels([[]], {heads: 3}).shape).toEqual([1, 3, 1, 2]);
  });

  test('refuses what it could not represent', () => {
    expect(() => spanLabels([[span(2, 0, 1)]], {heads: 2})).toThrow(
      'spanLabels: expected head in [0, 2), received {"head":2,"start":0,"end":1}.',
    );
    expect(() => spanLabels([[span(0, -1, 1)]], {heads: 2})).toThrow('expected whole start and end ≥ 0');
    expect(() => spanLabels([[span(0, 0, 0)]], {heads: 2})).toThrow('Set maskZero: false here and in the loss.');
    expect(() => spanLabels([[span(0, 1, 1), span(0, 2, 2)]], {heads: 1, maxSpans: 1})).toThrow(
      'expected at most 1 spans in one head of one sample, received 2. Raise maxSpans.',
    );
  });
});
