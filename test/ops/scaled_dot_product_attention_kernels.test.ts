import {describe, expect} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {report, setFused} from '../../src/kernels.js';
import {type ScaledDotProductAttentionOptions, scaledDotProductAttention} from '../../src/ops/index.js';
import {
  SCALED_DOT_PRODUCT_ATTENTION,
  SCALED_DOT_PRODUCT_ATTENTION_GRADIENT,
} from '../../src/ops/scaled_dot_product_attention/name.js';
import {testOn} from '../support/backend.js';
import {expectTensorsKept, normal} from '../support/expect.js';
import {expectFused} from '../support/fused.js';
import {allocationsOf, withHiddenMemory} from '../support/wasm_memory.js';

type Options = Omit<ScaledDotProductAttentionOptions, 'bias'>;

interface Case extends Options {
  /** Of q, and the keys and channels of v. */
  q: number[];
  keys: number;
  channels: number;
  allowed?: tf.Tensor;
  bias?: tf.Tensor;
}

/** Output and gradients of q, k, v and the float bias. */
function run({q: shape, keys, channels, allowed, bias, ...options}: Case): tf.Tensor[] {
  const lead = shape.slice(0, -2);
  const inputs = [
    normal(shape as [number], 1),
    normal([...lead, keys, shape[shape.length - 1]] as never, 2),
    normal([...lead, keys, channels] as never, 3),
    ...(bias === undefined ? [] : [bias]),
  ];
  const cotangent = normal([...shape.slice(0, -1), channels] as never, 4);
  const attention = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, ...floats: tf.Tensor[]) =>
    scaledDotProductAttention(q, k, v, {...options, bias: allowed === undefined ? floats : [...floats, allowed]});
  return tf.tidy(() => {
    const [q, k, v, ...floats] = inputs;
    const output = attention(q, k, v, ...floats);
    const differentiable = floats.filter(({dtype}) => dtype === 'float32');
    const rest = floats.filter(({dtype}) => dtype !== 'float32');
    const gradients = tf.grads((...[q, k, v, ...floats]: tf.Tensor[]) => attention(q, k, v, ...floats, ...rest))(
      [q, k, v, ...differentiable],
      cotangent,
    );
    return [output, ...gradients];
  });
}

/**
 * Largest difference from composed ops, of the output and of each gradient, relative to its largest number if above 1.
 */
async function differences(given: Case): Promise<number[]> {
  await poisonBuffers(given);
  const fused = run(given);
  expectFused(SCALED_DOT_PRODUCT_ATTENTION);
  expectFused(SCALED_DOT_PRODUCT_ATTENTION_GRADIENT);
  setFused(false);
  try {
    const composed = run(given);
    return await Promise.all(fused.map((x, n) => largestDifference(x, composed[n])));
  } finally {
    setFused(true);
  }
}

async function largestDifference(x: tf.Tensor, y: tf.Tensor): Promise<number> {
  expect(x.shape).toEqual(y.shape);
  const [got, want] = [await x.data(), await y.data()];
  let [largest, unit] = [0, 1];
  for (let i = 0; i < want.length; i++) {
    const difference = Math.abs(got[i] - want[i]);
    if (!(difference <= largest)) largest = difference; // NaN stays
    unit = Math.max(unit, Math.abs(want[i]));
  }
  return largest / unit;
}

/** Leaves NaN in the buffers that outputs, gradients and the numbers of rows will get. */
async function poisonBuffers({q, keys, channels, mask, bias}: Case): Promise<void> {
  const rows = q.slice(0, -1).reduce((product, size) => product * size, 1);
  const groups = rows / q[q.length - 2];
  const width = q[q.length - 1];
  const numbers = 4 * rows + (mask === undefined ? 0 : mask.size);
  const sizes = [rows * width, groups * keys * width, groups * keys * channels, rows * channels, rows, numbers];
  const poison = [...sizes, bias?.size ?? 1, rows, groups * keys].map(size => tf.fill([size], Number.NaN));
  await Promise.all(poison.map(x => x.data()));
  tf.dispose(poison);
}

const bools = (shape: number[], seed: number): tf.Tensor =>
  tf.tidy(() => tf.greater(normal(shape as never, seed), -0.5));

/** Two tokens of the first sample and all of the last one are padding. */
const padding = (samples: number, keys: number): tf.Tensor2D =>
  tf.tensor2d(
    Array.from({length: samples * keys}, (_, at) => (at >= 2 && at < (samples - 1) * keys ? 1 : 0)),
    [samples, keys],
    'int32',
  );

const CASES: Record<string, () => Case> = {
  'whole vectors, several tiles': () => ({q: [1, 2, 67, 8], keys: 70, channels: 12}),
  'odd sizes, every mask, bias of cells': () => ({
    ...{q: [3, 2, 5, 7], keys: 19, channels: 3, causal: true, normalization: 'softmaxPlus'},
    ...{mask: padding(3, 19), allowed: bools([5, 19], 5), bias: normal([2, 5, 19], 6)},
  }),
  'relu² with every mask, bias of columns': () => ({
    ...{q: [3, 2, 6, 4], keys: 9, channels: 4, causal: true, normalization: 'squaredRelu'},
    ...{mask: padding(3, 9), allowed: bools([3, 1, 6, 9], 5), bias: normal([3, 1, 1, 9], 6)},
  }),
  'more queries than keys, bias of rows': () => ({
    ...{q: [1, 2, 9, 4], keys: 5, channels: 4, causal: true, bias: normal([9, 1], 6)},
  }),
  'one query, mask of floats, integer bias': () => ({
    ...{q: [2, 1, 1, 4], keys: 3, channels: 2, mask: tf.tensor2d([0.5, 0, 1, 0, 0, 0], [2, 3])},
    ...{normalization: 'softmaxPlus', minLength: 1, lengthBase: 4, bias: tf.tensor1d([1, 0, 2], 'int32')},
  }),
  'heads and values of 256': () => ({q: [1, 1, 5, 256], keys: 9, channels: 256, causal: true}),
  'tall values of one head, in pieces': () => ({
    ...{q: [2, 10, 8], keys: 10, channels: 301, normalization: 'squaredRelu', mask: padding(2, 10)},
    ...{lengthNorm: 6, bias: normal([10], 6)},
  }),
  dropout: () => ({
    ...{q: [2, 2, 20, 4], keys: 20, channels: 4, causal: true},
    ...{dropoutRate: 0.3, seed: 7, training: true},
  }),
  'dropout of relu²': () => ({
    ...{q: [2, 20, 4], keys: 20, channels: 4, normalization: 'squaredRelu'},
    ...{dropoutRate: 0.3, seed: 7, training: true},
  }),
};

/** `test` where a kernel makes no scores. */
const onKernels = testOn('webgpu', 'wasm', 'cpu');

describe('attention without scores', () => {
  onKernels.each(Object.keys(CASES))('equals composed ops: %s', async name => {
    const [output, ...gradients] = await differences(CASES[name]());
    expect(output).toBeLessThanOrEqual(2e-6);
    for (const gradient of gradients) expect(gradient).toBeLessThanOrEqual(5e-6);
  });

  onKernels('equals composed ops at 1024 keys', async () => {
    const found = await differences({q: [1, 1, 20, 8], keys: 1024, channels: 8});
    expect(Math.max(...found)).toBeLessThan(1e-5);
  });

  onKernels('one pipeline serves every length', async () => {
    for (const length of [3, 65, 130, 17, 64, 1]) {
      const given: Case = {q: [1, 2, length, 4], keys: length, channels: 4, causal: true, mask: padding(1, length)};
      const found = await differences({...given, mask: length < 3 ? undefined : given.mask});
      expect(Math.max(...found)).toBeLessThan(5e-6);
    }
  });

  testOn('webgpu')('makes nothing but results and four numbers a row, the same bits each time', async () => {
    const drops = {dropoutRate: 0.1, seed: 1, training: true};
    const given: Case = {q: [1, 2, 96, 8], keys: 96, channels: 8, causal: true, ...drops};
    const first = run(given);
    const {bufferManager} = tf.backend() as unknown as {bufferManager: {acquireBuffer(size: number): unknown}};
    const sizes: number[] = [];
    const acquire = bufferManager.acquireBuffer;
    bufferManager.acquireBuffer = function (this: unknown, ...args) {
      sizes.push(args[0]);
      return acquire.apply(bufferManager, args);
    };
    const second = run(given);
    bufferManager.acquireBuffer = acquire;
    expect(Math.max(...sizes)).toBeLessThan(96 * 96 * 4);
    const [bits, again] = [first, second].map(results => Promise.all(results.map(x => x.data())));
    expect(await again).toEqual(await bits);
  });

  testOn('webgpu')('says why it composes', () => {
    const q = normal([1, 1, 2, 257], 1);
    scaledDotProductAttention(q, q, q);
    const entry = report().find(({op}) => op === SCALED_DOT_PRODUCT_ATTENTION);
    expect(entry).toMatchObject({path: 'composed', reason: 'heads wider than 256'});
  });

  testOn('wasm')('allocates nothing of the size of the scores, and keeps nothing', () => {
    const length = 512;
    const given: Case = {q: [1, 1, length, 4], keys: length, channels: 4, causal: true, mask: padding(1, length)};
    const made = allocationsOf(() => tf.dispose(run(given)));
    expect(Math.max(...made)).toBeLessThan((length * length * 4) / 2);
    expectTensorsKept(0, () => tf.tidy(() => void run(given)));
  });

  testOn('wasm')('composes where the memory of tfjs is hidden, and says so', async () => {
    const given: Case = {q: [1, 2, 5, 4], keys: 5, channels: 4, causal: true};
    const fused = run(given);
    const composed = withHiddenMemory(() => run(given));
    const entry = report().find(({op}) => op === SCALED_DOT_PRODUCT_ATTENTION);
    expect(entry).toMatchObject({path: 'composed', reason: 'the memory of the backend is hidden'});
    for (const [n, x] of fused.entries()) expect(await largestDifference(x, composed[n])).toBeLessThan(5e-6);
  });

  testOn('wasm')('runs while the heap grows', async () => {
    const {wasm} = tf.backend() as unknown as {wasm: {HEAPU8: Uint8Array}};
    const before = wasm.HEAPU8.byteLength;
    const given: Case = {q: [1, 8, 32, 64], keys: 32, channels: 64, causal: true};
    const want = run(given);
    const kept: tf.Tensor[] = [];
    while (wasm.HEAPU8.byteLength === before) kept.push(...run(given));
    for (const [n, x] of want.entries()) {
      expect(await largestDifference(kept[kept.length - want.length + n], x)).toBe(0);
    }
    tf.dispose(kept);
  });
});
