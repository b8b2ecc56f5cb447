import * as tf from '@tensorflow/tfjs-core';

import type {MixedChunkInputs, MixedChunkSettings} from './options.js';
import {chunkWeights} from './reference.js';

/** What token-by-token mixed chunk attention remembers: at most one chunk, and sums of constant size. */
export type MixedChunkState = {
  /** Tokens seen. */
  position: number;
  /** `Σ k'_j v_jᵀ` of the finished chunks, `[B, S, E]`. */
  sums: tf.Tensor3D;
  /** Keys and values of the chunk that is not finished, `[B, p, S]` and `[B, p, E]`; absent between chunks. */
  chunk?: {quadKey: tf.Tensor3D; linearKey: tf.Tensor3D; value: tf.Tensor3D};
};

/**
 * The output of causal `mixedChunkAttention` for one more token, `[B, 1, …]`, and the state for the next one.
 *
 * @param bias Row p of the chunk's bias, `[1, p + 1]`, for the token at place p of its chunk.
 */
export function mixedChunkStep(
  inputs: MixedChunkInputs<tf.Tensor3D>,
  settings: Required<MixedChunkSettings>,
  state: MixedChunkState | undefined,
  bias: tf.Tensor | undefined,
): {output: tf.Tensor3D; state: MixedChunkState} {
  const {quadQuery, linearQuery, value} = inputs;
  const {chunkSize, divisor} = settings;
  const [batch, , size] = quadQuery.shape;
  const {position = 0, sums = tf.zeros([batch, size, value.shape[2]]) as tf.Tensor3D, chunk} = state ?? {};
  const [quadKey, linearKey, values] = (['quadKey', 'linearKey', 'value'] as const).map(name =>
    chunk === undefined ? tf.clone(inputs[name]) : tf.concat([chunk[name], inputs[name]], 1),
  );
  const place = position % chunkSize;
  const quadratic = tf.matMul(chunkWeights(quadQuery, quadKey, settings, bias), values);
  const count = divisor === 'chunk' ? chunkSize : Math.max(1, position - place);
  const output = tf.add(quadratic, tf.div(tf.matMul(linearQuery, sums), count)) as tf.Tensor3D;
  const isFull = place + 1 === chunkSize;
  const next = (isFull ? tf.add(sums, tf.matMul(linearKey, values, true, false)) : tf.clone(sums)) as tf.Tensor3D;
  return {
    output,
    state: {position: position + 1, sums: next, chunk: isFull ? undefined : {quadKey, linearKey, value: values}},
  };
}
