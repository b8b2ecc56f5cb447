/** What a run costs besides time: launches, native ops, bytes. */
import * as tf from '@tensorflow/tfjs';

import type {Pass, Program} from '../benchmark.js';
import {finished, runProgram} from './run_program.js';

export interface Cost {
  launches: number;
  nativeOps?: number;
  peakBytes: number;
}

/** `tf.profile` lists each `customGrad` among the kernels, which launches nothing of its own; those are left out. */
export async function costOf(program: Program, pass: Pass, dy: tf.Tensor): Promise<Cost> {
  const before = tf.memory().numBytes;
  const meter = meterBytes();
  const ops = countNativeOps();
  let outputs: tf.Tensor[] = [];
  let profile: Awaited<ReturnType<typeof tf.profile>>;
  try {
    profile = await tf.profile(() => {
      outputs = runProgram(program, pass, dy);
      return outputs;
    });
  } finally {
    meter.stop();
    ops?.stop();
  }
  await finished(outputs);
  tf.dispose(outputs);
  const launches = profile.kernels.filter(({name}) => tf.getKernel(name, tf.getBackend()) !== undefined).length;
  return {launches, nativeOps: ops?.count, peakBytes: meter.peak - before};
}

/** `tf.profile` looks at the sum of bytes after each kernel; this sees the tensors inside a kernel as well. */
function meterBytes(): {peak: number; stop(): void} {
  const engine = tf.engine();
  const {trackTensor} = engine as unknown as {trackTensor(...args: unknown[]): void};
  const meter = {peak: tf.memory().numBytes, stop: () => Reflect.deleteProperty(engine, 'trackTensor')};
  Object.assign(engine, {
    trackTensor(...args: unknown[]) {
      trackTensor.apply(engine, args);
      meter.peak = Math.max(meter.peak, engine.state.numBytes);
    },
  });
  return meter;
}

const NATIVE_CALLS: Record<string, readonly string[]> = {
  tensorflow: ['executeSingleOutput', 'executeMultipleOutputs'],
  webgpu: ['runWebGPUProgram'],
};

/** One kernel may execute several ops of the backend: those are counted where the backend runs them. */
function countNativeOps(): {count: number; stop(): void} | undefined {
  const names = NATIVE_CALLS[tf.getBackend()];
  if (names === undefined) return undefined;
  const backend = tf.backend() as unknown as Record<string, (...args: unknown[]) => unknown>;
  const counter = {
    count: 0,
    stop: () => {
      for (const name of names) Reflect.deleteProperty(backend, name);
    },
  };
  for (const name of names) {
    const original = backend[name];
    backend[name] = (...args) => {
      counter.count++;
      return original.apply(backend, args);
    };
  }
  return counter;
}
