import * as tf from '@tensorflow/tfjs-core';

import {check} from './internal/check.js';
import {checkOptions} from './internal/known_options.js';
import {requestFullDevice} from './internal/webgpu_features.js';

export interface WebGpuDeviceArgs {
  /** Which of several GPUs. Default `'high-performance'`. */
  powerPreference?: 'high-performance' | 'low-power';
  /** Features without which it is an error, such as `'subgroups'`. Default none: what the adapter lacks is left out. */
  required?: readonly string[];
}

/** What the device has. */
export interface WebGpuDeviceInfo {
  /** The optional features, by their names in WebGPU. */
  features: string[];
  /** Storage buffers that a shader can bind; tfjs's own device has 8. */
  storageBuffers: number;
}

/**
 * Gives tfjs's `webgpu` backend a device with all that the adapter has and kernels can use, instead of tfjs's own,
 * which has the defaults.
 *
 * - Subgroups: losses over rows and spans join their sums with 2 barriers instead of 7 to 9.
 * - More storage buffers: an update of an optimizer takes more variables in one dispatch, with 12 buffers three of Adam's
 *   instead of two.
 * - `shader-f16`: attention multiplies in float16 once `kernels.setPrecision('float16')` says so, and by the products of
 *   matrices that subgroups make, where the adapter has these. Until then all kernels compute in float32, whose digits
 *   their tolerances need.
 *
 * Results agree within the tolerances of the package. Call it once, after the import of the backend and before the
 * backend starts. In Node `startWebGpu` of `tfjs-addons/node` makes such a device by itself.
 *
 * @returns A promise of what the device has; the backend is registered then, and tfjs selects it as before.
 * @throws RangeError when the backend is not imported or has started, or the machine has no adapter or lacks a required
 *   feature.
 *
 * ```ts no-run
 * import '@tensorflow/tfjs-backend-webgpu';
 *
 * const {features} = await tfa.setWebGpuDevice();
 * await tf.setBackend('webgpu');
 * console.log(features.includes('subgroups'));
 * ```
 */
export async function setWebGpuDevice(args: WebGpuDeviceArgs = {}): Promise<WebGpuDeviceInfo> {
  const where = 'setWebGpuDevice';
  checkOptions(args, {powerPreference: true, required: true}, where);
  const {powerPreference = 'high-performance', required = []} = args;
  const gpu = (globalThis.navigator as {gpu?: GPU} | undefined)?.gpu;
  check(gpu !== undefined, where, 'WebGPU in navigator.gpu', gpu, NO_WEBGPU);
  const start = tf.findBackendFactory(BACKEND);
  check(start != null, where, 'the webgpu backend', null, "Import '@tensorflow/tfjs-backend-webgpu' before.");
  const isNew = !(BACKEND in tf.engine().registry);
  check(
    isNew,
    where,
    'a webgpu backend that has not started',
    'one that has',
    'Call it before tf.ready and tf.setBackend.',
  );
  const adapter = await gpu.requestAdapter({powerPreference});
  check(adapter !== null, where, 'a GPU with a driver', adapter);
  const missing = required.filter(feature => !adapter.features.has(feature as GPUFeatureName));
  check(missing.length === 0, where, `an adapter with ${required.join(', ')}`, `one without ${missing.join(', ')}`);
  const device = await requestFullDevice(adapter, required);
  tf.removeBackend(BACKEND);
  tf.registerBackend(BACKEND, () => startOn({adapter, device, gpu}, start), PRIORITY);
  return {
    features: [...device.features].sort(),
    storageBuffers: device.limits.maxStorageBuffersPerShaderStage,
  };
}

const BACKEND = 'webgpu';

/** That of tfjs. */
const PRIORITY = 3;

const NO_WEBGPU =
  'The browser does not have it, or not for this page, which has to be secure. In Node, startWebGpu of ' +
  'tfjs-addons/node brings it.';

interface Chosen {
  adapter: GPUAdapter;
  device: GPUDevice;
  gpu: GPU;
}

/** tfjs's factory asks `navigator.gpu` for an adapter, at once, and that for a device: it gets ours. */
async function startOn(
  {adapter, device, gpu}: Chosen,
  start: () => tf.KernelBackend | Promise<tf.KernelBackend>,
): Promise<tf.KernelBackend> {
  const {features, limits, info} = adapter;
  const ours = {features, limits, info, requestDevice: async () => device};
  Object.defineProperty(gpu, 'requestAdapter', {value: async () => ours, configurable: true});
  try {
    return await start();
  } finally {
    delete (gpu as Partial<GPU>).requestAdapter; // its own is that of its prototype
  }
}
