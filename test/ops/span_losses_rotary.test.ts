import {afterEach, describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {report, setFused} from '../../src/kernels.js';
import {SPAN_CROSSENTROPY} from '../../src/ops/global_pointer_crossentropy/name.js';
import {
  efficientGlobalPointerCrossentropy,
  type GlobalPointerCrossentropyOptions,
  globalPointerCrossentropy,
  rotaryEmbedding,
  spanList,
} from '../../src/ops/index.js';
import {ROTARY_EMBEDDING} from '../../src/ops/rotary_embedding/name.js';
import {testOn} from '../support/backend.js';
import {expectClose, expectGradientClose, normal} from '../support/expect.js';

/** Samples, types, tokens, channels. */
type Sizes = [number, number, number, number];
type Options = GlobalPointerCrossentropyOptions;
type Loss = (...inputs: tf.Tensor[]) => tf.Tensor;

/** The first token of the first sample is padding. */
const maskOf = ([samples, , length]: Sizes): tf.Tensor =>
  tf.reshape(tf.greater(tf.range(0, samples * length), 0), [samples, length]);

const labelsOf = ([samples, heads, length]: Sizes) =>
  spanList(
    Array.from({length: samples}, (_, b) =>
      Array.from({length: 2 * heads}, (_, n) => ({
        head: n % heads,
        start: (3 * n) % length,
        end: (5 * n + b) % length,
      })),
    ),
  );

const HEADS = {
  full: (sizes: Sizes) => ({
    inputs: [1, 2].map(seed => normal(sizes, seed)) as tf.Tensor[],
    loss: ([q, k]: tf.Tensor[], options: Options) =>
      globalPointerCrossentropy(labelsOf(sizes), q as tf.Tensor4D, k as tf.Tensor4D, options),
  }),
  efficient: (sizes: Sizes) => {
    const [samples, heads, length, width] = sizes;
    return {
      inputs: [width, width, 2 * heads].map((size, i) => normal([samples, length, size], 1 + i)) as tf.Tensor[],
      loss: ([q, k, bias]: tf.Tensor[], options: Options) =>
        efficientGlobalPointerCrossentropy(
          labelsOf(sizes),
          q as tf.Tensor3D,
          k as tf.Tensor3D,
          bias as tf.Tensor3D,
          options,
        ),
    };
  },
};

/** The loss with `rotary`, and that of queries and keys that are rotated before. */
function bothWays(head: keyof typeof HEADS, sizes: Sizes, {rotary, ...rest}: Options): [tf.Tensor[], Loss, Loss] {
  const {inputs, loss} = HEADS[head](sizes);
  return [
    inputs,
    (...x) => loss(x, {...rest, rotary}),
    (...[q, k, ...bias]) => loss([rotaryEmbedding(q, rotary), rotaryEmbedding(k, rotary), ...bias], rest),
  ];
}

const ids = (shape: number[]): tf.Tensor =>
  tf.cast(tf.floor(tf.mul(tf.abs(normal(shape as never, 9)), 200)), 'int32') as tf.Tensor;

const reasonOf = (op: string) => report().find(entry => entry.op === op)!.reason;

afterEach(() => setFused(true));

describe('rotary in losses of spans', () => {
  test.each<[string, keyof typeof HEADS, Sizes, () => Options]>([
    ['two tiles, mask', 'full', [2, 3, 67, 8], () => ({rotary: {}, mask: maskOf([2, 3, 67, 8])})],
    ['six channels, all cells', 'full', [1, 2, 19, 6], () => ({rotary: {base: 50}, trilMask: false, maskZero: false})],
    ['half-split', 'full', [2, 1, 11, 12], () => ({rotary: {layout: 'half'}, threshold: 0.3})],
    ['half-split by vectors', 'full', [1, 1, 66, 16], () => ({rotary: {layout: 'half', base: 50}, scale: 0.7})],
    [
      'ids of each sample, mask',
      'full',
      [3, 2, 7, 4],
      () => ({rotary: {positions: ids([3, 7])}, mask: maskOf([3, 2, 7, 4])}),
    ],
    ['ids of all samples', 'full', [2, 3, 5, 10], () => ({rotary: {positions: ids([5]), layout: 'half'}})],
    ['one token', 'full', [2, 3, 1, 4], () => ({rotary: {positions: ids([2, 1])}, maskZero: false})],
    ['efficient', 'efficient', [2, 3, 11, 6], () => ({rotary: {layout: 'half'}, mask: maskOf([2, 3, 11, 6])})],
  ])('%s, %s, %j: those of rotated queries and keys', async (_, head, sizes, options) => {
    const [inputs, onLoad, before] = bothWays(head, sizes, {...options(), reduction: 'none'});
    const dy = normal(sizes.slice(0, 2) as [number, number], 7);
    const run = (loss: Loss) => [loss(...inputs), ...tf.grads(loss)(inputs, dy)];
    const [loss, ...gradients] = run(onLoad);
    if (tf.getBackend() === 'webgpu' && head === 'full') {
      expect(reasonOf(SPAN_CROSSENTROPY)).toMatch('q and k rotated on load');
    }
    setFused(false);
    const [wanted, ...slopes] = run(before);
    await expectClose(loss, wanted);
    for (const [i, gradient] of gradients.entries()) await expectGradientClose(gradient, slopes[i]);
  });

  testOn('webgpu')('takes no dispatch of its own, forward and backward, and the same bits each time', async () => {
    const [inputs, onLoad] = bothWays('full', [1, 2, 70, 8], {rotary: {positions: ids([1, 70])}});
    const gradients: Float32Array[][] = [];
    const run = async () => {
      const all = tf.grads(onLoad)(inputs);
      gradients.push(await Promise.all(all.map(x => x.data() as Promise<Float32Array>)));
    };
    const {kernelNames} = await tf.profile(() => tf.grads(onLoad)(inputs));
    expect(kernelNames).toContain(SPAN_CROSSENTROPY);
    expect(kernelNames).not.toContain(ROTARY_EMBEDDING);
    expect(reasonOf(ROTARY_EMBEDDING)).toMatch('as it loads them');
    await run();
    await run();
    expect(gradients[0]).toEqual(gradients[1]);
  });

  test('its gradient has a gradient', async () => {
    const [[q, k], onLoad, before] = bothWays('full', [1, 2, 5, 4], {rotary: {}});
    const second = (loss: Loss) =>
      tf.grad((q: tf.Tensor) => tf.sum(tf.square(tf.grad((q: tf.Tensor) => loss(q, k))(q))))(q);
    await expectGradientClose(second(onLoad), second(before));
  });
});
