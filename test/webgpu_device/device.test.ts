import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {setWebGpuDevice} from '../../src/index.js';
import {testOn, useFullDevice} from '../support/backend.js';
import {expectClose, normal} from '../support/expect.js';

useFullDevice();

const device = () => (tf.backend() as unknown as {device: GPUDevice}).device;

describe('setWebGpuDevice', () => {
  testOn('webgpu')('starts the backend on a device with what the adapter has', async () => {
    const adapter = await navigator.gpu.requestAdapter();
    expect(Object.keys(navigator.gpu)).not.toContain('requestAdapter'); // nothing of ours is left there
    const {features, limits} = adapter as GPUAdapter;
    for (const feature of ['subgroups', 'shader-f16'] as GPUFeatureName[]) {
      expect(device().features.has(feature)).toBe(features.has(feature));
    }
    expect(device().limits.maxStorageBuffersPerShaderStage).toBe(limits.maxStorageBuffersPerShaderStage);
    const [a, b] = [normal<tf.Rank.R2>([7, 5], 1), normal<tf.Rank.R2>([5, 3], 2)];
    const products = tf.sum(tf.mul(tf.expandDims(a, 2), tf.expandDims(b, 0)), 1);
    await expectClose(tf.matMul(a, b), products);
  });

  testOn('webgpu')('says that it was called too late, and which feature is missing', async () => {
    await expect(setWebGpuDevice()).rejects.toThrow(
      'setWebGpuDevice: expected a webgpu backend that has not started, received "one that has". ' +
        'Call it before tf.ready and tf.setBackend.',
    );
  });

  test('says what it needs where there is no WebGPU', async () => {
    if ((globalThis.navigator as {gpu?: object} | undefined)?.gpu !== undefined) return;
    await expect(setWebGpuDevice()).rejects.toThrow(
      'setWebGpuDevice: expected WebGPU in navigator.gpu, received undefined. The browser does not have it',
    );
  });
});
