import * as tf from '@tensorflow/tfjs-core';

import {checkOneOf} from '../internal/check.js';
import {checkOptions} from '../internal/known_options.js';
import {type Batch, mapTensors, samplesOf, type Tensors, tidyBatch} from './batch.js';

const PAIRINGS = ['interleaved', 'halves'] as const;

export interface RDropPairsArgs {
  /** Where the two of a sample are, as in `rDropLoss`: rows 2i and 2i + 1, or i and B + i. Default `interleaved`. */
  pairing?: (typeof PAIRINGS)[number];
}

/**
 * Each sample twice, for `losses.rDrop`: B samples become 2B rows.
 *
 * A transform of the batches of a dataset. It comes after all shuffling, so that pairs stay together.
 *
 * @returns A function of `{xs, ys}`, tensors of any type.
 * @throws RangeError for tensors of different numbers of samples.
 *
 * ```ts
 * const batch = {xs: tf.tensor2d([[1, 2], [3, 4]]), ys: tf.tensor1d([0, 1], 'int32')};
 * tfa.data.rDropPairs()(batch).ys.print(); // 0, 0, 1, 1; or dataset.shuffle(999).batch(32).map(tfa.data.rDropPairs())
 * ```
 *
 * Reference: Liang et al. 2021, arXiv:2106.14448; Su Jianlin, kexue.fm/archives/8496.
 */
export function rDropPairs(options: RDropPairsArgs = {}): <B extends Batch>(batch: B) => B {
  checkOptions(options, {pairing: true}, 'rDropPairs');
  const {pairing = 'interleaved'} = options;
  checkOneOf(pairing, PAIRINGS, 'rDropPairs', 'pairing');
  return batch => {
    const samples = samplesOf(batch, 'rDropPairs');
    const rows = Array.from({length: 2 * samples}, (_, row) => (pairing === 'halves' ? row % samples : row >> 1));
    const twice = (tensors: Tensors): Tensors => mapTensors(tensors, x => tf.gather(x, tf.tensor1d(rows, 'int32')));
    return tidyBatch(() => ({...batch, xs: twice(batch.xs), ys: twice(batch.ys)}));
  };
}
