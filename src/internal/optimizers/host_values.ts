import * as tf from '@tensorflow/tfjs-core';

/**
 * Numbers of the host as tensors to be saved. The tensors are made once and reused: tfjs never frees what an
 * optimizer's `getWeights` returns.
 */
export class HostValues {
  private readonly tensors = new Map<string, tf.Variable>();

  /** The value as an int32 scalar. */
  int32(name: string, value: number): tf.Tensor {
    return tf.tidy(() => {
      const tensor = tf.scalar(value, 'int32');
      const existing = this.tensors.get(name);
      if (existing !== undefined) existing.assign(tensor);
      else this.tensors.set(name, tf.variable(tensor, false));
      return this.tensors.get(name)!;
    });
  }

  dispose(): void {
    for (const tensor of this.tensors.values()) tensor.dispose();
    this.tensors.clear();
  }
}
