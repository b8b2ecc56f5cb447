import {createRequire} from 'node:module';
import {availableParallelism, cpus, totalmem} from 'node:os';

import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import type {BackendName} from '../benchmark.js';
import {rememberStockKernels} from './stock_kernels.js';

/**
 * Starts the backend; throws when it does not come up, as tfjs would fall back in silence.
 *
 * @param fullDevice On webgpu a device with all that the adapter has, instead of tfjs's own.
 */
export async function startBackend(name: BackendName, fullDevice: boolean): Promise<void> {
  if (name === 'wasm') await import('@tensorflow/tfjs-backend-wasm');
  if (name === 'webgpu') await startDawn();
  if (name === 'webgpu' && fullDevice) await tfa.setWebGpuDevice();
  if (name === 'tensorflow') startTensorflow();
  let started = false;
  await rememberStockKernels(name, async () => {
    started = await tf.setBackend(name);
    await tf.ready();
  });
  if (!started || tf.getBackend() !== name) throw new Error(`backend ${name} did not start`);
  if (name === 'webgpu') {
    tf.env().set('WEBGPU_CPU_FORWARD', false);
    failOnGpuErrors();
  }
}

async function startDawn(): Promise<void> {
  const {create, globals} = await import('webgpu');
  Object.assign(globalThis, globals);
  Object.defineProperty(globalThis, 'navigator', {value: {gpu: create([]), userAgent: 'node'}, configurable: true});
  await import('@tensorflow/tfjs-backend-webgpu');
}

/** Whether the current backend is webgpu, on a device with this feature. */
export const hasFeature = (feature: string): boolean =>
  tf.getBackend() === 'webgpu' &&
  (tf.backend() as unknown as {device: GPUDevice}).device.features.has(feature as GPUFeatureName);

/** WebGPU validation errors do not throw: the output is silently zero. */
function failOnGpuErrors(): void {
  const {device} = tf.backend() as unknown as {device: GPUDevice};
  device.addEventListener('uncapturederror', event => {
    throw new Error(`WebGPU: ${(event as GPUUncapturedErrorEvent).error.message}`);
  });
}

function startTensorflow(): void {
  const require = createRequire(import.meta.url);
  const util = require('node:util');
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined; // gone in Node 23
  util.isArray ??= Array.isArray;
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '1'; // four lines a graph
  require('@tensorflow/tfjs-node');
  tfa.kernels.setCallsBeforeGraph(0); // what training and serving come to soon
}

/** Threads that the backend computes with, which PyTorch then gets as well. */
export const threadsOf = (name: BackendName): number => (name === 'tensorflow' ? availableParallelism() : 1);

/** Named in the results: numbers of another machine are other numbers. */
export async function hardware(name: BackendName): Promise<Record<string, string | number>> {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    ...(name === 'webgpu' ? {adapter: await adapterName()} : {}),
    node: process.version,
    tfjs: tf.version_core,
    ...(name === 'tensorflow' ? {tensorflow: tensorflowVersion()} : {}),
  };
}

const tensorflowVersion = (): string => (tf.backend() as unknown as {binding: {TF_Version: string}}).binding.TF_Version;

async function adapterName(): Promise<string> {
  const adapter = await navigator.gpu.requestAdapter();
  const {description = '', device = '', vendor = ''} = adapter?.info ?? {};
  return device || description || vendor;
}
