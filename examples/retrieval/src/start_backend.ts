import * as tf from '@tensorflow/tfjs';
import {allowTfjsNodeOnNode24, startWebGpu} from 'tfjs-addons/node';

export const BACKENDS = ['wasm', 'tensorflow', 'webgpu', 'cpu'] as const;
export type BackendName = (typeof BACKENDS)[number];

/** Installed by `npm run setup:tensorflow`, hence no dependency of this package. */
const TFJS_NODE: string = '@tensorflow/tfjs-node';

/** Loads and selects a backend. Throws when it does not start: tfjs would go on with another one. */
export async function startBackend(name: BackendName): Promise<void> {
  if (name === 'wasm') await import('@tensorflow/tfjs-backend-wasm');
  if (name === 'webgpu') await startWebGpu();
  if (name === 'tensorflow') {
    process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
    allowTfjsNodeOnNode24();
    await import(TFJS_NODE);
  }
  const started = await tf.setBackend(name).catch(() => false);
  if (!started || tf.getBackend() !== name) throw new Error(`the backend ${name} did not start on this machine`);
}
