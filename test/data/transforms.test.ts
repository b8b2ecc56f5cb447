import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import {array} from '@tensorflow/tfjs-data';
import {layers, sequential} from '@tensorflow/tfjs-layers';

import {mixRows} from '../../src/data/mix_rows.js';
import {data, losses} from '../../src/index.js';
import {HostRandom} from '../../src/internal/host_random.js';
import {expectClose, normal} from '../support/expect.js';
import {loadGolden} from '../support/golden.js';

const X = [
  [1, 2],
  [3, 4],
]; // prettier-ignore
const batch = () => ({
  xs: tf.tensor2d(X),
  ys: tf.tensor2d([
    [1, 0],
    [0, 1],
  ]),
}); // prettier-ignore

interface Values {
  lambda: number;
  perm: number[];
  x: number[][];
  y: number[][];
  samplepairing_x: number[][];
}

describe('mixup', () => {
  test('is the mixture of the reference values', async () => {
    const {mixup} = await loadGolden<{mixup: Values}>('companions_values');
    const {xs, ys} = batch();
    const mixed = [xs, ys].map(x => mixRows(x, tf.tensor1d([mixup.lambda]), mixup.perm) as tf.Tensor);
    await expectClose(mixed[0], mixup.x);
    await expectClose(mixed[1], mixup.y);
    await expectClose(mixRows(xs, tf.tensor1d([0.5]), mixup.perm) as tf.Tensor, mixup.samplepairing_x);
  });

  test.each([false, true])('mixes inputs and labels by the same shares, perSample %p', async perSample => {
    const rows = 6;
    const [xs, ys] = [tf.eye(rows), tf.eye(rows)];
    const mixed = data.mixup({seed: 3, perSample})({xs: {a: xs, b: tf.mul(xs, 2)}, ys});
    const inputs = mixed.xs as {a: tf.Tensor; b: tf.Tensor};
    await expectClose(inputs.a, mixed.ys as tf.Tensor);
    await expectClose(inputs.b, tf.mul(inputs.a, 2));
    await expectClose(tf.sum(inputs.a, 1), tf.ones([rows]));
    const shares = new Set([...(await tf.max(inputs.a, 1).data())].filter(v => v < 1).map(v => v.toFixed(4)));
    expect(perSample ? shares.size > 1 : shares.size <= 1).toBe(true);
  });

  test('a seed repeats, and two batches differ', async () => {
    const [one, same] = [data.mixup({seed: 5}), data.mixup({seed: 5})];
    const large = () => ({xs: normal([8, 3], 1), ys: normal([8, 2], 2)});
    const first = one(large()).xs;
    await expectClose(first, same(large()).xs);
    expect(await tf.any(tf.notEqual(first, one(large()).xs)).data()).toEqual(new Uint8Array([1]));
  });

  test('says what can not be mixed', () => {
    const ids = {xs: tf.tensor2d([[1, 2]], [1, 2], 'int32'), ys: tf.ones([1, 2])};
    expect(() => data.mixup()(ids)).toThrow('mixup: expected inputs of type float32, received "int32"');
    expect(() => data.mixup()({...ids, xs: tf.ones([2, 2])})).toThrow('tensors with the same number of samples');
    expect(() => data.mixup({alpha: 0})).toThrow('expected alpha in (0, Infinity), received 0.');
  });
});

test('samplePairing halves two samples and leaves the labels', async () => {
  const {xs, ys} = data.samplePairing({seed: 1})({xs: tf.eye(5), ys: tf.range(0, 5, 1, 'int32')});
  await expectClose(ys, [0, 1, 2, 3, 4]);
  await expectClose(tf.sum(xs, 1), tf.ones([5]));
  expect((await tf.min(tf.linalg.bandPart(xs as tf.Tensor2D, 0, 0)).data())[0]).toBe(0);
  const diagonal = tf.sum(tf.mul(xs, tf.eye(5)), 1);
  expect((await tf.min(diagonal).data())[0]).toBeGreaterThanOrEqual(0.5);
});

describe('rDropPairs', () => {
  test('puts each sample twice where rDropLoss looks for it', async () => {
    const labels = {xs: tf.tensor2d(X), ys: tf.tensor1d([7, 8], 'int32')};
    const interleaved = data.rDropPairs()(labels);
    await expectClose(interleaved.xs, [X[0], X[0], X[1], X[1]]);
    expect([...(await interleaved.ys.data())]).toEqual([7, 7, 8, 8]);
    expect([...(await data.rDropPairs({pairing: 'halves'})(labels).ys.data())]).toEqual([7, 8, 7, 8]);
    for (const pairing of ['interleaved', 'halves'] as const) {
      const pairs = data.rDropPairs({pairing})({xs: normal([3, 4], 1), ys: tf.tensor1d([0, 1, 2], 'int32')});
      const [without, withDivergence] = [0, 4].map(alpha => losses.rDropLoss({alpha, pairing})(pairs.ys, pairs.xs));
      await expectClose(withDivergence, without);
    }
  });
});

test('the transforms work on a shuffled dataset under fitDataset, and leave nothing behind', async () => {
  const samples = Array.from({length: 8}, (_, i) => ({xs: [i, 1], ys: i % 2 ? [1, 0] : [0, 1]}));
  const dataset = () =>
    array(samples)
      .shuffle(8, '1')
      .batch(4)
      .map(data.mixup({seed: 1}) as never)
      .map(data.samplePairing({seed: 1}) as never)
      .map(data.rDropPairs() as never);
  const network = sequential({layers: [layers.dense({units: 2, inputShape: [2], activation: 'softmax'})]});
  network.compile({optimizer: 'sgd', loss: 'categoricalCrossentropy'});
  await network.fitDataset(dataset() as never, {epochs: 1, verbose: 0});
  const before = tf.memory().numTensors;
  await network.fitDataset(dataset() as never, {epochs: 3, verbose: 0});
  expect(tf.memory().numTensors).toBe(before);
});

test.each([0.2, 1, 4])('Beta(α, α) has its mean and variance, α = %p', alpha => {
  const random = new HostRandom(9);
  const draws = Array.from({length: 4000}, () => random.beta(alpha));
  const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
  const variance = draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length;
  expect(Math.abs(mean - 0.5)).toBeLessThan(0.03);
  expect(Math.abs(variance * 4 * (2 * alpha + 1) - 1)).toBeLessThan(0.1);
});
