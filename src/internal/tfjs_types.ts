/** Types that tfjs has but does not export, taken from its public signatures. */
import type * as tf from '@tensorflow/tfjs-core';
import type {layers} from '@tensorflow/tfjs-layers';

/** Arguments of every layer: name, trainable, dtype, inputShape, batchInputShape, weights … */
export type LayerArgs = NonNullable<ConstructorParameters<typeof layers.Layer>[0]>;

/** What `Layer.call` receives besides its inputs. */
export type Kwargs = Parameters<layers.Layer['call']>[1];

/** Gradients as `applyGradients` takes them: a map by name, or a list of `{name, tensor}`. */
export type VariableGradients = Parameters<tf.Optimizer['applyGradients']>[0];

/** One entry of the list form of `VariableGradients`; the tensor is absent for an unconnected variable. */
export interface NamedTensor {
  name: string;
  tensor: tf.Tensor;
}
