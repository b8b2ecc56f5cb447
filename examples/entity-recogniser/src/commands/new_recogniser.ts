import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import type {Dataset} from '../data/sentence.js';
import {buildModel} from '../model.js';
import {Recogniser} from '../recogniser.js';
import type {Run} from '../settings.js';
import {Encoder} from '../text/encoder.js';
import {DEFAULT_FEATURES} from '../text/features.js';
import {makeOptimizer} from '../training/optimizer.js';
import {stepsPerEpoch} from '../training/train.js';

/** A recogniser for this text that has learnt nothing yet, ready to be trained. */
export function newRecogniser(run: Run, data: Dataset): Recogniser {
  const features = run.features ?? DEFAULT_FEATURES[data.tokenKind];
  const encoder = Encoder.of(data, {features, minCount: run.minCount});
  const model = buildModel(encoder, run);
  const encoded = data.train.map(sentence => encoder.encode(sentence));
  const spans = tfa.losses.sparseGlobalPointerCrossentropyLoss({maskZero: false});
  model.compile({
    optimizer: makeOptimizer(run, run.epochs * stepsPerEpoch(encoded, run.batchSize)),
    loss: run.tagWeight ? [spans, tf.metrics.categoricalCrossentropy] : spans,
  });
  return new Recogniser(model, encoder, data.tokenKind, run.flat);
}
