import {expect, test} from '@jest/globals';

import {withoutOverlaps} from '../../../examples/entity-recogniser/src/text/without_overlaps.js';

test('of overlapping spans the best is kept, and the order stays', () => {
  const span = (start: number, end: number, score: number) => ({head: 0, start, end, score});
  const spans = [span(0, 2, 1), span(2, 4, 3), span(4, 5, 2), span(6, 6, 0.1)];
  expect(withoutOverlaps(spans)).toEqual([spans[1], spans[3]]);
});
