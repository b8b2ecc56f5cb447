import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {precision, setPrecision} from '../../src/kernels.js';
import {BACKEND, useFullDevice} from '../support/backend.js';

useFullDevice();

const hasFloat16 = (): boolean =>
  BACKEND === 'webgpu' &&
  (tf.backend() as unknown as {device: GPUDevice}).device.features.has('shader-f16' as GPUFeatureName);

describe('kernels.setPrecision', () => {
  test('is float32 unless told', () => {
    expect(precision()).toBe('float32');
    setPrecision('float32');
    expect(precision()).toBe('float32');
  });

  test('float16 is an error where the device has none, and its setting where it has', () => {
    if (hasFloat16()) {
      setPrecision('float16');
      expect(precision()).toBe('float16');
      setPrecision('float32');
      expect(precision()).toBe('float32');
    } else if (BACKEND === 'webgpu') {
      expect(() => setPrecision('float16')).toThrow(
        'kernels.setPrecision: expected a device with shader-f16 for float16, received "one without". setWebGpuDevice, or',
      );
    } else {
      expect(() => setPrecision('float16')).toThrow(
        `kernels.setPrecision: expected the webgpu backend for float16, received "${BACKEND}". Call it after await`,
      );
    }
    expect(precision()).toBe('float32');
  });

  test('knows two', () => {
    expect(() => setPrecision('bfloat16' as never)).toThrow(
      `kernels.setPrecision: expected 'float32' or 'float16', received "bfloat16".`,
    );
  });
});
