import * as tf from '@tensorflow/tfjs';

import {ALPHABET_SIZE} from '../text/alphabet.js';

/** −log₂ of the probability that the scores `[B, T, alphabet]` give each target: `[B, T]`, in bits. */
export function bitsPerCharacter(scores: tf.Tensor, targets: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    const chosen = tf.mul(tf.logSoftmax(scores), tf.oneHot(targets, ALPHABET_SIZE));
    return tf.mul(tf.sum(chosen, -1), -1 / Math.LN2) as tf.Tensor2D;
  });
}
