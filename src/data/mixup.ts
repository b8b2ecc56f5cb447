import * as tf from '@tensorflow/tfjs-core';

import {checkRange} from '../internal/check.js';
import {HostRandom} from '../internal/host_random.js';
import {checkOptions} from '../internal/known_options.js';
import {type Batch, checkFloats, samplesOf, tidyBatch} from './batch.js';
import {mixRows} from './mix_rows.js';

export interface MixupArgs {
  /** α > 0 of the distribution of λ, Beta(α, α): small ones mix little, 1 is uniform. Default 1. */
  alpha?: number;
  /** Whether each sample has a λ of its own, or all of a batch share one. Default false. */
  perSample?: boolean;
  /** A seeded run repeats. Default: a random one. */
  seed?: number;
}

/**
 * Mixup: each sample of a batch is mixed with another one, and so are their labels,
 *
 *   x̃ = λ x + (1 − λ) x[π],   ỹ = λ y + (1 − λ) y[π],   λ ~ Beta(α, α),   π a random order of the batch.
 *
 * A transform of the batches of a dataset. Labels have to be one-hot or soft, and the loss must take soft ones. Token
 * ids can't be mixed: mix embeddings. Accuracy on mixed batches says nothing.
 *
 * @returns A function of `{xs, ys}`, tensors or several by name, float32; the result has the same shapes.
 * @throws RangeError for integers and for tensors of different numbers of samples.
 *
 * ```ts
 * const batch = {xs: tf.tensor2d([[1, 2], [3, 4]]), ys: tf.tensor2d([[1, 0], [0, 1]])};
 * const {xs, ys} = tfa.data.mixup({alpha: 0.2, seed: 7})(batch); // or dataset.batch(32).map(tfa.data.mixup())
 * ```
 *
 * Reference: Zhang et al. 2018, arXiv:1710.09412; Su Jianlin, kexue.fm/archives/5693.
 */
export function mixup(options: MixupArgs = {}): <B extends Batch>(batch: B) => B {
  checkOptions(options, {alpha: true, perSample: true, seed: true}, 'mixup');
  const {alpha = 1, perSample = false, seed} = options;
  checkRange(alpha, 'mixup', 'alpha', [0, Infinity], {low: true, high: true});
  const random = new HostRandom(seed);
  return batch => {
    const samples = samplesOf(batch, 'mixup');
    checkFloats(batch.xs, 'mixup', 'inputs', 'Token ids cannot be mixed: mix their embeddings.');
    checkFloats(batch.ys, 'mixup', 'labels', 'Use tf.oneHot and a loss that takes soft labels.');
    const shares = Array.from({length: perSample ? samples : 1}, () => random.beta(alpha));
    return tidyBatch(() => {
      const [share, order] = [tf.tensor1d(shares), random.order(samples)];
      return {...batch, xs: mixRows(batch.xs, share, order), ys: mixRows(batch.ys, share, order)};
    });
  };
}
