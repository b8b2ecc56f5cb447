/**
 * The reference in TensorFlow ops, as one kernel: four to nine of them, of which one to four pass over T·S numbers
 * between the two products. Many scores are made block by block, and so are their gradients, which is another kernel.
 */
import * as tf from '@tensorflow/tfjs-core';

import type {FusedKernel} from '../../internal/kernels.js';
import {maskedScore} from '../../internal/numbers.js';
import {TensorflowOps} from '../../internal/tensorflow_ops.js';
import {type AttendRows, attendInBlocks, blockRows, gradientsInBlocks} from './blocks.js';
import {composedContext} from './context.js';
import type {AttentionAttrs, AttentionGradientInputs, AttentionInputs} from './name.js';
import {type AttentionContext, type ComposedContext, rowFactor, times} from './reference.js';

export const attentionOnTensorflow: FusedKernel<AttentionInputs, AttentionAttrs> = {
  backend: 'tensorflow',
  form: (_, {context}) => (context.visibility === undefined ? formOf(context) : undefined),
  run: ({q, k, v, keptWeights}, {context}, backend) =>
    tf.tidy(() => {
      const ops = new TensorflowOps(backend);
      const height = context.visibility === undefined ? blockRows(context.scores) : undefined;
      if (height === undefined) {
        return attendAtOnce(q, k, v, {...composedContext(context), keptWeights}, ops);
      }
      const attendRows: AttendRows = (q, k, v, ofRows) => attendAtOnce(q, k, v, ofRows, ops)[0];
      return [attendInBlocks(q, k, v, context, height, attendRows)];
    }),
};

export const attentionGradientOnTensorflow: FusedKernel<AttentionGradientInputs, AttentionAttrs> = {
  backend: 'tensorflow',
  form: (_, {context}) => formOf(context),
  unsupported: (_, {context}) => (blockRows(context.scores) === undefined ? 'scores that are made at once' : undefined),
  run: ({q, k, v, dy, output}, {context}) =>
    tf.tidy(() => {
      const {
        q: dq,
        k: dk,
        v: dv,
        floatBias,
      } = gradientsInBlocks(q, k, v, context, blockRows(context.scores)!, dy, output);
      return floatBias === undefined ? [dq, dk, dv] : [dq, dk, dv, floatBias];
    }),
};

const formOf = ({scores}: AttentionContext): string | undefined => {
  const rows = blockRows(scores);
  return rows === undefined ? undefined : `in blocks of ${rows} queries`;
};

/** The output, and the strengths that the weights are made of. */
function attendAtOnce(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  context: ComposedContext,
  ops: TensorflowOps,
): [tf.Tensor, tf.Tensor] {
  const {plan, visibility, keptWeights} = context;
  const strengths = strengthsOf(scoresOf(q, k, context, ops), context, ops);
  const squared = plan.normalization === 'squaredRelu';
  const weights = squared ? ops.run('Square', [strengths]) : strengths;
  const output = ops.matMul(keptWeights === undefined ? weights : ops.mul(weights, keptWeights), v);
  const {blindRows, counts} = visibility;
  if (squared || !blindRows) return [output, strengths];
  return [ops.mul(output, typeof counts === 'number' ? Math.min(counts, 1) : tf.minimum(counts, 1)), strengths];
}

function scoresOf(q: tf.Tensor, k: tf.Tensor, {plan, visibility, floatBias}: ComposedContext, ops: TensorflowOps) {
  const factor = rowFactor(plan, visibility);
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
