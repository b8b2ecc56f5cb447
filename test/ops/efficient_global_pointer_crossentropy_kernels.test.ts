import {afterEach, describe, expect} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {report, setCallsBeforeGraph, setFused} from '../../src/kernels.js';
import {
  FACTORISED_CROSSENTROPY,
  FACTORISED_CROSSENTROPY_GRADIENT,
} from '../../src/ops/efficient_global_pointer_crossentropy/name.js';
import {
  type EfficientGlobalPointerCrossentropyOptions,
  efficientGlobalPointerCrossentropy as loss,
  spanLabels,
  spanList,
} from '../../src/ops/index.js';
import {testOn} from '../support/backend.js';
import {expectClose, normal} from '../support/expect.js';
import {expectFused} from '../support/fused.js';

type Factors = [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];
type Labels = tf.Tensor3D | tf.Tensor4D;
type Options = EfficientGlobalPointerCrossentropyOptions;

interface Sizes {
  samples: number;
  heads: number;
  length: number;
  width: number;
}

/** Spans near and far, backwards ones, cells of several types, and some that are listed twice. */
const manySpans = ({samples, heads, length}: Sizes) =>
  Array.from({length: samples}, (_, b) =>
    Array.from({length: 4 * heads}, (_, n) => ({
      head: (n * 5) % heads,
      start: (Math.floor(n / 3) * 37 + b * 11) % length,
      end: (Math.floor(n / 3) * 53 + 2 * b) % length,
    })),
  );

const LABELS: Record<string, (sizes: Sizes) => Labels> = {
  'by type': sizes => spanLabels(manySpans(sizes), {heads: sizes.heads, maskZero: false}),
  'in a list': sizes => spanList(manySpans(sizes)),
  dense: ({samples, heads, length}) => {
    const degrees = normal<tf.Rank.R4>([samples, heads, length, length], 9);
    return tf.tidy(() => tf.clipByValue(tf.sub(degrees, 2.2), 0, 1));
  },
};

const factors = ({samples, heads, length, width}: Sizes, amplitude = 1): Factors => [
  normal([samples, length, width], 1, amplitude),
  normal([samples, length, width], 2, amplitude),
  normal([samples, length, 2 * heads], 3, amplitude),
];

/** The buffers that kernels get next hold NaN. */
async function poison(sizes: readonly number[]): Promise<void> {
  const tensors = sizes.map(size => tf.fill([size], Number.NaN));
  await Promise.all(tensors.map(tensor => tensor.data()));
  tf.dispose(tensors);
}

async function expectStreamed(labels: Labels, inputs: Factors, options: Options): Promise<void> {
  const run = () =>
    tf.valueAndGrads((q, k, bias) => tf.sum(loss(labels, ...([q, k, bias] as Factors), options)))(inputs);
  const fused = run();
  expectFused(FACTORISED_CROSSENTROPY);
  expectFused(FACTORISED_CROSSENTROPY_GRADIENT);
  setFused(false);
  const composed = run();
  await expectClose(fused.value, composed.value);
  for (const [i, gradient] of fused.grads.entries()) await expectClose(gradient, composed.grads[i]);
}

afterEach(() => setFused(true));

describe('kernels of efficientGlobalPointerCrossentropy', () => {
  const equalsComposedOps = async (form: string, sizes: Sizes, options: Options): Promise<void> => {
    const {samples, heads, length} = sizes;
    const inputs = factors(sizes);
    const kept = (at: number) => (at % length < length - (at < length ? 2 : 0) ? 1 : 0);
    const mask = tf.tensor2d(
      Array.from({length: samples * length}, (_, at) => kept(at)),
      [samples, length],
      'bool',
    );
    const blocks = 4 * samples * heads * Math.ceil(length / 64);
    await poison([blocks, samples * heads, 2 * samples * heads, ...inputs.map(({size}) => size)]);
    await expectStreamed(LABELS[form](sizes), inputs, samples > 1 && length > 1 ? {...options, mask} : options);
  };
  const title = 'equals composed ops, labels %s, %j, %j';

  testOn('webgpu', 'wasm', 'cpu', 'tensorflow').each<[string, Sizes, Options]>([
    ['by type', {samples: 2, heads: 3, length: 70, width: 6}, {}],
    ['in a list', {samples: 2, heads: 3, length: 70, width: 8}, {trilMask: false, maskZero: false}],
    ['by type', {samples: 1, heads: 19, length: 11, width: 7}, {scale: 0.7, threshold: -0.4, reduction: 'mean'}],
    ['in a list', {samples: 1, heads: 2, length: 300, width: 4}, {}],
    ['by type', {samples: 1, heads: 1, length: 20, width: 250}, {scale: 0.1}],
    ['in a list', {samples: 3, heads: 2, length: 1, width: 3}, {maskZero: false}],
  ])(title, equalsComposedOps);

  testOn('webgpu').each<[string, Sizes, Options]>([
    ['dense', {samples: 2, heads: 3, length: 19, width: 5}, {threshold: 0.3, reduction: 'none'}],
    ['dense', {samples: 1, heads: 2, length: 65, width: 4}, {trilMask: false, maskZero: false}],
  ])(title, equalsComposedOps);

  /** Value and gradients agree with those of the scores of all types, whose impossible cells are −Infinity. */
  async function expectLossOfScores(sizes: Sizes, inputs: Factors, options: Options = {}): Promise<void> {
    const {samples, heads, length} = sizes;
    const lists = manySpans(sizes);
    const cells = new Float32Array(samples * heads * length ** 2);
    for (const [b, spans] of lists.entries()) {
      for (const {head, start, end} of spans) cells[((b * heads + head) * length + start) * length + end] = 1;
    }
    const dense = tf.tensor4d(cells, [samples, heads, length, length]);
    const run = (labels: Labels) =>
      tf.valueAndGrads((q, k, bias) => loss(labels, ...([q, k, bias] as Factors), options))(inputs);
    const got = run(spanLabels(lists, {heads, maskZero: false}));
    expectFused(FACTORISED_CROSSENTROPY_GRADIENT);
    setFused(false);
    const want = run(dense);
    await expectClose(got.value, want.value);
    for (const [i, gradient] of got.grads.entries()) await expectClose(gradient, want.grads[i]);
  }

  testOn('webgpu', 'wasm', 'cpu').each([
    [12, 12],
    [45, 100],
  ])(
    'is exact where the factors part by more than floats reach, length %d, amplitude %d',
    async (length, amplitude) => {
      const sizes = {samples: 1, heads: 2, length, width: 4};
      await expectLossOfScores(sizes, factors(sizes, amplitude));
    },
  );

  testOn(
    'wasm',
    'cpu',
    'tensorflow',
  )('takes types and tokens that are out of the question', async () => {
    const sizes = {samples: 2, heads: 3, length: 40, width: 4};
    const [q, k, bias] = factors(sizes);
    const far = tf.buffer([2, 40, 6]);
    for (let token = 0; token < 40; token++) far.set(-1e4, 0, token, 2); // ends of a type
    for (let token = 0; token < 39; token++) far.set(-1e4, 1, token, 4); // all but the last one
    far.set(Number.NEGATIVE_INFINITY, 0, 39, 1);
    const mask = tf.tensor2d(
      Array.from({length: 80}, (_, at) => (at < 30 || at === 79 ? 1 : 0)),
      [2, 40],
      'int32',
    );
    far.set(1e4, 0, 35, 0); // of a hidden token
    await expectLossOfScores(sizes, [q, k, tf.add(bias, far.toTensor())], {mask, maskZero: false});
  });

  testOn(
    'wasm',
    'cpu',
    'tensorflow',
  )('no labels, no possible spans', async () => {
    const inputs = factors({samples: 1, heads: 2, length: 9, width: 3});
    const empty = tf.zeros([1, 0, 3], 'int32') as tf.Tensor3D;
    const run = (options: Options) =>
      tf.valueAndGrads((q, k, bias) => loss(empty, ...([q, k, bias] as Factors), options))(inputs);
    const got = run({});
    expectFused(FACTORISED_CROSSENTROPY_GRADIENT);
    const hidden = run({mask: tf.zeros([1, 9], 'bool')});
    await expectClose(hidden.value, 0);
    for (const gradient of hidden.grads) await expectClose(gradient, tf.zerosLike(gradient));
    setFused(false);
    await expectClose(got.value, run({}).value);
  });

  testOn(
    'wasm',
    'cpu',
    'tensorflow',
  )('a type that is ruled out altogether costs nothing', async () => {
    const [q, k, bias] = factors({samples: 1, heads: 2, length: 9, width: 3});
    const ends = tf.mul(tf.ones([1, 9, 4]), [Number.NEGATIVE_INFINITY, 1, 1, 1]); // −∞ − (−∞) is NaN
    const ruledOut = tf.add(bias, tf.sub(ends, 1)) as tf.Tensor3D;
    const run = (labels: Labels) => tf.valueAndGrads((...x) => loss(labels, ...(x as Factors)))([q, k, ruledOut]);
    const got = run(tf.fill<tf.Rank.R3>([1, 1, 3], -1, 'int32'));
    expectFused(FACTORISED_CROSSENTROPY_GRADIENT);
    setFused(false);
    const want = run(tf.zeros<tf.Rank.R4>([1, 2, 9, 9]));
    await expectClose(got.value, want.value);
    for (const [i, gradient] of got.grads.entries()) await expectClose(gradient, want.grads[i]);
  });

  testOn('tensorflow')('is one graph forward and one backward', () => {
    setCallsBeforeGraph(0);
    const sizes = {samples: 2, heads: 3, length: 5, width: 4};
    for (const form of ['by type', 'in a list']) {
      const labels = LABELS[form](sizes);
      tf.grads((q, k, bias) => loss(labels, ...([q, k, bias] as Factors)))(factors(sizes));
      expect(report().find(({op}) => op === 'efficientGlobalPointerCrossentropy')).toMatchObject({
        path: 'fused',
        reason: expect.stringMatching(/^a TensorFlow graph of \d+ and \d+ ops$/),
      });
    }
  });

  testOn('webgpu')('holds nothing of the size of the scores', () => {
    const sizes = {samples: 1, heads: 8, length: 128, width: 4};
    const inputs = factors(sizes);
    const labels = LABELS['in a list'](sizes);
    const {bufferManager} = tf.backend() as unknown as {bufferManager: {numBytesAllocated: number}};
    const before = bufferManager.numBytesAllocated;
    tf.dispose(tf.grads((q, k, bias) => loss(labels, ...([q, k, bias] as Factors)))(inputs));
    expect(bufferManager.numBytesAllocated - before).toBeLessThan(4 * 128 * 128);
  });

  testOn('webgpu')('says why it composes', () => {
    const [q, k, bias] = factors({samples: 1, heads: 1, length: 2, width: 257});
    loss(spanLabels([[]], {heads: 1}), q, k, bias);
    const entry = report().find(({op}) => op === FACTORISED_CROSSENTROPY);
    expect(entry).toMatchObject({path: 'composed', reason: 'heads wider than 256'});
  });
});
