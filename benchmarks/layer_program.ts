import type * as tf from '@tensorflow/tfjs';

import type {Program} from './benchmark.js';

type Layer = tf.layers.Layer;

/**
 * A layer of this package applied to `x`, or to `[x, x, x]`, with these weights in its own order. Its sources are `x`
 * and the weights.
 */
export function layerProgram(layer: Layer, x: tf.Tensor, weights: tf.Tensor[], times = 1): Program {
  const inputs = times === 1 ? x : Array.from({length: times}, () => x);
  layer.apply(inputs); // builds
  layer.setWeights(weights);
  return {
    run: () => layer.apply(inputs) as tf.Tensor,
    sources: [x, ...layer.trainableWeights.map(weight => weight.read())],
  };
}
