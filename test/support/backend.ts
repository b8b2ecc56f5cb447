import {expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // brings the gradients of tfjs-core, as @tensorflow/tfjs does

import {setCallsBeforeGraph, setPrecision} from '../../src/kernels.js';
import {setWebGpuDevice} from '../../src/webgpu_device.js';

export type BackendName = 'cpu' | 'wasm' | 'tensorflow' | 'webgpu' | 'webgl';

/** The backend of this run; scripts/test.mjs runs the whole suite once for each. */
export const BACKEND = (process.env.TFJS_BACKEND ?? 'cpu') as BackendName;

/** `test` on the named backends, nothing on the others: for what only they can show. */
export const testOn = (...backends: BackendName[]): typeof test | typeof test.skip =>
  backends.includes(BACKEND) ? test : test.skip;

let hasFullDevice = false;

/** The tests of this file run, on webgpu, on the device of `setWebGpuDevice`; for the top of a file. */
export function useFullDevice(): void {
  hasFullDevice = true;
}

let wantsFloat16 = false;

/**
 * On webgpu the kernels of this file's tests take float16 where the adapter has it, and `normal` gives numbers that
 * float16 can hold; for the top of a file.
 */
export function useFloat16(): void {
  useFullDevice();
  wantsFloat16 = true;
}

/** Whether `useFloat16` was called. */
export const isForFloat16 = (): boolean => wantsFloat16;

const gpuErrors: string[] = [];

/** Selects the backend; throws when it does not start, as tfjs falls back in silence. */
export async function useBackend(): Promise<void> {
  // No greeting on the console. It also counts data ids, which fails where a clone has one of its own: not elsewhere.
  if (BACKEND === 'cpu') tf.env().set('IS_TEST', true);
  const {loadBackend} = await import('./load_backend.js');
  await loadBackend(BACKEND);
  if (hasFullDevice && BACKEND === 'webgpu') await setWebGpuDevice();
  // Every call through a graph here; the run with tfjs-node-gpu keeps the default, few calls of a test reach one.
  if (BACKEND === 'tensorflow' && process.env.TFJS_NODE_PACKAGE === undefined) setCallsBeforeGraph(0);
  const started = await tf.setBackend(BACKEND);
  await tf.ready();
  if (!started || tf.getBackend() !== BACKEND) throw new Error(`backend ${BACKEND} did not start`);
  if (BACKEND === 'webgl') tf.env().set('WEBGL_CPU_FORWARD', false); // else small tensors never reach the GPU
  if (BACKEND === 'webgpu') {
    tf.env().set('WEBGPU_CPU_FORWARD', false);
    const {device} = tf.backend() as unknown as {device: GPUDevice};
    if (wantsFloat16 && device.features.has('shader-f16')) setPrecision('float16');
    device.addEventListener('uncapturederror', event =>
      gpuErrors.push((event as GPUUncapturedErrorEvent).error.message),
    );
  }
}

/** WebGPU validation errors do not throw; the output is silently zero. */
export function expectNoGpuErrors(): void {
  expect(gpuErrors.splice(0)).toEqual([]);
}
