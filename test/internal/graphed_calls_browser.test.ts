import {expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {GraphedCalls, setCallsBeforeGraph} from '../../src/internal/tensorflow_graph/graphed_calls.browser.js';

test('without TensorFlow calls run as they are, and their number is checked all the same', () => {
  const results = [tf.scalar(2)];
  expect(new GraphedCalls().run([], () => results)).toBe(results);
  setCallsBeforeGraph(3);
  for (const calls of [-1, Number.NaN]) {
    expect(() => setCallsBeforeGraph(calls)).toThrow(
      `kernels.setCallsBeforeGraph: expected a number of calls, at least 0, received ${calls}.`,
    );
  }
});
