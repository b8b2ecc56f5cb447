import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {fitMask} from '../../src/internal/layer_inputs.js';
import {linearAttention, multiHeadAttention} from '../../src/layers/index.js';

const HINT = 'It says which tokens count. What each token may see is a bias, where a layer takes one.';

describe('masks of layers', () => {
  test('of tokens, also behind adds, which put axes before it', () => {
    const x = tf.zeros([2, 3, 5]);
    for (const shape of [
      [2, 3],
      [1, 2, 3],
      [1, 1, 2, 3],
    ]) {
      expect(fitMask(tf.ones(shape), x, 'here')?.shape).toEqual([2, 3]);
    }
  });

  test('of another layer are passed over', () => {
    const x = tf.zeros([2, 3, 5]);
    for (const shape of [
      [2, 4],
      [1, 2, 4],
      [3, 3],
    ])
      expect(fitMask(tf.ones(shape), x, 'here')).toBeUndefined();
  });

  test.each([1, 2])('of cells are refused, batch of %d', batch => {
    const x = tf.zeros([batch, 3, 4]);
    const mask = tf.ones([batch, 3, 3], 'bool');
    expect(() => linearAttention({heads: 1, headSize: 2}).apply(x, {mask})).toThrow(
      `LinearAttention: expected a mask of shape [${batch}, 3], received bool of shape [${batch}, 3, 3]. ${HINT}`,
    );
    const wide = tf.ones([batch, 1, 3, 3], 'bool');
    expect(() => multiHeadAttention({heads: 1, headSize: 2}).apply([x, x, x], {mask: wide})).toThrow(
      `MultiHeadAttention: expected a mask of shape [${batch}, 3], received bool of shape [${batch}, 1, 3, 3]. ${HINT}`,
    );
  });
});
