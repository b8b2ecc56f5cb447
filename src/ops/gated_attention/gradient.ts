import * as tf from '@tensorflow/tfjs-core';

import {type Attended, attend, attentionGradients, contextFor} from '../scaled_dot_product_attention/attend.js';
import {swishGradient} from '../swish/gradient.js';
import {swish} from '../swish/index.js';
import type {GatedAttentionOptions, ScaleOffsetWeights} from './options.js';
import {type GatedParts, gatedParts, turn} from './parts.js';

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
  const {activation} = options;
  return tf.tidy(() => {
    const swished = activation === swish ? swish(hidden) : undefined;
    const {gate, value, z, q, k, attention, turned} = tidyParts(() =>
      gatedParts(swished ?? (activation(hidden) as tf.Tensor3D), units, query, key, options),
    );
    const turnBack = (x: tf.Tensor) => (turned === undefined ? x : turn(x, turned, true));
    const context = contextFor(q, k, value, attention, 'gatedAttention');
    const again = held.length === 0 ? attend(q, k, value, context) : [];
    const attended = (held.length === 0 ? again : held) as Attended;
    const dGate = tf.mul(dy, attended[0]);
    const dOutput = tf.mul(dy, gate);
    gate.dispose();
    const gradients = attentionGradients(q, k, value, context, dOutput, attended);
    tf.dispose([...again, dOutput, value]);

    const [forQuery, forKey] = [
      scaleOffsetGradients(turnBack(gradients.q), z, query),
      scaleOffsetGradients(turnBack(gradients.k), z, key),
    ];
    const dActivated = tf.concat([dGate, gradients.v, tf.add(forQuery.z, forKey.z)], 2);
    tf.dispose([dGate, gradients.v]);
    const dHidden =
      swished === undefined ? tf.grad(activation)(hidden, dActivated) : swishGradient(dActivated, hidden, swished);
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
