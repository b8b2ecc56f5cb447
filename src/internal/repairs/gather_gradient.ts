import * as tf from '@tensorflow/tfjs-core';

const repaired = new WeakSet<tf.GradFunc>();

/**
 * The gradient of `gather` along axis 0, which is that of an embedding, without the two transpositions that tfjs
 * makes and that change nothing there: on `cpu` they take a hundred times longer than the sum. Other axes keep the
 * gradient of tfjs.
 */
export function repairGatherGradient(): void {
  const original = tf.getGradient('GatherV2') as tf.GradConfig | undefined;
  if (original === undefined || repaired.has(original.gradFunc)) return;
  const gradFunc: tf.GradFunc = (dy, saved, attrs) => {
    const {axis, batchDims} = attrs as {axis: number; batchDims: number};
    const gradients = original.gradFunc(dy, saved, attrs);
    return axis === 0 && batchDims === 0 ? {...gradients, x: () => sumRows(dy as tf.Tensor, saved)} : gradients;
  };
  repaired.add(gradFunc);
  tf.unregisterGradient('GatherV2');
  tf.registerGradient({...original, gradFunc});
}

/** Adds each row of dy `[...indices, ...row]` to the row of x `[V, ...row]` that it came from. */
function sumRows(dy: tf.Tensor, [x, indices]: tf.Tensor[]): tf.Tensor {
  const rows = tf.reshape(dy, [indices.size, ...x.shape.slice(1)]);
  return tf.unsortedSegmentSum(rows, tf.reshape(indices, [indices.size]), x.shape[0]);
}
