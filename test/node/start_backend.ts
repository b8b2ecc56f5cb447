import * as tf from '@tensorflow/tfjs-core';

const BACKENDS: Record<string, string> = {
  cpu: '@tensorflow/tfjs-backend-cpu',
  wasm: '@tensorflow/tfjs-backend-wasm',
  tensorflow: process.env.TFJS_NODE_PACKAGE ?? '@tensorflow/tfjs-node',
};

/** Starts the backend of `TFJS_BACKEND` for a program whose standard output is its result: no backend greets on it. */
export async function startBackend(): Promise<void> {
  const backend = process.env.TFJS_BACKEND ?? 'cpu';
  if (backend === 'tensorflow') process.env.TF_CPP_MIN_LOG_LEVEL = '2';
  await import(BACKENDS[backend]);
  tf.env().set('IS_TEST', backend === 'cpu'); // whose greeting it silences
  await tf.setBackend(backend);
}
