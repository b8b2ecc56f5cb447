import {describe, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {scaleOffset} from '../../src/layers/index.js';
import {expectClose} from '../support/expect.js';

describe('ScaleOffset', () => {
  test('worked example: y[h, c] = gamma[h, c]·x[c] + beta[h, c]', async () => {
    const layer = scaleOffset({heads: 2});
    layer.build([null, 2]);
    layer.setWeights([
      tf.tensor2d([
        [10, 20],
        [30, 40],
      ]),
      tf.tensor2d([
        [1, 2],
        [3, 4],
      ]),
    ]);
    await expectClose(layer.apply(tf.tensor2d([[5, 6]])) as tf.Tensor, [
      [
        [15, 32],
        [45, 64],
      ],
    ]);
  });
});
