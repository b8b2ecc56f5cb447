import * as tf from '@tensorflow/tfjs-core';

import {threadsOf} from './backend_threads.js';
import {instanceOf, loaded} from './instance.js';
import {multipliesAndAdds} from './multiply_add.js';
import {Runner} from './runner.js';
import {type Workspace, workspaceOf} from './workspace.js';

/** Why a module of `modules/` cannot run on a backend, in words; `undefined` when it can. */
export function whyNotSimd(module: string, backend: object): string | undefined {
  const workspace = workspaceOf(backend);
  if (workspace === undefined) return 'the memory of the backend is hidden';
  return instanceOf(module, workspace.memory) === undefined ? 'no WebAssembly with SIMD' : undefined;
}

/** With which instructions the modules run, and on how many threads of a backend that has them, in words. */
export function simdInstructions(): string {
  const instructions = multipliesAndAdds()
    ? 'relaxed SIMD, multiply-add in one'
    : 'SIMD, no multiply-add in this engine';
  const threads = threadsOf(tf.backend());
  return threads === undefined ? instructions : `${instructions}, ${threads.describe()}`;
}

/**
 * The outputs that `run` makes in a workspace on `backend`, with the functions of a module for which `whyNotSimd` has
 * no reason.
 */
export function runSimd<Functions extends object>(
  module: string,
  backend: object,
  run: (functions: Functions, workspace: Workspace, runner: Runner) => void,
): tf.TensorInfo[] {
  const workspace = workspaceOf(backend)!;
  const parts = loaded(module, workspace.memory)!;
  try {
    run(parts.functions as Functions, workspace, new Runner(parts, workspace, threadsOf(backend)));
    return workspace.outputs();
  } finally {
    workspace.close();
  }
}
