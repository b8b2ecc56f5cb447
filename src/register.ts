/**
 * Makes everything that a saved model can name known by its name: classes for `tf.loadLayersModel`, losses and metrics
 * for `loadModel`.
 *
 *   import 'tfjs-addons/register';
 *
 * It uses what it imports: bundlers drop a bare import of a file that package.json calls free of side effects.
 */
import {serialization} from '@tensorflow/tfjs-core';

import * as activations from './activations/index.js';
import * as initializers from './initializers/index.js';
import * as layers from './layers/index.js';
import * as losses from './losses/index.js';
import * as metrics from './metrics/index.js';
import * as optimizers from './optimizers/index.js';

for (const namespace of [activations, initializers, layers, losses, metrics, optimizers]) {
  for (const value of Object.values(namespace as Record<string, unknown>)) {
    if (isSerializable(value)) serialization.registerClass(value);
  }
}

function isSerializable(value: unknown): value is serialization.SerializableConstructor<serialization.Serializable> {
  return typeof value === 'function' && typeof (value as {className?: unknown}).className === 'string';
}
