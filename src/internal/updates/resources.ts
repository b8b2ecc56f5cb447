/**
 * TensorFlow's training ops, which write into resource variables, on plain tensors.
 *
 * A resource takes the memory of a tensor over without a copy; TensorFlow copies it before the first write where
 * anything else still uses it, such as a clone or a slice. So nothing that was read before a step changes.
 */
import type * as tf from '@tensorflow/tfjs-core';

import type {TensorflowOps} from '../tensorflow_ops.js';

const FLOAT = {dtype: 'float32'} as const;

/** Runs `op` on resources that hold `tensors`, which it disposes; returns what the resources hold then. */
export function onResources(
  ops: TensorflowOps,
  tensors: readonly tf.Tensor[],
  op: (handles: tf.Tensor[]) => void,
): tf.Tensor[] {
  const handles = tensors.map((_, i) => makeHandle(ops, `AddonsUpdate${i}`));
  try {
    tensors.forEach((tensor, i) => {
      ops.runMany('AssignVariableOp', [handles[i], tensor], FLOAT, 0);
      tensor.dispose();
    });
    op(handles);
    return handles.map(handle => ops.run('ReadVariableOp', [handle], FLOAT));
  } finally {
    for (const handle of handles) {
      ops.runMany('DestroyResourceOp', [handle], {ignore_lookup_error: true}, 0);
      handle.dispose();
    }
  }
}

/** The resource comes to be with the first assignment; a name is free again after `DestroyResourceOp`. */
function makeHandle(ops: TensorflowOps, name: string): tf.Tensor {
  const attributes = {container: {text: ''}, shared_name: {text: name}, ...FLOAT, shape: [-1]};
  return ops.run('VarHandleOp', [], attributes);
}
