import {describe, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {relativePositionEmbedding} from '../../src/layers/index.js';
import {expectClose} from '../support/expect.js';

describe('RelativePositionEmbedding', () => {
  test('worked example: distances −1, 0, 1 clipped', async () => {
    const layer = relativePositionEmbedding({inputDim: 3, outputDim: 1});
    const [queries, keys] = [tf.ones([1, 2, 5]), tf.ones([1, 3, 5])];
    layer.build([queries.shape, keys.shape]);
    layer.setWeights([tf.tensor2d([[10], [20], [30]])]);
    await expectClose(layer.apply([queries, keys]) as tf.Tensor, tf.tensor3d([20, 30, 30, 10, 20, 30], [2, 3, 1]));
  });
});
