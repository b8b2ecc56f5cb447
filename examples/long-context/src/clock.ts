import * as tf from '@tensorflow/tfjs';

/** These compute on one thread of this process. */
const ON_ONE_THREAD = ['wasm', 'cpu'];

/**
 * Milliseconds since some moment; on `wasm` and `cpu` those that the processor worked for this process, so that other
 * work on the machine does not count.
 */
export function now(): number {
  if (!ON_ONE_THREAD.includes(tf.getBackend())) return performance.now();
  const {user, system} = process.cpuUsage();
  return (user + system) / 1000;
}
