import {describe, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {rmsNormalization} from '../../src/layers/index.js';
import {expectClose} from '../support/expect.js';

describe('RmsNormalization', () => {
  test('worked example: the mean square of the output is gamma²', async () => {
    const layer = rmsNormalization();
    layer.build([null, 2]);
    layer.setWeights([tf.tensor1d([1, 2])]);
    const root = Math.sqrt(12.5);
    await expectClose(layer.apply(tf.tensor2d([[3, 4]])) as tf.Tensor, [[3 / root, 8 / root]]);
  });
});
