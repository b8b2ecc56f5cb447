import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

export interface Contestant {
  readonly name: string;
  /** `null` for the softmax of products. */
  readonly margin: number | null;
  head(meanings: number, seed: number): tf.layers.Layer;
  readonly loss: (yTrue: tf.Tensor, yPred: tf.Tensor) => tf.Tensor;
}

/** Margins to try, of AM-Softmax; the first is softmax of cosines without one. */
export function makeContestants(margins: readonly number[], scale: number): Contestant[] {
  return [
    {
      name: 'softmax of products',
      margin: null,
      head: (units, seed) => tf.layers.dense({units, kernelInitializer: tf.initializers.glorotUniform({seed})}),
      loss: tfa.losses.amSoftmaxLoss({scale: 1, margin: 0}), // cross-entropy of the logits as they are
    },
    ...margins.map(margin => ({
      name: `AM-Softmax, margin ${margin}`,
      margin,
      head: (units: number, seed: number) =>
        tfa.layers.cosineDense({units, kernelInitializer: tf.initializers.glorotUniform({seed})}),
      loss: tfa.losses.amSoftmaxLoss({scale, margin}),
    })),
  ];
}
