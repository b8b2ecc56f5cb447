import type * as tf from '@tensorflow/tfjs-core';

import {instanceOf} from './instance.js';
import {type Workspace, workspaceOf} from './workspace.js';

/** Why a module of `modules/` cannot run on a backend, in words; `undefined` when it can. */
export function whyNotSimd(module: string, backend: object): string | undefined {
  const workspace = workspaceOf(backend);
  if (workspace === undefined) return 'the memory of the backend is hidden';
  return instanceOf(module, workspace.memory) === undefined ? 'no WebAssembly with SIMD' : undefined;
}

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
