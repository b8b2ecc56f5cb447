/** In which precision kernels multiply that have a choice: a setting of the device, as what it can do is. */
import * as tf from '@tensorflow/tfjs-core';

import {check} from './check.js';
import {hasFloat16} from './webgpu_features.js';

/** `'float16'`: factors are rounded to 11 binary digits, and their products are summed up in float32. */
export type Precision = 'float32' | 'float16';

const ofFloat16 = new WeakSet<GPUDevice>();

/**
 * Lets kernels of the current backend that have a choice round the factors of their products to float16, which takes
 * half the memory and bandwidth inside a workgroup: so far attention on webgpu, `scaledDotProductAttention` and the
 * layers made of it. Everything else stays in float32, as do inputs, outputs and gradients.
 *
 * q, k and v are rounded to 11 binary digits, relative 2^-11, by the exponent of each row, so that no finite number
 * overflows and small rows keep their digits. Scores, softmax and all sums are float32; where the device has subgroup
 * matrices, they make both products, and a weight is two float16 numbers. Output and gradients are those of the rounded
 * inputs, within the tolerances of float32. Against inputs that are not rounded, scores differ by up to
 * 2^-10 · scale · Σ|q||k|; of standard normal inputs with heads of 64 the output did by 1e-3 at 8 keys and by 8e-5 at
 * 1024.
 *
 * The setting belongs to the device: another backend, or a device made later, begins with float32. `kernels.report()`
 * names the ops that ran in float16. Second derivatives are those of composed ops, in float32.
 *
 * @throws RangeError when `'float16'` is asked of another backend than webgpu, or of a device without `shader-f16`;
 *   `setWebGpuDevice` and `startWebGpu` make one that has it where the adapter does.
 *
 * ```ts no-run
 * const {features} = await tfa.setWebGpuDevice();
 * await tf.setBackend('webgpu');
 * if (features.includes('shader-f16')) tfa.kernels.setPrecision('float16');
 * ```
 */
export function setPrecision(value: Precision): void {
  const where = 'kernels.setPrecision';
  check(value === 'float32' || value === 'float16', where, "'float32' or 'float16'", value);
  const device = currentDevice();
  if (value === 'float32') {
    if (device !== undefined) ofFloat16.delete(device);
    return;
  }
  check(device !== undefined, where, 'the webgpu backend for float16', tf.getBackend(), SELECT_IT);
  check(hasFloat16(device), where, 'a device with shader-f16 for float16', 'one without', ASK_FOR_IT);
  ofFloat16.add(device);
}

/** The precision of the current backend. */
export function precision(): Precision {
  const device = currentDevice();
  return device !== undefined && ofFloat16.has(device) ? 'float16' : 'float32';
}

const currentDevice = (): GPUDevice | undefined =>
  tf.getBackend() === 'webgpu' ? (tf.backend() as unknown as {device: GPUDevice}).device : undefined;

const SELECT_IT = "Call it after await tf.setBackend('webgpu').";

const ASK_FOR_IT =
  'setWebGpuDevice, or startWebGpu in Node, asks for it where the adapter has it; on cards of NVIDIA, Dawn shows it with ' +
  "dawnOptions: ['enable-dawn-features=vulkan_enable_f16_on_nvidia'].";
