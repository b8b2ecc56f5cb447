import {describe, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {binaryFocalCrossentropy, globalPointerKl, multilabelCategoricalCrossentropy} from '../../src/losses/index.js';
import {
  efficientGlobalPointerCrossentropy,
  globalPointerScores,
  linearAttention,
  rotaryEmbedding,
  scaledDotProductAttention,
} from '../../src/ops/index.js';
import {expectClose, normal} from '../support/expect.js';
import {Random} from '../support/random.js';

interface Values {
  numbers: number[];
  shape: number[];
  dtype: 'int32' | 'bool';
}

type Floats = (values: Values) => tf.Tensor;

const cast: Floats = ({numbers, shape, dtype}) => tf.cast(tf.tensor(numbers, shape, dtype), 'float32');
const made: Floats = ({numbers, shape}) => tf.tensor(numbers, shape, 'float32');

const whole = (...shape: number[]): Values => ({numbers: drawn(shape, 5).map(x => x - 2), shape, dtype: 'int32'});
const bools = (...shape: number[]): Values => ({numbers: drawn(shape, 2), shape, dtype: 'bool'});

function drawn(shape: number[], below: number): number[] {
  const random = new Random(9);
  return Array.from({length: tf.util.sizeFromShape(shape)}, () => Math.floor(random.next() * below));
}

const [q, k, v] = [1, 2, 3].map(seed => () => normal([2, 6, 4], seed));

/** On webgpu, tfjs's cast of bool and int32 to float32 changes the name of the type and not the buffer. */
describe('numbers cast from bool and int32 count as numbers', () => {
  test.each<[string, (floats: Floats) => tf.Tensor]>([
    ['q of attention', floats => scaledDotProductAttention(floats(whole(2, 6, 4)), k(), v())],
    ['the mask of attention', floats => scaledDotProductAttention(q(), k(), v(), {mask: floats(bools(2, 6))})],
    ['the bias of attention', floats => scaledDotProductAttention(q(), k(), v(), {bias: floats(whole(6, 6))})],
    ['v of linear attention', floats => linearAttention(q(), k(), floats(whole(2, 6, 4)), {causal: true})],
    ['rotary embedding', floats => rotaryEmbedding(floats(whole(2, 6, 4)))],
    [
      'the mask of span scores',
      floats =>
        globalPointerScores(normal([2, 3, 6, 4], 1), normal([2, 3, 6, 4], 2), {
          mask: floats(bools(2, 6)) as tf.Tensor2D,
        }),
    ],
    [
      'dense labels of spans',
      floats =>
        efficientGlobalPointerCrossentropy(
          floats(bools(2, 3, 6, 6)) as tf.Tensor4D,
          q() as tf.Tensor3D,
          k() as tf.Tensor3D,
          normal([2, 6, 6], 4),
        ),
    ],
    ['labels of the focal loss', floats => binaryFocalCrossentropy(floats(bools(2, 7)), normal([2, 7], 2))],
    [
      'logits and labels of the multi-label loss',
      floats => multilabelCategoricalCrossentropy(floats(bools(2, 7)), floats(whole(2, 7))),
    ],
    ['scores of the divergence', floats => globalPointerKl(floats(whole(2, 3, 5, 5)), normal([2, 3, 5, 5], 2))],
  ])('%s', async (_, of) => {
    await expectClose(of(cast), of(made));
  });
});
