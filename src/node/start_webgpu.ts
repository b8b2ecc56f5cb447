/// <reference types="node" />
import * as tf from '@tensorflow/tfjs-core';

import {check} from '../internal/check.js';
import {checkOptions} from '../internal/known_options.js';
import {requestFullDevice} from '../internal/webgpu_features.js';

export interface StartWebGpuArgs {
  /** Which of several GPUs. Default `'high-performance'`. */
  powerPreference?: 'high-performance' | 'low-power';
  /** A software adapter, where the drivers offer one. Default false. */
  forceFallbackAdapter?: boolean;
  /** Options of Dawn such as `'backend=vulkan'`, `'adapter=NVIDIA'` or `'enable-dawn-features=…'`. Default none. */
  dawnOptions?: string[];
}

/** What runs the backend. */
export interface WebGpuInfo {
  vendor: string;
  architecture: string;
  description: string;
}

/**
 * Brings the `webgpu` backend up in Node and selects it, so that models train on any GPU with a Vulkan, Metal or
 * Direct3D 12 driver, without CUDA.
 *
 * It needs the packages `webgpu`, which is Dawn, the WebGPU of Chrome, and `@tensorflow/tfjs-backend-webgpu`. Tensors
 * are read with `await x.data()`; `dataSync()` does not work on this backend.
 *
 * @throws RangeError when a package is missing, Dawn cannot be loaded, or no driver offers an adapter.
 *
 * ```ts no-run
 * import {startWebGpu} from 'tfjs-addons/node';
 *
 * const {description} = await startWebGpu();
 * await model.fit(x, y);
 * ```
 */
export async function startWebGpu(args: StartWebGpuArgs = {}): Promise<WebGpuInfo> {
  checkOptions(args, {powerPreference: true, forceFallbackAdapter: true, dawnOptions: true}, 'startWebGpu');
  const {powerPreference = 'high-performance', forceFallbackAdapter = false, dawnOptions = []} = args;
  const {create, globals} = await importDawn();
  Object.assign(globalThis, globals);
  const gpu = create(dawnOptions);
  const adapter = await gpu.requestAdapter({powerPreference, forceFallbackAdapter});
  check(adapter !== null, 'startWebGpu', 'a GPU with a driver', adapter, NO_ADAPTER);
  const device = await requestFullDevice(adapter);
  shareWithTfjs(gpu);
  const {WebGPUBackend} = await importBackend();
  if (tf.findBackendFactory('webgpu') !== null) tf.removeBackend('webgpu');
  tf.registerBackend('webgpu', () => new WebGPUBackend(device, adapter.info), 3);
  check(await tf.setBackend('webgpu'), 'startWebGpu', 'the webgpu backend to start', tf.getBackend());
  const {vendor, architecture, description} = adapter.info;
  return {vendor, architecture, description};
}

const NO_ADAPTER =
  "Install the driver of the GPU; on Linux also libvulkan1, and see what 'vulkaninfo --summary' lists. " +
  'A machine without a GPU can use a software driver: mesa-vulkan-drivers, or VK_ICD_FILENAMES with the path of ' +
  "SwiftShader's vk_swiftshader_icd.json.";

interface Dawn {
  create(options: string[]): GPU;
  globals: object;
}

type BackendModule = {WebGPUBackend: new (device: GPUDevice, info: GPUAdapterInfo) => tf.KernelBackend};

/** Names that TypeScript does not resolve: both packages are optional. */
const DAWN: string = 'webgpu';
const BACKEND: string = '@tensorflow/tfjs-backend-webgpu';

const importDawn = (): Promise<Dawn> => importOptional<Dawn>(DAWN);
const importBackend = (): Promise<BackendModule> => importOptional<BackendModule>(BACKEND);

async function importOptional<T>(name: string): Promise<T> {
  try {
    return (await import(name)) as T;
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException;
    const hint =
      code === 'ERR_MODULE_NOT_FOUND'
        ? `It is not installed: npm install ${name}.`
        : 'It is installed and does not load: a system library may be missing, or the platform is not supported.';
    throw new RangeError(`startWebGpu: expected the package ${name}, received ${message.split('\n')[0]}. ${hint}`);
  }
}

/** tfjs looks for `navigator.gpu`, also when the package of its backend is imported. */
function shareWithTfjs(gpu: GPU): void {
  const navigator = globalThis.navigator as object | undefined;
  if (navigator === undefined) {
    const value = {gpu, userAgent: 'Node.js'};
    Object.defineProperty(globalThis, 'navigator', {value, configurable: true, writable: true});
  } else {
    Object.defineProperty(navigator, 'gpu', {value: gpu, configurable: true});
  }
}
