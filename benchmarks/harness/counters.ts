/** What a run costs besides time: launches, native ops, bytes. */
import * as tf from '@tensorflow/tfjs';

import type {Loop, Pass, Program} from '../benchmark.js';
import {finished, runProgram, runStep} from './run_program.js';

export interface Cost {
  launches: number;
  nativeOps?: number;
  peakBytes: number;
}

/** `tf.profile` lists each `customGrad` among the kernels, which launches nothing of its own; those are left out. */
export const costOf = (program: Program, pass: Pass, dy: tf.Tensor): Promise<Cost> =>
  costOfRun(() => runProgram(program, pass, dy));

export const costOfStep = (loop: Loop): Promise<Cost> =>
  costOfRun(() => {
    runStep(loop);
    return [];
  });

async function costOfRun(run: () => tf.Tensor[]): Promise<Cost> {
  const before = bytesInUse();
  const meter = meterBytes();
  const ops = countNativeOps();
  let outputs: tf.Tensor[] = [];
  let profile: Awaited<ReturnType<typeof tf.profile>>;
  try {
    profile = await tf.profile(() => {
      outputs = run();
      return outputs;
    });
    await finished();
  } finally {
    meter.stop();
    ops?.stop();
  }
  tf.dispose(outputs);
  const launches = profile.kernels.filter(({name}) => tf.getKernel(name, tf.getBackend()) !== undefined).length;
  return {launches, nativeOps: ops?.count, peakBytes: meter.peak - before};
}

interface Buffers {
  numBytesUsed: number;
  acquireBuffer(...args: unknown[]): unknown;
}

/** GPU buffers on webgpu, where a tensor may take over the buffer of another; elsewhere tensors. */
const buffersOf = (): Buffers | undefined =>
  tf.getBackend() === 'webgpu' ? (tf.backend() as unknown as {bufferManager: Buffers}).bufferManager : undefined;

const bytesInUse = (): number => buffersOf()?.numBytesUsed ?? tf.memory().numBytes;

/** `tf.profile` looks at the sum of bytes after each kernel; this sees what a kernel makes inside as well. */
function meterBytes(): {peak: number; stop(): void} {
  const buffers = buffersOf();
  const [owner, name] = buffers === undefined ? [tf.engine(), 'trackTensor'] : [buffers, 'acquireBuffer'];
  const target = owner as unknown as Record<string, (...args: unknown[]) => unknown>;
  const original = target[name];
  const meter = {peak: bytesInUse(), stop: () => Reflect.deleteProperty(target, name)};
  target[name] = (...args) => {
    const result = original.apply(target, args);
    meter.peak = Math.max(meter.peak, buffers?.numBytesUsed ?? tf.engine().state.numBytes);
    return result;
  };
  return meter;
}

/** One kernel may execute several ops of the backend: those are counted where the backend runs them. */
function countNativeOps(): {count: number; stop(): void} | undefined {
  switch (tf.getBackend()) {
    case 'tensorflow':
      return countCalls(['executeSingleOutput', 'executeMultipleOutputs']);
    case 'webgpu':
      return countDispatches();
    default:
      return undefined;
  }
}

function countCalls(names: readonly string[]): {count: number; stop(): void} {
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

/** The backend, and this package, count up to the next submission. */
function countDispatches(): {count: number; stop(): void} {
  const backend = tf.backend() as unknown as {dispatchCountInPass: number};
  let inPass = backend.dispatchCountInPass;
  const counter = {
    count: 0,
    stop: () => {
      Object.defineProperty(backend, 'dispatchCountInPass', {
        value: inPass,
        writable: true,
        configurable: true,
        enumerable: true,
      });
    },
  };
  Object.defineProperty(backend, 'dispatchCountInPass', {
    configurable: true,
    enumerable: true,
    get: () => inPass,
    set(count: number) {
      counter.count += Math.max(0, count - inPass);
      inPass = count;
    },
  });
  return counter;
}
