import * as tf from '@tensorflow/tfjs';

import type {BackendName} from './protocol.ts';
import {glContext} from './start_backend.ts';

/** A browser may tell of a loss only after what it made fail; milliseconds. */
const TOLD_WITHIN = 1000;

/** Watches the GPU device of the running backend. wasm has none to lose. */
export class Device {
  private gone = false;
  private readonly told: Promise<void>;

  /** @param onLost Called once, when the device is gone. */
  constructor(
    private readonly backend: BackendName,
    onLost: (reason: string) => void,
  ) {
    this.told = lossOf(backend).then(reason => {
      this.gone = true;
      onLost(reason);
    });
  }

  /** A lost WebGL context reads zeros and throws nothing, so that it is asked whenever a result came. */
  isLost(): boolean {
    return this.gone || (this.backend === 'webgl' && glContext().isContextLost());
  }

  /** Whether something may have failed because the device was going. */
  async wasLost(): Promise<boolean> {
    if (this.backend === 'wasm') return false;
    await Promise.race([this.told, new Promise(resolve => setTimeout(resolve, TOLD_WITHIN))]);
    return this.isLost();
  }
}

/** Why the device was lost, when it is. */
function lossOf(backend: BackendName): Promise<string> {
  if (backend === 'webgpu') {
    const {device} = tf.backend() as unknown as {device: GPUDevice};
    return device.lost.then(({message, reason}) => message || reason);
  }
  return new Promise(resolve => {
    if (backend !== 'webgl') return;
    glContext().canvas.addEventListener('webglcontextlost', () => resolve('webglcontextlost'), {once: true});
  });
}
