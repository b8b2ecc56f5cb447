import * as tf from '@tensorflow/tfjs-core';

import {rotate} from '../rotary_embedding/index.js';
import {contextOf} from '../scaled_dot_product_attention/context.js';
import {attentionGradients} from '../scaled_dot_product_attention/gradient.js';
import {scaledDotProductAttentionReference} from '../scaled_dot_product_attention/reference.js';
import {swish} from '../swish/index.js';
import type {GatedAttentionOptions, ScaleOffsetWeights} from './options.js';
import {type GatedParts, gatedParts} from './parts.js';

export interface GatedAttentionGradients {
  hidden: tf.Tensor;
  query: {gamma: tf.Tensor; beta?: tf.Tensor};
  key: {gamma: tf.Tensor; beta?: tf.Tensor};
  floatBias?: tf.Tensor;
}

/**
 * The gradients of `gatedAttentionReference`, step by step, each tensor of the width of `hidden` freed as soon as it
 * has been read: autodiff would keep them all to the end.
 *
 *   y = u ⊙ o:   du = dy ⊙ o,   do = dy ⊙ u;   then those of attention, of the rotations and of the activation.
 *
 * @param held What `gatedAttentionForward` held: the attention's output and weights, or nothing.
 */
export function gatedAttentionGradients(
  hidden: tf.Tensor3D,
  units: number,
  query: ScaleOffsetWeights,
  key: ScaleOffsetWeights,
  options: GatedAttentionOptions,
  dy: tf.Tensor,
  held: readonly tf.Tensor[],
): GatedAttentionGradients {
  const {activation, rotary} = options;
  return tf.tidy(() => {
    const sigmoid = activation === swish ? tf.sigmoid(hidden) : undefined;
    const {gate, value, z, q, k, tables} = tidyParts(() => {
      const activated = sigmoid === undefined ? activation(hidden) : tf.mul(hidden, sigmoid);
      return gatedParts(activated as tf.Tensor3D, units, query, key, options);
    });
    const turnBack = (x: tf.Tensor) =>
      tables === undefined ? x : rotate(x, {cos: tables.cos, sin: tf.neg(tables.sin)}, rotary!.layout);

    const context = contextOf(q, k, options, 'gatedAttention');
    const again = held.length === 0 ? scaledDotProductAttentionReference(q, k, value, context) : [];
    const [output, strengths] = held.length === 0 ? again : held;
    const dGate = tf.mul(dy, output);
    const dOutput = tf.mul(dy, gate);
    gate.dispose();
    const gradients = attentionGradients(q, k, value, context, dOutput, {output, strengths});
    tf.dispose([...again, dOutput, value]);

    const [forQuery, forKey] = [
      scaleOffsetGradients(turnBack(gradients.q), z, query),
      scaleOffsetGradients(turnBack(gradients.k), z, key),
    ];
    const dActivated = tf.concat([dGate, gradients.v, tf.add(forQuery.z, forKey.z)], 2);
    tf.dispose([dGate, gradients.v]);
    const dHidden =
      sigmoid === undefined ? tf.grad(activation)(hidden, dActivated) : swishGradient(hidden, sigmoid, dActivated);
    return {hidden: dHidden, query: forQuery.weights, key: forKey.weights, floatBias: gradients.floatBias} as never;
  });
}

const tidyParts = (make: () => GatedParts): GatedParts => tf.tidy(make as never) as never;

function scaleOffsetGradients(dx: tf.Tensor, z: tf.Tensor, {gamma, beta}: ScaleOffsetWeights) {
  const overRows = (x: tf.Tensor) => tf.sum(x, [0, 1]);
  return {
    z: tf.mul(dx, gamma),
    weights: {gamma: overRows(tf.mul(dx, z)), beta: beta === undefined ? undefined : overRows(dx)},
  };
}

/** dx = dy σ (1 + x (1 − σ)). */
function swishGradient(x: tf.Tensor, sigmoid: tf.Tensor, dy: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const slope = tf.tidy(() => tf.add(tf.mul(x, tf.sub(1, sigmoid)), 1));
    return tf.mul(tf.mul(dy, sigmoid), slope);
  });
}
