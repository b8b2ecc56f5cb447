/** What graphs use of `NodeJSKernelBackend`, the backend of tfjs-node. */
import * as tf from '@tensorflow/tfjs-core';

import type {OpAttribute, TensorSpec} from './nodes.js';
import type {AttributeKinds} from './saved_model.js';

/** A tensor of TensorFlow's. */
export interface NativeTensor extends TensorSpec {
  id: number;
}

export interface Binding extends AttributeKinds {
  createTensor(shape: number[], dtype: number, values: ArrayBufferView): number;
  executeOp(name: string, attributes: OpAttribute[], inputIds: number[], outputs: number): NativeTensor[];
  tensorDataSync(id: number): unknown;
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(session: number): void;
  runSavedModel(session: number, inputIds: number[], inputs: string, outputs: string): NativeTensor[];
}

export interface NodeBackend {
  binding: Binding;
  isUsingGpuDevice: boolean;
  tensorMap: {get(id: tf.DataId): NativeTensor};
  getInputTensorIds(inputs: readonly tf.TensorInfo[]): number[];
  createOutputTensor(output: NativeTensor): tf.Tensor;
}

/** The live backend where it is TensorFlow. */
export const nodeBackend = (): NodeBackend | undefined =>
  tf.getBackend() === 'tensorflow' ? (tf.backend() as unknown as NodeBackend) : undefined;

/** TensorFlow's tensors of these, and what they are. */
export function nativeTensors(backend: NodeBackend, tensors: readonly tf.Tensor[]): NativeTensor[] {
  const ids = backend.getInputTensorIds(tensors);
  return tensors.map(({dataId, shape}, i) => ({id: ids[i], shape, dtype: backend.tensorMap.get(dataId).dtype}));
}
