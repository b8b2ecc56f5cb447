import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import {layers, sequential} from '@tensorflow/tfjs-layers';

import {sumSegments} from '../../../src/internal/repairs/segment_sum.js';
import {setUpTfjs} from '../../../src/internal/setup.js';
import {testOn} from '../../support/backend.js';
import {expectClose, expectTensorsKept} from '../../support/expect.js';

setUpTfjs();

describe('UnsortedSegmentSum', () => {
  test('worked example', async () => {
    const x = tf.tensor2d([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    const sums = tf.unsortedSegmentSum(x, tf.tensor1d([2, 0, 2], 'int32'), 4);
    await expectClose(sums, [
      [3, 4],
      [0, 0],
      [6, 8],
      [0, 0],
    ]);
  });

  testOn('cpu', 'wasm')('drops ids out of range and keeps int32', async () => {
    const sums = tf.unsortedSegmentSum(tf.tensor1d([1, 2, 4, 8], 'int32'), tf.tensor1d([-1, 1, 1, 2], 'int32'), 2);
    expect(sums.dtype).toBe('int32');
    await expectClose(sums, [0, 6]);
  });

  testOn('cpu', 'wasm')('takes ids of any rank, and no segments or rows at all', async () => {
    const ids = tf.tensor2d([[0, 1, 0]], [1, 3], 'int32');
    const x = tf.tensor3d([[[1], [2], [4]]]);
    await expectClose(tf.unsortedSegmentSum(x, ids as never, 2), [[5], [2]]);
    expect(tf.unsortedSegmentSum(tf.zeros([0, 3]), tf.tensor1d([], 'int32'), 2).shape).toEqual([2, 3]);
    expect(tf.unsortedSegmentSum(tf.zeros([2, 3]), tf.tensor1d([0, 0], 'int32'), 0).shape).toEqual([0, 3]);
  });

  testOn('cpu', 'wasm')('keeps one tensor: the result', () => {
    const [x, ids] = [tf.ones([3, 2]), tf.tensor1d([0, 0, 1], 'int32')];
    expectTensorsKept(1, () => tf.unsortedSegmentSum(x, ids, 2));
  });

  test('adds a long segment in double precision', () => {
    const out = new Float32Array(1);
    sumSegments(new Float32Array(1 << 20).fill(0.1), new Int32Array(1 << 20), 1, 1, out);
    expect(out[0]).toBe(Math.fround(2 ** 20 * Math.fround(0.1)));
  });

  test('an embedding of tfjs trains', async () => {
    const model = sequential({
      layers: [
        layers.embedding({inputDim: 5, outputDim: 3, inputLength: 2}),
        layers.flatten(),
        layers.dense({units: 1}),
      ],
    });
    model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    const [x, y] = [
      tf.tensor2d([
        [0, 1],
        [4, 4],
      ]),
      tf.tensor2d([[1], [0]]),
    ];
    const {history} = await model.fit(x, y, {epochs: 5, verbose: 0});
    expect(history.loss[4]).toBeLessThan(history.loss[0] as number);
    model.dispose();
  });
});
