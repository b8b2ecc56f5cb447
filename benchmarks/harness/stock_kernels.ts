import * as tf from '@tensorflow/tfjs';

/** tfjs's own kernels in place of those that this package replaces when a backend starts. */
let replaced: {stock: tf.KernelConfig; ours: tf.KernelConfig}[] = [];

/** Runs `start`, which selects the backend, and remembers what it replaced. */
export async function rememberStockKernels(backend: string, start: () => Promise<void>): Promise<void> {
  const before = tf.getKernelsForBackend(backend);
  await start();
  replaced = before
    .map(stock => ({stock, ours: tf.getKernel(stock.kernelName, backend)}))
    .filter(({stock, ours}) => ours !== stock);
}

/** Runs with the kernels that tfjs has without this package. */
export function withStockKernels<T>(run: () => T): T {
  exchange(replaced.map(({stock}) => stock));
  try {
    return run();
  } finally {
    exchange(replaced.map(({ours}) => ours));
  }
}

function exchange(kernels: tf.KernelConfig[]): void {
  for (const kernel of kernels) {
    tf.unregisterKernel(kernel.kernelName, kernel.backendName);
    tf.registerKernel(kernel);
  }
}
