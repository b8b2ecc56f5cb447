import {afterEach, describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import {input, layers, model, type SymbolicTensor} from '@tensorflow/tfjs-layers';

import {kernels, losses, layers as ours, spanLabels, spanList} from '../../src/index.js';
import {testOn} from '../support/backend.js';
import {expectClose, expectGradientClose, normal} from '../support/expect.js';

const LOSS = 'sparseGlobalPointerCrossentropy';
/** Shorter texts go by the scores. */
const LENGTH = 64;
const SPANS = [
  [
    {head: 0, start: 1, end: 2},
    {head: 2, start: 0, end: 3},
  ],
  [{head: 1, start: 1, end: 1}],
];

const path = () => kernels.report().find(({op}) => op === LOSS)?.path;

afterEach(() => kernels.setFused(true));

/** Loss and gradients of head and input; `through` stands between the head and the loss. */
function results(
  args: object,
  loss: (yTrue: tf.Tensor, yPred: tf.Tensor) => tf.Tensor,
  through = (scores: tf.Tensor) => scores,
  labels: tf.Tensor = spanLabels(SPANS, {heads: 3, maskZero: false}),
  make: typeof ours.efficientGlobalPointer | typeof ours.globalPointer = ours.efficientGlobalPointer,
) {
  const head = make({heads: 3, headSize: 4, ...args});
  const x = normal([2, LENGTH, 6], 1);
  head.apply(x);
  head.setWeights(head.getWeights().map((weight, i) => normal(weight.shape, 2 + i)));
  const mask = tf.less(tf.range(0, LENGTH), tf.tensor2d([LENGTH, LENGTH - 7], [2, 1]));
  const variables = head.trainableWeights.map(weight => weight.read() as tf.Variable);
  return tf.variableGrads(() => {
    const scores = head.apply(x, {mask, training: true}) as tf.Tensor;
    return tf.mean(loss(labels, through(scores))) as tf.Scalar;
  }, variables);
}

describe('an Efficient GlobalPointer under the sparse loss', () => {
  test.each([
    [{}, {maskZero: false}],
    [{trilMask: false}, {maskZero: false, reduction: 'mean'}],
    [
      {useRope: false, maskValue: -1e6},
      {maskZero: true, reduction: 'none'},
    ],
  ] as const)('is trained by the factors of its scores, to the same numbers: %j %j', async (args, lossArgs) => {
    const loss = losses.sparseGlobalPointerCrossentropyLoss(lossArgs);
    const joined = results(args, loss);
    expect(path()).toBe('fused');
    kernels.setFused(false);
    const dense = results(args, loss);
    expect(path()).toBe('composed');
    await expectClose(joined.value, dense.value);
    const wanted = Object.values(dense.grads);
    expect(wanted).toHaveLength(4);
    for (const [i, gradient] of Object.values(joined.grads).entries()) await expectGradientClose(gradient, wanted[i]);
  });

  test('also from lists of spans, under either loss of GlobalPointer', async () => {
    const wanted = results({}, losses.sparseGlobalPointerCrossentropyLoss({maskZero: false, reduction: 'mean'}));
    const list = spanList([...SPANS.slice(0, 1), [...SPANS[1], {head: 7, start: 2, end: 5}]]); // 7 is no type here
    const got = results({}, losses.globalPointerCrossentropy, undefined, list);
    expect(kernels.report().find(({op}) => op === 'globalPointerCrossentropy')?.path).toBe('fused');
    await expectClose(got.value, wanted.value);
    const gradients = Object.values(wanted.grads);
    for (const [i, gradient] of Object.values(got.grads).entries()) await expectGradientClose(gradient, gradients[i]);
  });

  test('scores that were changed on the way are taken as they are', async () => {
    const loss = losses.sparseGlobalPointerCrossentropyLoss({maskZero: false});
    const doubled = (scores: tf.Tensor) => tf.mul(scores, 2);
    const got = results({}, loss, doubled);
    kernels.setFused(false);
    await expectClose(got.value, results({}, loss, doubled).value);
  });

  test('with another threshold, to the same numbers', async () => {
    const [at0, at1] = [0, 1].map(threshold => losses.sparseGlobalPointerCrossentropyLoss({threshold}));
    const got = results({}, at1).value;
    kernels.setFused(false);
    await expectClose(got, results({}, at1).value);
    expect((await got.data())[0]).not.toBeCloseTo((await results({}, at0).value.data())[0], 3);
  });

  test('in a model: predicts scores, learns, and leaves nothing behind', async () => {
    const tokens = input({shape: [null, 6]});
    const hidden = layers.dense({units: 6}).apply(tokens) as SymbolicTensor;
    const head = ours.efficientGlobalPointer({heads: 3, headSize: 4});
    const network = model({inputs: tokens, outputs: head.apply(hidden) as SymbolicTensor});
    network.compile({
      optimizer: tf.train.adam(0.05),
      loss: losses.sparseGlobalPointerCrossentropyLoss({maskZero: false}),
    });
    network.setWeights(network.getWeights().map((weight, i) => normal(weight.shape, 2 + i, 0.3)));
    const [x, y] = [normal([2, LENGTH, 6], 1), spanLabels(SPANS, {heads: 3, maskZero: false})];
    const first = (await network.trainOnBatch(x, y)) as number;
    const before = tf.memory().numTensors;
    let last = first;
    for (let step = 0; step < 20; step++) last = (await network.trainOnBatch(x, y)) as number;
    expect(tf.memory().numTensors).toBe(before);
    expect(last).toBeLessThan(0.7 * first);
    expect(tf.tidy(() => (network.predict(x) as tf.Tensor).shape)).toEqual([2, 3, LENGTH, LENGTH]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('a GlobalPointer under losses of lists', () => {
  testOn('webgpu')('is trained by queries and keys, to the same numbers', async () => {
    const loss = losses.globalPointerCrossentropyLoss({threshold: 0.5});
    const of = () => results({}, loss, undefined, spanList(SPANS), ours.globalPointer);
    const joined = of();
    const taken = kernels.report().find(({op}) => op === 'AddonsSpanCrossentropyGradient');
    expect(taken?.path).toBe('fused');
    kernels.setFused(false);
    const dense = of();
    await expectClose(joined.value, dense.value);
    const wanted = Object.values(dense.grads);
    for (const [i, gradient] of Object.values(joined.grads).entries()) await expectGradientClose(gradient, wanted[i]);
  });
});

describe('labels on impossible cells, in the padding or before their start', () => {
  const impossible = [
    [{head: 0, start: 9, end: 2}],
    [
      {head: 2, start: 60, end: 62},
      {head: 1, start: 3, end: 63},
    ],
  ];
  const batch = SPANS.map((spans, i) => [...spans, ...impossible[i]]);
  const dense = (batch: (typeof SPANS)[number][]): tf.Tensor => {
    const cells = tf.buffer([2, 3, LENGTH, LENGTH]);
    for (const [b, spans] of batch.entries()) for (const {head, start, end} of spans) cells.set(1, b, head, start, end);
    return cells.toTensor();
  };
  const ofTypes = (batch: (typeof SPANS)[number][]) => spanLabels(batch, {heads: 3, maskZero: false});

  test.each([
    ['efficientGlobalPointer', ours.efficientGlobalPointer],
    ['globalPointer', ours.globalPointer],
  ] as const)('cost nothing, whichever way the loss of %s goes', async (_, make) => {
    const loss = losses.globalPointerCrossentropyLoss({reduction: 'mean'});
    const run = (labels: tf.Tensor) => results({}, loss, undefined, labels, make);
    const want = run(ofTypes(SPANS));
    for (const isFused of [true, false]) {
      kernels.setFused(isFused);
      for (const labels of [ofTypes(batch), spanList(batch), dense(batch)]) {
        const got = run(labels);
        await expectClose(got.value, want.value);
        const wanted = Object.values(want.grads);
        for (const [i, grad] of Object.values(got.grads).entries()) await expectGradientClose(grad, wanted[i]);
      }
    }
  });
});
