import * as tf from '@tensorflow/tfjs';

import {Random} from '../data/random.js';
import type {Sentence} from '../data/sentences.js';
import type {Vocabulary} from '../data/vocabulary.js';

export interface Budget {
  steps: number;
  batch: number;
  learningRate: number;
}

/** Trains for `steps` batches, in a new random order each time that all sentences were seen. */
export async function train(
  classifier: tf.LayersModel,
  loss: (yTrue: tf.Tensor, yPred: tf.Tensor) => tf.Tensor,
  sentences: readonly Sentence[],
  vocabulary: Vocabulary,
  {steps, batch, learningRate}: Budget,
  seed: number,
  onStep: (loss: number) => void,
): Promise<void> {
  classifier.compile({optimizer: tf.train.adam(learningRate), loss});
  const batches = tf.data.generator(function* () {
    const random = new Random(seed);
    let order: number[] = [];
    for (;;) {
      if (order.length < batch) order = random.order(sentences.length);
      const chosen = order.splice(0, batch).map(i => sentences[i]);
      const meanings = chosen.map(({meaning}) => [meaning]);
      yield {xs: vocabulary.encode(chosen), ys: tf.tensor2d(meanings, [chosen.length, 1], 'int32')};
    }
  } as unknown as () => Generator<tf.TensorContainer>);
  await classifier.fitDataset(batches as never, {
    epochs: 1,
    batchesPerEpoch: steps,
    verbose: 0,
    callbacks: {onBatchEnd: async (_, logs) => onStep(logs!.loss as number)},
  });
}
