import type {LayersModel, ModelCompileArgs} from '@tensorflow/tfjs-layers';

import {relaxTargetShapes} from '../internal/repairs/target_shapes.js';
import {setUpTfjs} from '../internal/setup.js';

setUpTfjs();

/**
 * `model.compile(args)` for losses whose targets have another shape than the output.
 *
 * tfjs demands that `fit`, `trainOnBatch` and `evaluate` get targets of the output's shape. This lifts the demand
 * for outputs whose loss is a function, which checks its targets itself. For the losses of this package
 * `model.compile` does so too.
 *
 * ```ts
 * const model = tf.sequential({layers: [tf.layers.dense({units: 5, inputShape: [2]})]});
 * const classLoss = (labels: tf.Tensor, scores: tf.Tensor) => {
 *   const classes = tf.oneHot(tf.cast(tf.squeeze(labels, [1]), 'int32'), 5);
 *   return tf.neg(tf.sum(tf.mul(classes, tf.logSoftmax(scores))));
 * };
 * tfa.compileModel(model, {optimizer: 'adam', loss: classLoss});
 * await model.fit(tf.ones([3, 2]), tf.tensor2d([[0], [4], [2]]), {verbose: 0});
 * ```
 */
export function compileModel(model: LayersModel, args: ModelCompileArgs): void {
  model.compile(args);
  relaxTargetShapes(model, () => true);
}
