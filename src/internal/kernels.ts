/**
 * Chooses, for each op, between a fused kernel of the current backend and the composed reference.
 *
 * An op's folder calls `fusedKernel` for each backend it has a kernel for; the op itself calls `runKernelOr`.
 * Which path was taken, and why, is kept for `kernels.report()`.
 */
import * as tf from '@tensorflow/tfjs-core';

import {type KernelReport, lastRunOf, noteRun, opsSeen} from './kernel_runs.js';
import {setUpTfjs} from './setup.js';

export type {KernelReport} from './kernel_runs.js';

setUpTfjs();

export type Inputs = Record<string, tf.Tensor | undefined>;

export interface FusedKernel<I extends Inputs, A extends object> {
  /** The name of the backend: `webgpu`, `wasm`, `tensorflow`, `cpu` or `webgl`. */
  backend: string;
  /** The inputs that the kernel cannot take, in words; `undefined` when it can. */
  unsupported?(inputs: I, attrs: A): string | undefined;
  /** How it runs these inputs, in words for the report, where it has several ways. */
  form?(inputs: I, attrs: A): string | undefined;
  /** Runs on the live backend; several outputs as an array. Composed ops may be called inside. */
  run(inputs: I, attrs: A, backend: tf.KernelBackend): tf.TensorInfo | tf.TensorInfo[];
}

const fused = new Map<string, FusedKernel<Inputs, object>>();
let enabled = true;

const SWITCHED_OFF = 'fused kernels are switched off by kernels.setFused(false)';

const keyOf = (op: string, backend: string): string => `${op}@${backend}`;

/** Registers a kernel of `op`, with tfjs as well, so that profiles name it. */
export function fusedKernel<I extends Inputs, A extends object>(op: string, kernel: FusedKernel<I, A>): void {
  const key = keyOf(op, kernel.backend);
  if (fused.has(key)) return;
  fused.set(key, kernel as unknown as FusedKernel<Inputs, object>);
  if (tf.getKernel(op, kernel.backend) !== undefined) return; // a second copy of this package was there first
  tf.registerKernel({
    kernelName: op,
    backendName: kernel.backend,
    kernelFunc: ({inputs, attrs, backend}) =>
      kernel.run(inputs as unknown as I, attrs as unknown as A, backend as tf.KernelBackend),
  });
}

/**
 * Runs the fused kernel of `op` where the current backend has one that takes these inputs, else `reference`.
 * Both return the same values within the package's tolerance. `undefined` inputs are left out.
 */
export function runKernelOr<T extends tf.Tensor | tf.Tensor[]>(
  op: string,
  inputs: Inputs,
  attrs: object,
  reference: () => T,
): T {
  const backend = tf.getBackend();
  const reason = whyComposed(op, backend, inputs, attrs);
  noteRun({
    op,
    backend,
    path: reason === undefined ? 'fused' : 'composed',
    reason: reason ?? kernelRun(op, backend, inputs, attrs),
  });
  if (reason !== undefined) return tf.tidy(reference);
  const present = Object.fromEntries(Object.entries(inputs).filter(([, tensor]) => tensor !== undefined));
  return tf.engine().runKernel(op, present as tf.NamedTensorMap, attrs as unknown as tf.NamedAttrMap) as T;
}

function kernelRun(op: string, backend: string, inputs: Inputs, attrs: object): string {
  const form = fused.get(keyOf(op, backend))!.form?.(inputs, attrs);
  return `kernel ${op} for ${backend}${form === undefined ? '' : `, ${form}`}`;
}

/** Why `runKernelOr` would take no fused kernel for these inputs, in words; `undefined` when it would. */
export const whyNotFused = (op: string, inputs: Inputs, attrs: object): string | undefined =>
  whyComposed(op, tf.getBackend(), inputs, attrs);

/** Whether `runKernelOr` would take a fused kernel for these inputs; a reason against it goes to the report. */
export function takesKernel(op: string, inputs: Inputs, attrs: object): boolean {
  const backend = tf.getBackend();
  const reason = whyComposed(op, backend, inputs, attrs);
  if (reason === undefined) return true;
  noteRun({op, backend, path: 'composed', reason});
  return false;
}

/** Whether an op may take a shortcut that is open on every backend; the report tells that it did. */
export function choosePath(op: string, shortcut: string): boolean {
  const backend = tf.getBackend();
  const reason = enabled ? shortcut : SWITCHED_OFF;
  noteRun({op, backend, path: enabled ? 'fused' : 'composed', reason});
  return enabled;
}

function whyComposed(op: string, backend: string, inputs: Inputs, attrs: object): string | undefined {
  const kernel = fused.get(keyOf(op, backend));
  if (kernel === undefined) return `no fused kernel for ${backend}`;
  if (!enabled) return SWITCHED_OFF;
  return kernel.unsupported?.(inputs, attrs);
}

/** `false` runs every op of this package as composed tfjs ops; `true`, the default, allows fused kernels. */
export function setFused(value: boolean): void {
  enabled = value;
}

/** Whether fused kernels are allowed. */
export function isFused(): boolean {
  return enabled;
}

/** For each op that has run, or has a kernel for it, on `backend`: the path taken last and the reason. */
export function report(backend: string = tf.getBackend()): KernelReport[] {
  const names = new Set([...opsSeen(), ...[...fused.keys()].filter(key => key.endsWith(`@${backend}`)).map(nameOf)]);
  return [...names].sort().map(op => lastRunOf(op, backend) ?? unused(op, backend));
}

const nameOf = (key: string): string => key.slice(0, key.lastIndexOf('@'));

function unused(op: string, backend: string): KernelReport {
  const available = enabled && fused.has(keyOf(op, backend));
  return {op, backend, path: available ? 'fused' : 'composed', reason: 'not run yet on this backend'};
}
