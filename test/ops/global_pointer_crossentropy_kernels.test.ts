import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {report, setFused} from '../../src/kernels.js';
import {sparseGlobalPointerCrossentropyLoss} from '../../src/losses/sparse_global_pointer_crossentropy.js';
import {SPAN_CROSSENTROPY, SPAN_CROSSENTROPY_GRADIENT} from '../../src/ops/global_pointer_crossentropy/name.js';
import {
  type GlobalPointerCrossentropyOptions,
  globalPointerScores,
  globalPointerCrossentropy as loss,
  spanLabels,
  spanList,
} from '../../src/ops/index.js';
import {testOn} from '../support/backend.js';
import {expectClose, expectGradientClose, normal} from '../support/expect.js';
import {expectFused} from '../support/fused.js';

type Options = GlobalPointerCrossentropyOptions;

const span = (head: number, start: number, end: number) => ({head, start, end});

/** Two samples; one span is listed twice. */
const SPANS = [
  [span(0, 1, 2), span(1, 1, 2), span(2, 0, 4), span(2, 0, 4)],
  [span(1, 3, 3), span(0, 3, 4)],
];

const factors = (shape: [number, number, number, number], amplitude = 1): [tf.Tensor4D, tf.Tensor4D] => [
  normal<tf.Rank.R4>(shape, 1, amplitude),
  normal<tf.Rank.R4>(shape, 2, amplitude),
];

/** The loss of the whole scores. */
function dense(
  spans: tf.Tensor3D | tf.Tensor4D,
  q: tf.Tensor4D,
  k: tf.Tensor4D,
  {maskZero, reduction, threshold, ...options}: Options,
): tf.Tensor {
  return sparseGlobalPointerCrossentropyLoss({maskZero, reduction, threshold})(
    spans,
    globalPointerScores(q, k, options),
  );
}

async function expectSame(
  spans: tf.Tensor3D | tf.Tensor4D,
  inputs: [tf.Tensor4D, tf.Tensor4D],
  options: Options,
): Promise<void> {
  const total = (run: (q: tf.Tensor4D, k: tf.Tensor4D) => tf.Tensor) =>
    tf.valueAndGrads((q, k) => tf.sum(run(q as tf.Tensor4D, k as tf.Tensor4D)))(inputs);
  const got = total((q, k) => loss(spans, q, k, options));
  const want = total((q, k) => dense(spans, q, k, options));
  await expectClose(got.value, want.value);
  for (const [i, gradient] of got.grads.entries()) await expectGradientClose(gradient, want.grads[i]);
}

describe('globalPointerCrossentropy, streamed where it can be', () => {
  test.each([0.5, 3, 10])('equals the loss of the whole scores, amplitude %d', async amplitude => {
    await expectSame(spanLabels(SPANS, {heads: 3}), factors([2, 3, 5, 4], amplitude), {});
  });

  test('with padding, all cells, the span (0, 0), a threshold, lists and another scale and reduction', async () => {
    const mask = tf.tensor2d([1, 1, 1, 1, 1, 1, 1, 1, 1, 0], [2, 5], 'int32');
    const possible = [SPANS[0], [span(1, 3, 3)]];
    const options = {scale: 0.3, threshold: 0.4};
    await expectSame(spanList(possible), factors([2, 3, 5, 4]), {
      ...{...options, mask, maskZero: false, reduction: 'none'},
    });
    const pairs = spanLabels([[span(0, 3, 1), span(1, 0, 0)], []], {heads: 3, maskZero: false});
    await expectSame(pairs, factors([2, 3, 5, 4]), {trilMask: false, maskZero: false, reduction: 'mean'});
  });

  test('leaves out labels on impossible cells', async () => {
    const [q, k] = factors([1, 2, 5, 4]);
    const mask = tf.tensor2d([1, 1, 1, 1, 0], [1, 5]);
    const odd = spanLabels([[span(0, 1, 2), span(0, 3, 4), span(1, 2, 1)]], {heads: 2});
    const clean = spanLabels([[span(0, 1, 2)]], {heads: 2});
    await expectClose(loss(odd, q, k, {mask}), loss(clean, q, k, {mask}));
  });

  test('second-order gradients are those of the whole scores', async () => {
    const [q, k] = factors([1, 2, 4, 2]);
    const spans = spanLabels([[span(0, 1, 2)]], {heads: 2});
    const second = (run: (q: tf.Tensor4D) => tf.Tensor) =>
      tf.grad(x => tf.sum(tf.square(tf.grad(x => run(x as tf.Tensor4D))(x))))(q);
    await expectGradientClose(
      second(q => loss(spans, q, k)),
      second(q => dense(spans, q, k, {})),
    );
  });
});

describe('without scores', () => {
  const many = (samples: number, heads: number, length: number) =>
    Array.from({length: samples}, (_, b) =>
      Array.from({length: 6 * heads}, (_, n) => {
        const start = (n * 37 + b * 11) % length;
        return span(n % heads, start, Math.min(length - 1, start + ((n * 53) % 300)));
      }),
    );

  testOn('webgpu', 'wasm', 'cpu').each<[string, [number, number, number, number], Options]>([
    ['several blocks and columns', [1, 2, 300, 8], {}],
    ['odd width, no triangle', [2, 2, 67, 5], {trilMask: false, maskZero: false}],
    ['wide heads', [1, 1, 20, 250], {scale: 0.1}],
    ['one token', [1, 1, 1, 4], {maskZero: false}],
  ])('equals composed ops: %s', async (_, shape, options) => {
    const [samples, heads, length] = shape;
    const mask = tf.tensor2d(
      Array.from({length: samples * length}, (_, at) => (at % length < length - 2 || length < 3 ? 1 : 0)),
      [samples, length],
      'bool',
    );
    const spans = spanLabels(many(samples, heads, length), {heads, maskZero: false});
    const inputs = factors(shape);
    const poison = [inputs[0].size, samples * heads, 2 * samples * heads, 4 * samples * heads].map(size =>
      tf.fill([size], Number.NaN),
    );
    await Promise.all(poison.map(x => x.data()));
    tf.dispose(poison);
    const run = () =>
      tf.valueAndGrads((q, k) => loss(spans, q as tf.Tensor4D, k as tf.Tensor4D, {...options, mask}))(inputs);
    const fused = run();
    expectFused(SPAN_CROSSENTROPY);
    expectFused(SPAN_CROSSENTROPY_GRADIENT);
    setFused(false);
    try {
      const composed = run();
      await expectClose(fused.value, composed.value);
      for (const [i, gradient] of fused.grads.entries()) await expectClose(gradient, composed.grads[i]);
    } finally {
      setFused(true);
    }
  });

  testOn('webgpu')('says why it composes', () => {
    const [q, k] = factors([1, 1, 2, 257]);
    loss(spanLabels([[]], {heads: 1}), q, k);
    const entry = report().find(({op}) => op === SPAN_CROSSENTROPY);
    expect(entry?.path).toBe('composed');
  });
});
