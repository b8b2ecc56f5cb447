import * as tf from '@tensorflow/tfjs-core';

import {HostRandom} from '../internal/host_random.js';
import {checkOptions} from '../internal/known_options.js';
import {type Batch, checkFloats, samplesOf, tidyBatch} from './batch.js';
import {mixRows} from './mix_rows.js';

export interface SamplePairingArgs {
  /** A seeded run repeats. Default: a random one. */
  seed?: number;
}

/**
 * SamplePairing: the mean of each sample and another one of its batch, with the label of the first,
 *
 *   x̃ = (x + x[π]) / 2,   ỹ = y,   π a random order of the batch.
 *
 * A transform of the batches of a dataset; labels may have any form. The paper trains without it at the start, now and
 * then, and at the end.
 *
 * @returns A function of `{xs, ys}`; `xs` is float32.
 * @throws RangeError for integers and for tensors of different numbers of samples.
 *
 * ```ts
 * const batch = {xs: tf.tensor2d([[1, 2], [3, 4]]), ys: tf.tensor1d([0, 1], 'int32')};
 * tfa.data.samplePairing({seed: 7})(batch); // or dataset.batch(32).map(tfa.data.samplePairing())
 * ```
 *
 * Reference: Inoue 2018, arXiv:1801.02929; Su Jianlin, kexue.fm/archives/5693.
 */
export function samplePairing(options: SamplePairingArgs = {}): <B extends Batch>(batch: B) => B {
  checkOptions(options, {seed: true}, 'samplePairing');
  const {seed} = options;
  const random = new HostRandom(seed);
  return batch => {
    const samples = samplesOf(batch, 'samplePairing');
    checkFloats(batch.xs, 'samplePairing', 'inputs', 'Token ids cannot be mixed: mix their embeddings.');
    return tidyBatch(() => ({...batch, xs: mixRows(batch.xs, tf.tensor1d([0.5]), random.order(samples))}));
  };
}
