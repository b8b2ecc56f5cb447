import * as tf from '@tensorflow/tfjs-core';
import {layers} from '@tensorflow/tfjs-layers';

/** `index` counts the outputs of one run, so that those of two runs of the same model correspond. */
export type OutputChange = (output: tf.Tensor, index: number) => tf.Tensor;

/** Runs `f` while each output of the layers that `matches` finds goes through `change` on its way to the next layer. */
export function withChangedOutputs<T>(matches: (name: string) => boolean, change: OutputChange, f: () => T): T {
  const {prototype} = layers.Layer;
  const {apply} = prototype;
  let index = 0;
  prototype.apply = function (this: layers.Layer, ...args) {
    const outputs = apply.apply(this, args);
    return outputs instanceof tf.Tensor && matches(this.name) ? change(outputs, index++) : outputs;
  };
  try {
    return f();
  } finally {
    prototype.apply = apply;
  }
}
