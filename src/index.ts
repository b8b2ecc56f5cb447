/**
 * Layers, optimizers, losses and ops for TensorFlow.js: `import * as tfa from 'tfjs-addons'`.
 *
 * @module tfjs-addons
 */
export * as activations from './activations/index.js';
export * as callbacks from './callbacks/index.js';
export * as data from './data/index.js';
export * as initializers from './initializers/index.js';
export * as kernels from './kernels.js';
export * as layers from './layers/index.js';
export * as losses from './losses/index.js';
export * as masks from './masks/index.js';
export * as metrics from './metrics/index.js';
export * from './models/index.js';
export * from './ops/index.js';
export * as train from './optimizers/index.js';
export {setWebGpuDevice, type WebGpuDeviceArgs, type WebGpuDeviceInfo} from './webgpu_device.js';
