import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

export interface Contestant {
  readonly name: string;
  readonly loss: (labels: tf.Tensor, logits: tf.Tensor) => tf.Tensor;
}

/** All of them call a tag predicted where its logit is above 0. */
export const CONTESTANTS: readonly Contestant[] = [
  {name: 'sigmoid cross-entropy', loss: (labels, logits) => tf.losses.sigmoidCrossEntropy(labels, logits)},
  {name: 'focal', loss: tfa.losses.binaryFocalCrossentropy},
  {name: 'multi-label softmax', loss: tfa.losses.multilabelCategoricalCrossentropy},
];
