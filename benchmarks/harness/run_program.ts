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

/** Ends when the device has computed `tensors`. */
export async function finished(tensors: readonly tf.Tensor[]): Promise<void> {
  if (tf.getBackend() !== 'webgpu') return; // the others compute before they return
  const {device} = tf.backend() as unknown as {device: GPUDevice; submitQueue(): void};
  const last = tensors[tensors.length - 1];
  const one = tf.tidy(() => tf.slice(tf.reshape(last, [-1]), 0, 1));
  await one.data(); // submits what was recorded
  one.dispose();
  await device.queue.onSubmittedWorkDone();
}
