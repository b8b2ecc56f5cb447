import * as tf from '@tensorflow/tfjs-core';

import {type Attended, attend, attentionGradients, contextFor} from '../scaled_dot_product_attention/attend.js';
import {swishGradient} from '../swish/gradient.js';
import {holdsParts} from './forward.js';
import type {GatedAttentionOptions, ScaleOffsetWeights} from './options.js';
import {activated, type GatedParts, gatedParts, type ProjectedParts, turn} from './parts.js';

export interface GatedAttentionGradients {
  /** Of the parts of the projection: gate, value and z. */
  parts: tf.Tensor[];
  query: {gamma: tf.Tensor; beta?: tf.Tensor};
  key: {gamma: tf.Tensor; beta?: tf.Tensor};
  floatBias?: tf.Tensor;
}

/**
 * The gradients of `gatedAttentionReference`, step by step, each tensor of the width of the projection freed as soon as
 * it has been read: autodiff would keep them all to the end.
 *
 *   y = u ⊙ o:   du = dy ⊙ o,   do = dy ⊙ u;   then those of attention, of the rotations and of the activation.
 *
 * @param held What `gatedAttentionForward` held.
 */
export function gatedAttentionGradients(
  parts: ProjectedParts,
  query: ScaleOffsetWeights,
  key: ScaleOffsetWeights,
  options: GatedAttentionOptions,
  dy: tf.Tensor,
  held: readonly tf.Tensor[],
): GatedAttentionGradients {
  return tf.tidy(() => {
    const ofParts = holdsParts() ? parts.length : 0;
    const active = (ofParts > 0 ? held.slice(0, ofParts) : activated(parts, options)) as ProjectedParts;
    const attendedBefore = held.slice(ofParts);
    const [gate, value, z] = active;
    const {q, k, attention, turned} = tidyParts(() => gatedParts(active, query, key, options));
    const turnBack = (x: tf.Tensor) => (turned === undefined ? x : turn(x, turned, true));
    const context = contextFor(q, k, value, attention, 'gatedAttention');
    const again = attendedBefore.length === 0 ? attend(q, k, value, context) : [];
    const attended = (again.length === 0 ? attendedBefore : again) as Attended;
    const isGiven = new Set([...parts, ...held]);
    const free = (...spent: tf.Tensor[]) => tf.dispose(spent.filter(x => !isGiven.has(x)));
    const dOutput = tf.mul(dy, gate);
    const dGate = activationGradient(parts[0], gate, tf.mul(dy, attended[0]), options);
    free(gate);
    const gradients = attentionGradients(q, k, value, context, dOutput, attended);
    tf.dispose([...again, dOutput]);
    const dValue = activationGradient(parts[1], value, gradients.v, options);
    free(value);
    const [forQuery, forKey] = [
      scaleOffsetGradients(turnBack(gradients.q), z, query),
      scaleOffsetGradients(turnBack(gradients.k), z, key),
    ];
    const dZ = activationGradient(parts[2], z, tf.add(forQuery.z, forKey.z), options);
    return {
      parts: [dGate, dValue, dZ],
      query: forQuery.weights,
      key: forKey.weights,
      floatBias: gradients.floatBias,
    } as never;
  });
}

/** The gradient of `x`, from its activation and the gradient of that, which is freed. */
function activationGradient(
  x: tf.Tensor,
  active: tf.Tensor,
  dActive: tf.Tensor,
  {activation}: GatedAttentionOptions,
): tf.Tensor {
  if (activation === undefined) return dActive;
  const dx = swishGradient(dActive, x, active);
  dActive.dispose();
  return dx;
}

const tidyParts = (make: () => GatedParts): GatedParts => tf.tidy(make as never) as never;

function scaleOffsetGradients(dx: tf.Tensor, z: tf.Tensor, {gamma, beta}: ScaleOffsetWeights) {
  const overRows = (x: tf.Tensor) => tf.sum(x, [0, 1]);
  return {
    z: tf.mul(dx, gamma),
    weights: {gamma: overRows(tf.mul(dx, z)), beta: beta === undefined ? undefined : overRows(dx)},
  };
}
