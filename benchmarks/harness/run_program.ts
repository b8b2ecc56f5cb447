import * as tf from '@tensorflow/tfjs';

import type {Loop, Pass, Program} from '../benchmark.js';
import {withStockKernels} from './stock_kernels.js';

/** The output, and for training the gradients of the sources for the cotangent `dy`. */
export function runProgram(program: Program, pass: Pass, dy: tf.Tensor): tf.Tensor[] {
  if (program.onStockKernels) {
    return withStockKernels(() => runProgram({...program, onStockKernels: false}, pass, dy));
  }
  return tf.tidy(() => {
    if (pass === 'forward') return [program.run()];
    const {value, grads} = tf.engine().gradients(() => program.run(), program.sources, dy);
    return [value, ...grads];
  });
}

/** One step of training. */
export function runStep({step, onStockKernels}: Loop): void {
  tf.tidy(onStockKernels ? () => withStockKernels(step) : step);
}

interface GpuBackend {
  device: GPUDevice;
  commandEncoder: GPUCommandEncoder | null;
  endComputePassEncoder(): void;
  submitQueue(): void;
}

/** Ends when the device has computed what was recorded; the other backends compute before they return. */
export async function finished(): Promise<void> {
  if (tf.getBackend() !== 'webgpu') return;
  const backend = tf.backend() as unknown as GpuBackend;
  if (backend.commandEncoder !== null) {
    backend.endComputePassEncoder();
    backend.submitQueue();
  }
  await backend.device.queue.onSubmittedWorkDone();
}
