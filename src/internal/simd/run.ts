import type * as tf from '@tensorflow/tfjs-core';

import {instanceOf} from './instance.js';
import {multipliesAndAdds} from './multiply_add.js';
import {type Workspace, workspaceOf} from './workspace.js';

/** Why a module of `modules/` cannot run on a backend, in words; `undefined` when it can. */
export function whyNotSimd(module: string, backend: object): string | undefined {
  const workspace = workspaceOf(backend);
  if (workspace === undefined) return 'the memory of the backend is hidden';
  return instanceOf(module, workspace.memory) === undefined ? 'no WebAssembly with SIMD' : undefined;
}

/** With which instructions the modules run, in words. */
export const simdInstructions = (): string =>
  multipliesAndAdds() ? 'relaxed SIMD, multiply-add in one' : 'SIMD, no multiply-add in this engine';

/**
 * The outputs that `run` makes in a workspace on `backend`, with the functions of a module for which `whyNotSimd` has
 * no reason.
 */
export function runSimd<Functions extends object>(
  module: string,
  backend: object,
  run: (functions: Functions, workspace: Workspace) => void,
): tf.TensorInfo[] {
  const workspace = workspaceOf(backend)!;
  try {
    run(instanceOf(module, workspace.memory) as Functions, workspace);
    return workspace.outputs();
  } finally {
    workspace.close();
  }
}
