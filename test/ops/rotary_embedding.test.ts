import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {rotaryEmbedding} from '../../src/ops/index.js';
import {ROTARY_EMBEDDING, ROTARY_TURNS} from '../../src/ops/rotary_embedding/name.js';
import {turnsOnDevice} from '../../src/ops/rotary_embedding/turns.js';
import {testOn} from '../support/backend.js';
import {expectClose, expectTensorsKept, normal} from '../support/expect.js';
import {expectFusedIsComposed} from '../support/fused.js';
import {goldenTensor} from '../support/golden.js';
import {loadAttention, tensorsOf} from '../support/golden_layer.js';

describe('rotaryEmbedding', () => {
  test('worked example: position 0 is unchanged, one pair turns by its position', async () => {
    const x = tf.tensor2d([
      [1, 0],
      [1, 0],
    ]);
    await expectClose(rotaryEmbedding(x), [
      [1, 0],
      [Math.cos(1), Math.sin(1)],
    ]);
  });

  test.each(['rope_b4k_3d', 'rope_b4k_4d'])('equals bert4keras, %s', async name => {
    const golden = await loadAttention(name);
    const {q, k} = tensorsOf(golden.inputs);
    const [dq, dk] = tf.unstack(goldenTensor(golden.cotangent));
    const byHead = (x: tf.Tensor) => (x.rank === 4 ? tf.transpose(x, [0, 2, 1, 3]) : x); // upstream: [B, T, H, D]
    const rotate = (x: tf.Tensor) => byHead(rotaryEmbedding(byHead(x)));
    await expectClose(tf.stack([rotate(q), rotate(k)]), goldenTensor(golden.outputs.qk));
    await expectClose(tf.grad(rotate)(q, dq), goldenTensor(golden.grads.q), 'gradient');
    await expectClose(tf.grad(rotate)(k, dk), goldenTensor(golden.grads.k), 'gradient');
  });

  test('half-split is the interleaved form of permuted channels', async () => {
    const x = normal([2, 5, 6], 1);
    const order = [0, 3, 1, 4, 2, 5];
    const permuted = tf.concat(
      order.map(c => tf.slice(x, [0, 0, c], [2, 5, 1])),
      2,
    );
    const rotated = rotaryEmbedding(permuted);
    const back = [0, 2, 4, 1, 3, 5].map(c => tf.slice(rotated, [0, 0, c], [2, 5, 1]));
    await expectClose(rotaryEmbedding(x, {layout: 'half'}), tf.concat(back, 2));
  });

  test('products depend on the distance only', async () => {
    const [q, k] = [normal([1, 3, 8], 2), normal([1, 3, 8], 3)];
    const product = (shift: number) => {
      const positions = [0, 1, 2].map(p => p + shift);
      return tf.matMul(rotaryEmbedding(q, {positions}), rotaryEmbedding(k, {positions}), false, true);
    };
    await expectClose(product(100), product(0));
  });

  test.each([[[0, 1, 2]], [[511, 1023, 4095]], [[65535, 3, 40000]]])(
    'position ids on the device are as exact as on the host: %j',
    async positions => {
      const x = normal([1, 3, 64], 4);
      const onHost = rotaryEmbedding(x, {positions});
      await expectClose(rotaryEmbedding(x, {positions: tf.tensor1d(positions, 'int32')}), onHost);
      await expectClose(rotaryEmbedding(x, {positions: tf.tensor2d([positions], [1, 3], 'int32')}), onHost);
    },
  );

  test('position ids by sample', async () => {
    const x = normal([2, 3, 4, 6], 5); // [B, H, T, D]
    const ids = [
      [0, 1, 2, 3],
      [7, 5, 3, 1],
    ];
    const each = ids.map((positions, b) => rotaryEmbedding(tf.slice(x, b, 1), {positions}));
    await expectClose(rotaryEmbedding(x, {positions: tf.tensor2d(ids, [2, 4], 'int32')}), tf.concat(each));
  });

  testOn('cpu', 'wasm', 'tensorflow', 'webgpu').each([[[3, 2]], [[2, 5, 6]], [[2, 3, 7, 10]]])(
    'the fused kernel equals composed ops, shape %j',
    shape => expectFusedIsComposed(ROTARY_EMBEDDING, () => rotaryEmbedding(normal(shape, 6))),
  );

  testOn(
    'cpu',
    'wasm',
    'webgpu',
  )('the fused kernel takes halves, and positions by sample', async () => {
    const x = normal([2, 3, 4, 6], 7);
    const positions = tf.tensor2d([3, 1, 2, 0, 7, 5, 3, 1], [2, 4], 'int32');
    await expectFusedIsComposed(ROTARY_EMBEDDING, () => rotaryEmbedding(x, {positions, layout: 'half'}));
  });

  testOn('webgpu').each(['int32', 'float32'] as const)('its kernel makes the table of %s positions', async dtype => {
    const places = [0, 1, 511, 512, 4095, 32_768, 65_535, 7];
    const table = () => turnsOnDevice(tf.tensor2d(places, [2, 4], dtype), 5, 10000);
    await expectFusedIsComposed(ROTARY_TURNS, table);
    const [cosines, sines] = tf.unstack(table(), 3);
    const angles = places.flatMap(place => [0, 1, 2, 3, 4].map(t => place * 10000 ** (-t / 5)));
    await expectClose(tf.reshape(cosines, [40]), angles.map(Math.cos));
    await expectClose(tf.reshape(sines, [40]), angles.map(Math.sin));
  });

  test('keeps one tensor: the result', () => {
    const x = tf.ones([2, 3, 4]);
    const positions = tf.tensor1d([1, 2, 3], 'int32');
    expectTensorsKept(1, () => rotaryEmbedding(x));
    expectTensorsKept(1, () => rotaryEmbedding(x, {positions}));
  });

  test('says what it expected', () => {
    expect(() => rotaryEmbedding(tf.ones([2, 3]))).toThrow(
      'rotaryEmbedding: expected an even number of channels D, received 3. Rotation acts on pairs of channels.',
    );
    expect(() => rotaryEmbedding(tf.ones([2, 3, 4]), {positions: [1]})).toThrow('expected 3 positions, received 1.');
    expect(() => rotaryEmbedding(tf.ones([2, 3, 4]), {positions: tf.ones([5])})).toThrow(
      'expected positions of shape [3] or [2, 3], received float32 of shape [5].',
    );
  });
});
