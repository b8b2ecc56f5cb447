import {describe, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {rotaryEmbedding} from '../../src/layers/index.js';
import {rotaryEmbedding as rotaryEmbeddingOp} from '../../src/ops/index.js';
import {expectClose, normal} from '../support/expect.js';

describe('RotaryEmbedding', () => {
  test('is the op with its arguments, position ids as a second input', async () => {
    const x = normal([2, 3, 4], 1);
    const positions = tf.tensor2d([5, 6, 7, 1, 2, 3], [2, 3], 'int32');
    const layer = rotaryEmbedding({base: 100, layout: 'half', positionIds: true});
    const want = rotaryEmbeddingOp(x, {base: 100, layout: 'half', positions});
    await expectClose(layer.apply([x, positions]) as tf.Tensor, want);
  });
});
