import * as tf from '@tensorflow/tfjs-core';

import {check} from '../internal/check.js';
import type {Gaussian} from '../ops/gaussian_divergences/index.js';

/**
 * `divergence` of the normal distributions in `[..., 2N]`: the first half of the last axis means, then log variances.
 */
export function gaussians(
  where: string,
  yTrue: tf.Tensor,
  yPred: tf.Tensor,
  divergence: (truth: Gaussian, prediction: Gaussian) => tf.Tensor,
): tf.Tensor {
  const width = yPred.shape[yPred.rank - 1] ?? 0;
  check(yPred.rank > 0 && width % 2 === 0, where, 'predictions [..., 2N] of means and log variances', yPred);
  check(
    tf.util.arraysEqual(yTrue.shape, yPred.shape),
    where,
    `yTrue and yPred of one shape, yPred of shape [${yPred.shape.join(', ')}]`,
    {shape: yTrue.shape},
  );
  return tf.tidy(() => {
    const [truth, prediction] = [yTrue, yPred].map(x => {
      const [mean, logVar] = tf.split(x, 2, -1);
      return {mean, logVar};
    });
    return divergence(truth, prediction);
  });
}
