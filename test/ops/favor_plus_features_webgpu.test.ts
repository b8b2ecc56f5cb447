import {describe, expect} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';

import {report, setFused} from '../../src/kernels.js';
import {FAVOR_FEATURES, FAVOR_FEATURES_GRADIENT} from '../../src/ops/favor_plus_features/name.js';
import {type FavorPlusFeaturesOptions, favorPlusFeatures} from '../../src/ops/index.js';
import {testOn} from '../support/backend.js';
import {normal} from '../support/expect.js';
import {expectFused} from '../support/fused.js';

interface Case extends FavorPlusFeaturesOptions {
  shape: number[];
  rows: number;
}

/** Features, and the gradients of x and the projection. */
function run({shape, rows, ...options}: Case): tf.Tensor[] {
  const x = normal(shape as never, 1) as tf.Tensor;
  const omega = normal([rows, shape[shape.length - 1]], 2) as tf.Tensor2D;
  const of = (x: tf.Tensor, omega: tf.Tensor) => favorPlusFeatures(x, omega as tf.Tensor2D, options);
  return tf.tidy(() => {
    const features = of(x, omega);
    return [features, ...tf.grads(of)([x, omega], normal(features.shape as never, 3) as tf.Tensor)];
  });
}

/** Largest difference from composed ops, relative to the largest number. */
async function difference(given: Case): Promise<number> {
  await poisonBuffers(given);
  const fused = run(given);
  for (const op of [FAVOR_FEATURES, FAVOR_FEATURES_GRADIENT]) expectFused(op);
  const composed = await composedOf(() => run(given));
  return Math.max(...(await Promise.all(fused.map((x, n) => relativeDifference(x, composed[n])))));
}

/** `run`, which makes its tensors itself, by composed ops on the cpu: stock waves of shaders are off by 2e-4. */
async function composedOf<T>(run: () => T): Promise<T> {
  await tf.setBackend('cpu');
  tf.env().set('IS_TEST', true); // no greeting
  setFused(false);
  try {
    return run();
  } finally {
    setFused(true);
    tf.env().set('IS_TEST', false);
    await tf.setBackend('webgpu');
  }
}

async function relativeDifference(x: tf.Tensor, y: tf.Tensor): Promise<number> {
  expect(x.shape).toEqual(y.shape);
  const [got, want] = [await x.data(), await y.data()];
  let [largest, unit] = [0, 0];
  for (let i = 0; i < want.length; i++) {
    const next = Math.abs(got[i] - want[i]);
    if (!(next <= largest)) largest = next;
    unit = Math.max(unit, Math.abs(want[i]));
  }
  return largest / Math.max(unit, 1e-6);
}

/** Leaves NaN in the buffers that features, shifts, gradients and sums will get. */
async function poisonBuffers({shape, rows}: Case): Promise<void> {
  const [tokens, channels] = shape.slice(-2);
  const all = shape.reduce((size, axis) => size * axis, 1) / channels;
  const groups = all / tokens;
  const sums = Math.ceil(all / 256) * rows * Math.ceil(channels / 4) * 4;
  const sizes = [
    all * rows,
    2 * all * rows,
    all,
    groups * Math.ceil(tokens / 64),
    all * channels,
    rows * channels,
    sums,
  ];
  const poison = sizes.map(size => tf.fill([size], Number.NaN));
  await Promise.all(poison.map(x => x.data()));
  tf.dispose(poison);
}

const OPTIONS: FavorPlusFeaturesOptions[] = [
  {},
  {isQuery: true},
  {stabilizer: 'fixed', epsilon: 0.1},
  {stabilizer: 'none', normalizeData: false, featureScaling: false},
  {kernel: 'hyperbolic'},
  {kernel: 'hyperbolic', isQuery: true},
  {kernel: 'relu'},
  {kernel: 'relu', featureScaling: true},
  {kernel: 'trigonometric'},
  {kernel: 'trigonometric', isQuery: true},
  {kernel: 'trigonometric', stabilizer: 'fixed'},
];

const CASES: Case[] = [
  ...OPTIONS.map(options => ({shape: [1, 2, 67, 5], rows: 7, ...options})), // two tiles of rows, odd widths
  ...OPTIONS.map(options => ({shape: [1, 1, 1, 5], rows: 1, ...options})),
  {shape: [2, 3, 8], rows: 20}, // whole vectors, rank 3
  {shape: [2, 3, 8], rows: 20, kernel: 'hyperbolic', isQuery: true},
];

describe('random features on webgpu', () => {
  testOn('webgpu').each(CASES)('equal composed ops, %j', async given => {
    expect(await difference(given)).toBeLessThan(5e-6);
  });

  testOn('webgpu').each(['softmax', 'hyperbolic', 'relu', 'trigonometric'] as const)(
    'what padding holds does not enter, %s',
    async kernel => {
      const all = (hidden: number): tf.Tensor[] => {
        const [x, omega] = [normal([2, 2, 3, 5], 1), normal([6, 5], 2)] as tf.Tensor[];
        const mask = tf.tensor2d([1, 1, 0, 1, 1, 1], [2, 3], 'int32');
        const kept = tf.reshape(tf.cast(mask, 'bool'), [2, 1, 3, 1]);
        const given = tf.where(kept, x, tf.fill(x.shape, hidden));
        const of = (x: tf.Tensor, omega: tf.Tensor) => favorPlusFeatures(x, omega as tf.Tensor2D, {kernel, mask});
        const features = of(given, omega);
        return [features, ...tf.grads(of)([given, omega], tf.onesLike(features))];
      };
      const padded = all(Number.NaN);
      expectFused(FAVOR_FEATURES_GRADIENT);
      const want = await composedOf(() => all(0));
      for (const [n, tensor] of padded.entries()) expect(await relativeDifference(tensor, want[n])).toBeLessThan(5e-6);
      const hidden = favorPlusFeatures(tf.ones([1, 2, 3]), tf.ones([4, 3]), {kernel, mask: tf.zeros([1, 2])});
      expect([...(await hidden.data())].every(value => value === 0)).toBe(true);
    },
  );

  testOn('webgpu')('one pipeline serves every length and number of features', async () => {
    for (const [tokens, rows] of [
      [3, 5],
      [130, 70],
      [64, 16],
      [65, 1],
      [257, 33],
    ]) {
      expect(await difference({shape: [1, tokens, 4], rows})).toBeLessThan(5e-6);
    }
  });

  testOn('webgpu')('wide heads, and a largest key far from the others', async () => {
    expect(await difference({shape: [1, 2, 3, 132], rows: 9})).toBeLessThan(1e-5);
    const far = (): tf.Tensor =>
      favorPlusFeatures(tf.concat([normal([1, 200, 4], 1), tf.fill([1, 1, 4], 20)], 1), normal([5, 4], 2));
    expect(await relativeDifference(far(), await composedOf(far))).toBeLessThan(2e-6);
  });

  testOn('webgpu')('waves keep their digits far from 0', async () => {
    const angles = [0, 1e-3, 1, -1.6, 3.2, -47.1, 100, 1000.5];
    const x = tf.tensor3d(angles, [1, angles.length, 1]);
    const options = {kernel: 'trigonometric', isQuery: true, featureScaling: false} as const;
    const features = await favorPlusFeatures(x, tf.ones([1, 1]) as tf.Tensor2D, options).data();
    for (const [i, angle] of angles.entries()) {
      expect(features[2 * i]).toBeCloseTo(Math.cos(Math.fround(angle)), 6);
      expect(features[2 * i + 1]).toBeCloseTo(Math.sin(Math.fround(angle)), 6);
    }
  });

  testOn('webgpu')('second derivatives are those of composed ops', async () => {
    const twice = (): tf.Tensor => {
      const once = (x: tf.Tensor) => tf.sum(tf.square(favorPlusFeatures(x, normal([5, 4], 2))));
      return tf.grad((x: tf.Tensor) => tf.sum(tf.square(tf.grad(once)(x))))(normal([1, 3, 4], 1) as tf.Tensor);
    };
    expect(await relativeDifference(twice(), await composedOf(twice))).toBeLessThan(5e-6);
  });

  testOn('webgpu')('gives the same bits each time, and leaves no tensor', async () => {
    const given: Case = {shape: [1, 2, 300, 4], rows: 9};
    const before = tf.memory();
    const [bits, again] = [run(given), run(given)].map(all => Promise.all(all.map(x => x.data())));
    expect(await again).toEqual(await bits);
    expect(tf.memory().numTensors - before.numTensors).toBe(2 * (3 + 2)); // results and inputs
  });

  testOn('webgpu')('says why it composes', () => {
    const [x, omega] = [normal([1, 2, 3], 1), normal([4, 3], 2)] as [tf.Tensor, tf.Tensor2D];
    const reason = (options: FavorPlusFeaturesOptions): string | undefined => {
      favorPlusFeatures(x, omega, options);
      const entry = report().find(({op}) => op === FAVOR_FEATURES);
      return entry?.path === 'composed' ? entry.reason : undefined;
    };
    expect(reason({kernel: u => tf.relu(u)})).toBe('a function for the kernel');
    expect(reason({detachStabilizer: false})).toBe('a gradient of the stabilizer');
    expect(reason({detachStabilizer: false, stabilizer: 'none'})).toBeUndefined();
  });
});
