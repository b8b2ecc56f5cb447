/**
 * Registers every class with tfjs, so that `tf.loadLayersModel` finds them:
 *
 *   import 'tfjs-addons/register';
 *
 * It uses what it imports: bundlers drop a bare import of a side-effect-free file.
 */
import {serialization} from '@tensorflow/tfjs-core';

import * as layers from './layers/index.js';
import * as optimizers from './optimizers/index.js';

for (const namespace of [layers, optimizers]) {
  for (const value of Object.values(namespace as Record<string, unknown>)) {
    if (isSerializable(value)) serialization.registerClass(value);
  }
}

function isSerializable(value: unknown): value is serialization.SerializableConstructor<serialization.Serializable> {
  return typeof value === 'function' && typeof (value as {className?: unknown}).className === 'string';
}
