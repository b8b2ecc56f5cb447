import {describe, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {depthwiseConvolution1d} from '../../src/layers/index.js';
import {expectClose} from '../support/expect.js';

describe('DepthwiseConvolution1d', () => {
  test('worked example: padding is read as zeros', async () => {
    const layer = depthwiseConvolution1d({kernelSize: 3});
    const x = tf.tensor3d([1, 2, 99], [1, 3, 1]);
    layer.build(x.shape);
    layer.setWeights([tf.tensor2d([[100], [10], [1]]), tf.tensor1d([0.5])]);
    const mask = tf.tensor2d([1, 1, 0], [1, 3], 'bool');
    await expectClose(layer.apply(x, {mask}) as tf.Tensor, tf.tensor3d([12.5, 120.5, 200.5], [1, 3, 1]));
  });
});
