import * as tf from '@tensorflow/tfjs-core';
import {layers} from '@tensorflow/tfjs-layers';

import {onBackendStart} from './backend_start.js';

const BACKENDS = ['cpu', 'wasm', 'webgl', 'webgpu', 'tensorflow'];
let warned = false;

/**
 * Warns when the program holds a second copy of tfjs-core or tfjs-layers. Tensors, ops and optimizers of two copies
 * work together; layers do not, and fail with "must be a Tensor … got SymbolicTensor" or "Unknown layer".
 *
 * Copies that were loaded before this package show at once, those loaded later when a backend starts.
 */
export function warnOfDuplicates(): void {
  warnOnce(duplicatedPackage());
  for (const name of BACKENDS) onBackendStart(name, backend => warnOnce(duplicatedPackage(backend)));
}

function duplicatedPackage(backend?: object): string | undefined {
  // The first copy of tfjs-core makes the environment and the engine that all copies share.
  if (!(tf.env() instanceof tf.Environment)) return '@tensorflow/tfjs-core';
  if (backend !== undefined && !(backend instanceof tf.KernelBackend)) return '@tensorflow/tfjs-core';
  const dense = tf.serialization.SerializationMap.getMap().classNameMap.Dense;
  return dense !== undefined && !(layers.dense({units: 1, name: 'probe'}) instanceof dense[0])
    ? '@tensorflow/tfjs-layers'
    : undefined;
}

function warnOnce(name: string | undefined): void {
  if (name === undefined || warned) return;
  warned = true;
  console.warn(
    `tfjs-addons: two copies of ${name} are loaded, and layers of one do not work in models of the other. ` +
      "'npm ls @tensorflow/tfjs-core @tensorflow/tfjs-layers' shows where they come from. Give all packages of " +
      "tfjs the same version, then run 'npm dedupe'; in a bundler, list both under resolve.dedupe (Vite) or " +
      'resolve.alias (webpack); in a page, load tfjs either by <script> or in the bundle.',
  );
}
