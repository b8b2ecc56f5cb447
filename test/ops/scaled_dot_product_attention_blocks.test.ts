import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {report} from '../../src/kernels.js';
import {
  attentionWeights,
  type ScaledDotProductAttentionOptions,
  scaledDotProductAttention,
} from '../../src/ops/index.js';
import {attendInBlocks, gradientsInBlocks} from '../../src/ops/scaled_dot_product_attention/blocks.js';
import {contextOf} from '../../src/ops/scaled_dot_product_attention/context.js';
import {
  SCALED_DOT_PRODUCT_ATTENTION,
  SCALED_DOT_PRODUCT_ATTENTION_GRADIENT,
} from '../../src/ops/scaled_dot_product_attention/name.js';
import {scaledDotProductAttentionReference} from '../../src/ops/scaled_dot_product_attention/reference.js';
import {testOn} from '../support/backend.js';
import {expectClose, expectGradientClose, expectTensorsKept, normal} from '../support/expect.js';

interface Case extends Omit<ScaledDotProductAttentionOptions, 'bias'> {
  q: number[];
  keys: number;
  allowed?: tf.Tensor;
  floatBias?: tf.Tensor;
}

const bools = (shape: number[], seed: number): tf.Tensor =>
  tf.tidy(() => tf.greater(normal(shape as never, seed), -0.5));

const mask = () => tf.tensor2d([1, 1, 0, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0], [2, 9], 'int32');

const CASES: Record<string, () => Case> = {
  'nothing hidden': () => ({q: [2, 3, 7, 4], keys: 9}),
  'every mask, bias of cells': () => ({
    ...{q: [2, 3, 9, 4], keys: 9, causal: true, normalization: 'softmaxPlus', mask: mask()},
    ...{allowed: bools([2, 1, 9, 9], 5), floatBias: normal([3, 9, 9], 6)},
  }),
  'bias of columns, allowed rows': () => ({
    ...{q: [2, 3, 7, 4], keys: 9, causal: true, allowed: bools([7, 1], 5), floatBias: normal([3, 1, 9], 6)},
  }),
  'more queries than keys, so that whole blocks see none; bias of rows': () => ({
    ...{q: [2, 11, 4], keys: 5, causal: true, floatBias: normal([2, 11, 1], 6)},
  }),
  'the same of relu², bias of cells': () => ({
    ...{q: [2, 3, 11, 4], keys: 5, causal: true, normalization: 'squaredRelu', floatBias: normal([11, 5], 6)},
  }),
  'one bias for all': () => ({q: [2, 3, 7, 4], keys: 9, floatBias: tf.scalar(0.5)}),
  dropout: () => ({q: [2, 3, 9, 4], keys: 9, causal: true, dropoutRate: 0.3, seed: 7, training: true}),
  'dropout of relu²': () => ({
    ...{q: [2, 9, 4], keys: 9, normalization: 'squaredRelu', mask: mask(), dropoutRate: 0.3, seed: 7, training: true},
  }),
};

/** q, k, v and the gradient of the output. */
function tensorsOf({q, keys}: Case): tf.Tensor[] {
  const lead = q.slice(0, -2);
  const shapes = [q, [...lead, keys, q[q.length - 1]], [...lead, keys, 3], [...q.slice(0, -1), 3]];
  return shapes.map((shape, i) => normal(shape as never, i + 1));
}

describe('attention in blocks of queries', () => {
  describe.each(Object.keys(CASES))('equals all scores at once: %s', name => {
    test.each([1, 2, 3])('%d rows a block', async height => {
      const {allowed, floatBias, q: _, keys: __, ...options} = CASES[name]();
      const given = CASES[name]();
      const [q, k, v, dy] = tensorsOf(given);
      const bias = [allowed, floatBias].filter(x => x !== undefined);
      const attention = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, ...floats: tf.Tensor[]) =>
        scaledDotProductAttention(q, k, v, {...options, bias: [...bias.filter(x => x.dtype === 'bool'), ...floats]});
      const inputs = [q, k, v, ...(floatBias === undefined ? [] : [floatBias])];
      const want = tf.valueAndGrads(attention as never)(inputs, dy);

      const context = contextOf(q, k, {...options, bias}, 'test');
      const output = attendInBlocks(
        ...([q, k, v, context, height] as const),
        (...rows) => scaledDotProductAttentionReference(...rows)[0],
      );
      const gradients = gradientsInBlocks(q, k, v, context, height, dy, output);
      await expectClose(output, want.value);
      for (const [i, key] of (['q', 'k', 'v'] as const).entries())
        await expectGradientClose(gradients[key], want.grads[i]);
      if (floatBias !== undefined) await expectGradientClose(gradients.floatBias!, want.grads[3]);
    });
  });

  testOn('tensorflow')('is chosen by the number of scores, and says so', async () => {
    const reasonsOf = (length: number): string[] => {
      const x = normal([1, length, 2], 1);
      tf.dispose(tf.grad((x: tf.Tensor) => scaledDotProductAttention(x, x, x))(x));
      const entries = report().filter(({op}) => op.startsWith(SCALED_DOT_PRODUCT_ATTENTION));
      return entries.map(({path, reason}) => `${path}: ${reason}`);
    };
    expect(reasonsOf(9)).toContain(`fused: kernel ${SCALED_DOT_PRODUCT_ATTENTION} for tensorflow`);
    const blocks = (op: string) => `fused: kernel ${op} for tensorflow, in blocks of 1024 queries`;
    const both = [SCALED_DOT_PRODUCT_ATTENTION, SCALED_DOT_PRODUCT_ATTENTION_GRADIENT];
    expect(reasonsOf(2900)).toEqual(both.map(blocks));
    const [q, k] = [normal([1, 2900, 2], 1), normal([1, 2900, 2], 2)];
    await expectClose(scaledDotProductAttention(q, k, k), tf.matMul(attentionWeights(q, k), k));
  });

  testOn('tensorflow')('makes tensors of a block at most, and keeps nothing', () => {
    const x = normal([1, 2900, 2], 1);
    const engine = tf.engine() as unknown as {trackTensor(x: tf.Tensor, backend: unknown): void};
    const {trackTensor} = engine;
    let largest = 0;
    engine.trackTensor = function (this: unknown, x, backend) {
      largest = Math.max(largest, x.size);
      trackTensor.call(engine, x, backend);
    };
    expectTensorsKept(1, () => tf.grad((x: tf.Tensor) => scaledDotProductAttention(x, x, x, {causal: true}))(x));
    Reflect.deleteProperty(engine, 'trackTensor');
    expect(largest).toBe(852 * 2900); // the last of three blocks, which sees every key
  });
});
