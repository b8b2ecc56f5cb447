import {afterEach, describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {factorsOf} from '../../src/internal/span_factors.js';
import {report, setFused} from '../../src/kernels.js';
import {efficientGlobalPointer, globalPointer} from '../../src/layers/index.js';
import {sparseGlobalPointerCrossentropyLoss} from '../../src/losses/index.js';
import {SPAN_CROSSENTROPY} from '../../src/ops/global_pointer_crossentropy/name.js';
import {SPAN_SCORES} from '../../src/ops/global_pointer_scores/name.js';
import {
  efficientGlobalPointerScores,
  globalPointerScores,
  rotaryEmbedding,
  type SpanScoreOptions,
} from '../../src/ops/index.js';
import {ROTARY_EMBEDDING} from '../../src/ops/rotary_embedding/name.js';
import {testOn} from '../support/backend.js';
import {expectClose, expectGradientClose, normal} from '../support/expect.js';

/** Samples, types, tokens, channels. */
type Sizes = [number, number, number, number];

/** Two tokens of the first sample are padding. */
const maskOf = ([samples, , length]: Sizes): tf.Tensor =>
  tf.reshape(tf.greater(tf.range(0, samples * length), 1), [samples, length]);

const HEADS = {
  full: ([samples, heads, length, width]: Sizes) => ({
    inputs: [1, 2].map(seed => normal([samples, heads, length, width], seed)) as tf.Tensor[],
    score: ([q, k]: tf.Tensor[], options: SpanScoreOptions): tf.Tensor =>
      globalPointerScores(q as tf.Tensor4D, k as tf.Tensor4D, options),
  }),
  efficient: ([samples, heads, length, width]: Sizes) => ({
    inputs: [width, width, 2 * heads].map((size, i) => normal([samples, length, size], 1 + i)) as tf.Tensor[],
    score: ([q, k, bias]: tf.Tensor[], options: SpanScoreOptions): tf.Tensor =>
      efficientGlobalPointerScores(q as tf.Tensor3D, k as tf.Tensor3D, bias as tf.Tensor3D, options),
  }),
};

const entryOf = (op: string) => report().find(entry => entry.op === op)!;

afterEach(() => setFused(true));

describe('rotary in scores of spans', () => {
  test.each<[keyof typeof HEADS, Sizes, SpanScoreOptions, boolean]>([
    ['full', [2, 3, 67, 8], {rotary: {}}, true],
    ['full', [1, 2, 19, 6], {rotary: {base: 50}, trilMask: false, scale: 0.3}, false],
    ['full', [2, 1, 11, 12], {rotary: {layout: 'half', base: 50}}, false],
    ['full', [1, 1, 9, 8], {rotary: {layout: 'half'}, maskValue: -2e4}, true],
    ['full', [2, 1, 1, 4], {rotary: {}}, false],
    ['full', [2, 3, 7, 4], {rotary: {positions: [4, 0, 900, 2, 2, 1, 3]}}, true],
    ['efficient', [2, 3, 67, 8], {rotary: {layout: 'half'}}, true],
    ['efficient', [1, 5, 11, 6], {rotary: {}, trilMask: false}, false],
  ])('%s, %j, %j, padding %j: those of rotated queries and keys', async (head, sizes, options, padded) => {
    const {inputs, score} = HEADS[head](sizes);
    const {rotary, ...rest} = padded ? {...options, mask: maskOf(sizes)} : options;
    const onLoad = (...inputs: tf.Tensor[]) => score(inputs, {...rest, rotary});
    const before = (...[q, k, ...bias]: tf.Tensor[]) =>
      score([rotaryEmbedding(q, rotary), rotaryEmbedding(k, rotary), ...bias], rest);
    const scores = onLoad(...inputs);
    if (tf.getBackend() === 'webgpu') expect(entryOf(SPAN_SCORES).reason).toMatch('q and k rotated on load');
    const dy = normal(scores.shape as never, 7);
    const gradients = tf.grads(onLoad)(inputs, dy);
    setFused(false);
    const wanted = before(...inputs);
    const cells = (x: tf.Tensor) => tf.where(tf.less(wanted, -1e4), tf.zerosLike(x), x);
    await expectClose(cells(scores), cells(wanted)); // the others are so large that they hide these
    await expectClose(scores, wanted);
    const slopes = tf.grads(before)(inputs, dy);
    for (const [i, gradient] of gradients.entries()) await expectGradientClose(gradient, slopes[i]);
  });

  testOn('webgpu').each([globalPointer, efficientGlobalPointer])(
    'a layer rotates on load, Efficient GlobalPointer in training before, and says so',
    async makeLayer => {
      const layer = makeLayer({heads: 2, headSize: 4, trilMask: false}); // blank cells are so large that they hide others
      const x = normal([2, 5, 8], 1);
      const run = (x: tf.Tensor) => layer.apply(x) as tf.Tensor;
      const {kernelNames} = await tf.profile(() => run(x));
      expect(kernelNames).toContain(SPAN_SCORES);
      expect(kernelNames).not.toContain(ROTARY_EMBEDDING);
      expect(entryOf(ROTARY_EMBEDDING).reason).toMatch('which rotates q and k as it loads them');
      const {value, grad} = tf.valueAndGrad(run)(x);
      // Gradients of the scores of a full head rotate q and k for themselves; those of its loss do not, see below.
      const apart = 'in training its loss goes by rotated queries and keys';
      if (makeLayer === efficientGlobalPointer) expect(entryOf(ROTARY_EMBEDDING).reason).toMatch(apart);
      await expectClose(run(x), value);
      expect(grad.shape).toEqual(x.shape);
    },
  );

  testOn('webgpu', 'wasm', 'cpu').each([globalPointer, efficientGlobalPointer])(
    'in training a loss goes by rotated queries and keys of the layer',
    async makeLayer => {
      const layer = makeLayer({heads: 3, headSize: 8});
      const x = normal([1, 150, 8], 1);
      const labels = tf.tensor4d([0, 1, 2, 2, 0, 0, 1, 149, 0, 0, 3, 5], [1, 3, 2, 2], 'int32');
      const crossentropy = sparseGlobalPointerCrossentropyLoss({maskZero: true});
      const known: boolean[] = [];
      const [streamed, ofScores] = [(scores: tf.Tensor) => scores, tf.clone].map(given =>
        tf.valueAndGrad((x: tf.Tensor) => {
          const scores = given(layer.apply(x) as tf.Tensor);
          known.push(factorsOf(scores) !== undefined);
          return tf.sum(crossentropy(labels, scores)) as tf.Scalar;
        })(x),
      );
      expect(known).toEqual([true, false]);
      if (tf.getBackend() === 'webgpu' && makeLayer === globalPointer) {
        expect(entryOf(SPAN_CROSSENTROPY).reason).toMatch('q and k rotated on load');
      }
      await expectClose(streamed.value, ofScores.value);
      await expectGradientClose(streamed.grad, ofScores.grad);
    },
  );

  test('names an odd width', () => {
    const q = tf.zeros([1, 1, 2, 3]) as tf.Tensor4D;
    expect(() => globalPointerScores(q, q, {rotary: {}})).toThrow(
      'globalPointerScores: expected an even number of channels D, received 3. Rotation acts on pairs of channels.',
    );
  });
});
