import {describe, test} from '@jest/globals';
import type * as tf from '@tensorflow/tfjs-core';

import {conditionalLayerNormalization} from '../../src/layers/index.js';
import {expectGoldenLayer, loadAttention, tensorsOf} from '../support/golden_layer.js';

describe('ConditionalLayerNormalization', () => {
  test('equals bert4keras', async () => {
    const golden = await loadAttention('cln_b4k');
    const layer = conditionalLayerNormalization();
    await expectGoldenLayer(
      golden,
      layer,
      tensorsOf(golden.inputs),
      ({x, cond}) => layer.apply([x, cond]) as tf.Tensor,
    );
  });
});
