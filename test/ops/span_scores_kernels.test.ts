import {afterEach, describe, expect} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {report, setFused} from '../../src/kernels.js';
import {SPAN_SUMS} from '../../src/ops/efficient_global_pointer_scores/name.js';
import {SPAN_SCORES} from '../../src/ops/global_pointer_scores/name.js';
import {efficientGlobalPointerScores, globalPointerScores, type SpanScoreOptions} from '../../src/ops/index.js';
import {testOn} from '../support/backend.js';
import {expectClose, expectGradientClose, normal} from '../support/expect.js';
import {expectFused} from '../support/fused.js';

/** Samples, types, tokens, channels. */
type Sizes = [number, number, number, number];

/** The last token but one of the first sample is padding. */
const maskOf = ([samples, , length]: Sizes): tf.Tensor =>
  tf.reshape(tf.notEqual(tf.range(0, samples * length), length - 2), [samples, length]);

const HEADS = {
  full: ([samples, heads, length, width]: Sizes, options: SpanScoreOptions) => {
    const inputs = [1, 2].map(seed => normal<tf.Rank.R4>([samples, heads, length, width], seed));
    return {
      inputs,
      run: (...[q, k]: tf.Tensor[]) => globalPointerScores(q as tf.Tensor4D, k as tf.Tensor4D, options),
    };
  },
  efficient: ([samples, heads, length, width]: Sizes, options: SpanScoreOptions) => {
    const inputs = [width, width, 2 * heads].map((size, i) => normal<tf.Rank.R3>([samples, length, size], 1 + i));
    const run = (...[q, k, bias]: tf.Tensor[]) =>
      efficientGlobalPointerScores(q as tf.Tensor3D, k as tf.Tensor3D, bias as tf.Tensor3D, options);
    return {inputs, run};
  },
};

afterEach(() => setFused(true));

describe('kernels of the scores of spans', () => {
  const equalComposedOps = async (
    head: keyof typeof HEADS,
    sizes: Sizes,
    options: SpanScoreOptions,
    padded: boolean,
  ): Promise<void> => {
    const {inputs, run} = HEADS[head](sizes, padded ? {...options, mask: maskOf(sizes)} : options);
    const [samples, heads, length] = sizes;
    const poison = tf.fill([samples * heads * length * length], Number.NaN);
    await poison.data();
    poison.dispose();
    const dy = normal([samples, heads, length, length], 7);
    const results = () => [run(inputs[0], inputs[1], inputs[2]), ...tf.grads(run as never)(inputs, dy)];
    const [scores, ...gradients] = results();
    expectFused(SPAN_SCORES);
    if (head === 'efficient') expectFused(SPAN_SUMS);
    setFused(false);
    const [wantedScores, ...wanted] = results();
    const cells = (x: tf.Tensor) => tf.where(tf.less(wantedScores, -1e4), tf.zerosLike(x), x);
    await expectClose(cells(scores), cells(wantedScores)); // the others are so large that they hide these
    await expectClose(scores, wantedScores);
    for (const [i, gradient] of gradients.entries()) await expectGradientClose(gradient, wanted[i]);
  };
  const title = '%s, %j, %j, padding %j: equal composed ops, in one dispatch';

  testOn('webgpu', 'wasm', 'cpu').each<[keyof typeof HEADS, Sizes, SpanScoreOptions, boolean]>([
    ['full', [2, 3, 70, 8], {}, true],
    ['full', [2, 2, 19, 5], {trilMask: false, scale: 0.3, maskValue: -2e4}, true],
    ['full', [1, 1, 130, 4], {trilMask: false}, false],
    ['full', [2, 1, 1, 250], {}, false],
    ['efficient', [2, 3, 70, 8], {}, true],
    ['efficient', [1, 5, 11, 6], {trilMask: false, scale: 0.3}, false],
    ['efficient', [3, 2, 1, 3], {maskValue: -2e4}, false],
  ])(title, equalComposedOps);

  testOn('wasm', 'cpu').each<[keyof typeof HEADS, Sizes, SpanScoreOptions, boolean]>([
    ['full', [1, 2, 33, 300], {maskValue: Number.NEGATIVE_INFINITY}, true],
    ['efficient', [1, 2, 8, 4], {maskValue: Number.NEGATIVE_INFINITY}, false],
  ])(title, equalComposedOps);

  testOn('webgpu')('takes one dispatch, and composes with an infinite maskValue', async () => {
    const {inputs, run} = HEADS.full([1, 2, 5, 4], {});
    const {kernelNames} = await tf.profile(() => run(inputs[0], inputs[1]));
    expect(kernelNames.filter(name => name !== '')).toEqual([SPAN_SCORES]); // '' is the custom gradient
    globalPointerScores(inputs[0] as tf.Tensor4D, inputs[1] as tf.Tensor4D, {maskValue: Number.NEGATIVE_INFINITY});
    expect(report().find(({op}) => op === SPAN_SCORES)).toMatchObject({
      path: 'composed',
      reason: 'an infinite maskValue',
    });
  });
});
