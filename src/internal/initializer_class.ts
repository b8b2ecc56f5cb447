import type {serialization, Tensor} from '@tensorflow/tfjs-core';
import {initializers} from '@tensorflow/tfjs-layers';

interface InitializerBase extends serialization.Serializable {
  apply(shape: number[], dtype?: 'float32'): Tensor;
  fromConfigUsesCustomObjects(): boolean;
}

/**
 * The base class of tfjs's initializers, which it does not export; layers take an initializer only when it is an
 * instance of this class.
 */
export const Initializer = Object.getPrototypeOf(initializers.zeros().constructor) as InitializerClass;

type InitializerClass = (abstract new () => InitializerBase) & Pick<typeof serialization.Serializable, 'fromConfig'>;
