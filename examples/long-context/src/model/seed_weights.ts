import * as tf from '@tensorflow/tfjs';

import {Random} from '../random.js';

/**
 * Draws again, from a seed, what the layers drew at random: matrices. An initialiser with a seed of its own would give
 * queries and keys of one layer the same weights.
 */
export function seedWeights(model: tf.LayersModel, seed: number): void {
  const random = new Random(seed);
  for (const weight of model.trainableWeights) {
    if (weight.shape.length !== 2 || weight.name.includes('/beta')) continue;
    const [rows, columns] = weight.shape as [number, number];
    const deviation = deviationOf(weight.name, rows);
    const values = Float32Array.from({length: rows * columns}, () => deviation * random.normal());
    tf.tidy(() => {
      weight.write(tf.tensor2d(values, [rows, columns]));
    });
  }
}

/** 1/√inputs for kernels; what FLASH draws its scales and position biases with for the rest. */
function deviationOf(name: string, rows: number): number {
  if (name.includes('kernel')) return 1 / Math.sqrt(rows);
  return name.includes('rel_pos_bias') || name.includes('gamma') ? 0.02 : 1;
}
