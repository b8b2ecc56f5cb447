import * as tf from '@tensorflow/tfjs-core';

const HOOK = 'AddonsBackendStart';
const actions = new Map<string, ((backend: object) => void)[]>();

/**
 * Runs `action` each time the backend is selected, and now if it has started already.
 *
 * tfjs has no such event, but it calls the `setupFunc` of every kernel of a backend when it selects the backend. The
 * kernel here exists for that alone. At that moment the backend's own kernels are registered, however late its
 * package was imported.
 */
export function onBackendStart(backendName: string, action: (backend: object) => void): void {
  const known = actions.get(backendName);
  actions.set(backendName, [...(known ?? []), action]);
  if (known === undefined) addHook(backendName);
  const started = tf.engine().registry[backendName];
  if (started !== undefined) action(started);
}

/** A second copy of this package finds the hook of the first and adds its own actions to it. */
function addHook(backendName: string): void {
  const first = tf.getKernel(HOOK, backendName) as tf.KernelConfig | undefined;
  if (first !== undefined) tf.unregisterKernel(HOOK, backendName);
  tf.registerKernel({
    kernelName: HOOK,
    backendName,
    kernelFunc: () => [],
    setupFunc: backend => {
      first?.setupFunc?.(backend);
      for (const action of actions.get(backendName) ?? []) action(backend);
    },
  });
}
