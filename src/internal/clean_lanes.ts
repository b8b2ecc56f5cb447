import * as tf from '@tensorflow/tfjs-core';

/**
 * `x`, fit for a matrix product on webgl. A texel holds 2 × 2 entries; beside an odd width its outer lanes hold what
 * elementwise ops made of 0, such as 1 after elu + 1, and the product adds them in. Division zeroes them.
 */
export function withCleanLanes<T extends tf.Tensor>(x: T): T {
  return tf.getBackend() === 'webgl' ? tf.div(x, 1) : x;
}
