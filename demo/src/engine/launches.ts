import * as tf from '@tensorflow/tfjs';

import type {BackendName} from './protocol.ts';
import {glContext} from './start_backend.ts';

/** Counts what the running backend launches: compute passes on webgpu, draw calls on webgl, kernels on wasm. */
export class LaunchCounter {
  private count = 0;

  constructor(backend: BackendName) {
    if (backend === 'webgpu')
      this.wrap(GPUComputePassEncoder.prototype, ['dispatchWorkgroups', 'dispatchWorkgroupsIndirect']);
    if (backend === 'webgl') this.wrap(glContext(), ['drawArrays', 'drawElements']);
    if (backend === 'wasm') {
      for (const {kernelName} of tf.getKernelsForBackend('wasm')) this.wrapKernel(kernelName);
    }
  }

  /** The launches since the last call. */
  take(): number {
    const {count} = this;
    this.count = 0;
    return count;
  }

  private wrap(owner: object, names: readonly string[]): void {
    const target = owner as Record<string, (...args: unknown[]) => unknown>;
    for (const name of names) {
      const original = target[name];
      const counter = this;
      target[name] = function (this: unknown, ...args: unknown[]) {
        counter.count++;
        return original.apply(this, args);
      };
    }
  }

  private wrapKernel(kernelName: string): void {
    const config = tf.getKernel(kernelName, 'wasm');
    const original = config.kernelFunc;
    Object.assign(config, {
      kernelFunc: (params: Parameters<typeof original>[0]) => {
        this.count++;
        return original(params);
      },
    });
  }
}
