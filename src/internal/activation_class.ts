import {serialization, type Tensor} from '@tensorflow/tfjs-core';

/** Registers an activation, so that layers find it by its name: `tf.layers.dense({activation: 'squaredRelu'})`. */
export function defineActivation<F extends (x: Tensor) => Tensor>(name: string, fn: F): F {
  class Activation extends serialization.Serializable {
    static readonly className = name;

    apply(x: Tensor): Tensor {
      return fn(x);
    }

    getConfig(): serialization.ConfigDict {
      return {};
    }
  }
  serialization.registerClass(Activation);
  return fn;
}
