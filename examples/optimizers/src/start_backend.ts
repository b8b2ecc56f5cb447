import * as tf from '@tensorflow/tfjs';

export const BACKENDS = ['cpu', 'wasm'] as const;
export type BackendName = (typeof BACKENDS)[number];

/** Loads and selects a backend. Throws when it does not start: tfjs would go on with another one. */
export async function startBackend(name: BackendName): Promise<void> {
  if (name === 'wasm') await import('@tensorflow/tfjs-backend-wasm');
  const started = await tf.setBackend(name).catch(() => false);
  if (!started || tf.getBackend() !== name) throw new Error(`the backend ${name} did not start on this machine`);
}
