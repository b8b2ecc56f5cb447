import type * as tf from '@tensorflow/tfjs';

export type BackendName = 'tensorflow' | 'wasm' | 'cpu' | 'webgpu';

/** One way to compute the same thing. */
export interface Program {
  /** Makes the output from `sources`, on the tape. */
  run(): tf.Tensor;
  /** What the backward pass differentiates for, in the order of the case's inputs. */
  sources: tf.Tensor[];
  /** Runs without the kernels of tfjs that this package replaces. */
  onStockKernels?: boolean;
}

/** Inputs on the current backend and the programs that read them. */
export interface Case {
  /** Sent to PyTorch by name, in this order. */
  inputs: Record<string, tf.Tensor>;
  /** The public function or layer of this package. */
  ours: Program;
  /** The same from stock tfjs ops, as one would compose it without this package. */
  stock: Program;
  /** Gradient of the output to start from; standard normal numbers when absent. */
  cotangent?: tf.Tensor;
}

export interface Benchmark {
  name: string;
  /** What is computed, with its sizes. */
  title: string;
  /** Backends where it runs in reasonable time. */
  backends: readonly BackendName[];
  /** Name of the case in `torch/peer.py`. */
  torch?: string;
  /** Feature of the webgpu device without which it is left out, unless it is named. */
  needs?: string;
  /** Only the forward pass, for what has no gradient. */
  forwardOnly?: boolean;
  prepare(): Case;
}

/** A training loop, of which a step is measured. */
export interface Loop {
  step(): void;
  /** What the steps change. */
  variables: tf.Variable[];
  /** Runs without the kernels of tfjs that this package replaces. */
  onStockKernels?: boolean;
}

/** What an optimizer costs. The loops begin with equal values and end, after as many steps, with equal values. */
export interface StepBenchmark extends Pick<Benchmark, 'name' | 'title' | 'backends'> {
  prepareLoops(): {ours: Loop; stock: Loop};
  /** What is compared of a loop's variables; all of them unless told. */
  compared?(loop: Loop): tf.Tensor[];
}

/** How the cost of an op grows with the length of a sequence, beside other ways to compute the same. */
export interface GrowthBenchmark {
  name: string;
  title: string;
  prepare(length: number): GrowthCase;
}

export interface GrowthCase {
  ours: Program;
  /** By name; those whose tensors would take too much memory at this length are left out. */
  rivals: Record<string, Program>;
}

export const PASSES = ['forward', 'training'] as const;

/**
 * `forward` computes the output, `training` the output and the gradients of all sources. A `StepBenchmark` has `step`
 * alone.
 */
export type Pass = (typeof PASSES)[number] | 'step';

/** One number for each program. */
export interface Compared {
  ours: number;
  stock: number;
}

export interface PassResult {
  /** Smallest time of a run, in milliseconds. */
  milliseconds: Compared & {torch?: number; torchBfloat16?: number};
  oursOverStock: number;
  oursOverTorch?: number;
  /** Kernels that `tf.profile` counts. */
  launches: Compared;
  /** What the backend executes for them: TensorFlow ops, or WebGPU dispatches. */
  nativeOps?: Compared;
  /** Largest sum of the bytes of tensors that a run made; those that share their memory count once. */
  peakBytes: Compared;
}

export interface Result {
  title: string;
  passes: Partial<Record<Pass, PassResult>>;
}
