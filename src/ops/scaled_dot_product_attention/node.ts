/**
 * The reference in TensorFlow ops, as one kernel: four to nine of them, of which one to four pass over T·S numbers
 * between the two products.
 */
import * as tf from '@tensorflow/tfjs-core';

import type {FusedKernel} from '../../internal/kernels.js';
import {maskedScore} from '../../internal/numbers.js';
import {TensorflowOps} from '../../internal/tensorflow_ops.js';
import {composedContext} from './context.js';
import type {AttentionAttrs, AttentionInputs} from './name.js';
import {type ComposedContext, lengthFactor, rowShare, times} from './reference.js';

export const attentionOnTensorflow: FusedKernel<AttentionInputs, AttentionAttrs> = {
  backend: 'tensorflow',
  run: ({q, k, v, keptWeights}, attrs, backend) =>
    tf.tidy(() => {
      const context = composedContext(attrs.context);
      const ops = new TensorflowOps(backend);
      const {plan, visibility} = context;
      const strengths = strengthsOf(scoresOf(q, k, context, ops), context, ops);
      const squared = plan.normalization === 'squaredRelu';
      const weights = squared ? ops.run('Square', [strengths]) : strengths;
      const output = ops.matMul(keptWeights === undefined ? weights : ops.mul(weights, keptWeights), v);
      if (squared) return [ops.mul(output, rowShare(plan, visibility)), strengths];
      const {blindRows, counts} = visibility;
      if (!blindRows) return [output, strengths];
      return [ops.mul(output, typeof counts === 'number' ? Math.min(counts, 1) : tf.minimum(counts, 1)), strengths];
    }),
};

function scoresOf(q: tf.Tensor, k: tf.Tensor, {plan, visibility, floatBias}: ComposedContext, ops: TensorflowOps) {
  const factor = lengthFactor(plan, visibility);
  const scores = ops.matMul(ops.mul(q, times(factor, plan.scale)), k, {transposeB: true});
  if (floatBias === undefined) return scores;
  return ops.add(scores, ops.mul(tf.maximum(floatBias, maskedScore()), factor));
}

function strengthsOf(scores: tf.Tensor, {plan, visibility: {keep}}: ComposedContext, ops: TensorflowOps): tf.Tensor {
  if (plan.normalization === 'squaredRelu') {
    const strengths = ops.run('Relu', [scores]);
    return keep === undefined ? strengths : ops.mul(strengths, keep);
  }
  const blanked = keep === undefined ? scores : ops.add(scores, ops.mul(ops.sub(1, keep), maskedScore()));
  return ops.run('Softmax', [blanked]);
}
