/** What a run costs besides time: launches, native ops, bytes. */
import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import type {Loop, Pass, Program} from '../benchmark.js';
import {finished, runProgram, runStep} from './run_program.js';
import {SharedMemory} from './shared_memory.js';

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

/**
 * Inside a graph nothing but TensorFlow sees bytes and ops: these are counted of the ops that the graph was made of,
 * one by one.
 */
async function costOfRun(run: () => tf.Tensor[]): Promise<Cost> {
  if (tf.getBackend() !== 'tensorflow') return costOfThisRun(run);
  tf.dispose(run()); // makes the graph
  const cost = await costOfThisRun(run);
  tfa.kernels.setCallsBeforeGraph(Number.POSITIVE_INFINITY);
  try {
    return {...(await costOfThisRun(run)), launches: cost.launches};
  } finally {
    tfa.kernels.setCallsBeforeGraph(0);
  }
}

async function costOfThisRun(run: () => tf.Tensor[]): Promise<Cost> {
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
  return {launches, nativeOps: ops?.count, peakBytes: meter.peak};
}

interface Buffers {
  numBytesUsed: number;
  acquireBuffer(...args: unknown[]): unknown;
}

/** GPU buffers on webgpu, where a tensor may take over the buffer of another; elsewhere tensors. */
const buffersOf = (): Buffers | undefined =>
  tf.getBackend() === 'webgpu' ? (tf.backend() as unknown as {bufferManager: Buffers}).bufferManager : undefined;

/**
 * Looks at the bytes whenever a tensor is made, inside kernels as well, where `tf.profile` sees them after each kernel
 * only. Tensors that share their memory, such as clones, reshapes and what a gradient saves, count once.
 */
function meterBytes(): {peak: number; stop(): void} {
  const buffers = buffersOf();
  return buffers === undefined ? meterTensors() : meterBuffers(buffers);
}

function meterBuffers(buffers: Buffers): {peak: number; stop(): void} {
  const before = buffers.numBytesUsed;
  const target = buffers as unknown as Record<string, (...args: unknown[]) => unknown>;
  const original = target.acquireBuffer;
  const meter = {peak: 0, stop: () => Reflect.deleteProperty(target, 'acquireBuffer')};
  target.acquireBuffer = (...args) => {
    const result = original.apply(target, args);
    meter.peak = Math.max(meter.peak, buffers.numBytesUsed - before);
    return result;
  };
  return meter;
}

function meterTensors(): {peak: number; stop(): void} {
  const engine = tf.engine() as unknown as Record<'trackTensor' | 'removeDataId', (...args: never[]) => void>;
  const {trackTensor, removeDataId} = engine;
  const memory = new SharedMemory();
  const aliases = watchAliases();
  const {tensorInfo} = tf.engine().state;
  engine.trackTensor = (tensor: tf.Tensor, ...rest: unknown[]) => {
    if (!tensorInfo.has(tensor.dataId)) memory.add(tensor, aliases?.of());
    trackTensor.apply(engine, [tensor, ...rest] as never[]);
  };
  engine.removeDataId = (dataId: object, ...rest: unknown[]) => {
    memory.remove(dataId);
    removeDataId.apply(engine, [dataId, ...rest] as never[]);
  };
  return {
    get peak() {
      return memory.peak;
    },
    stop() {
      Reflect.deleteProperty(engine, 'trackTensor');
      Reflect.deleteProperty(engine, 'removeDataId');
      aliases?.stop();
    },
  };
}

/** TensorFlow ops whose output is the memory of their first input. */
const SHARING = new Set(['Reshape', 'ExpandDims', 'Squeeze', 'Bitcast', 'InplaceUpdate']);

/** Whose memory the tensor that TensorFlow is about to return has, if another's. */
function watchAliases(): {of(): object | undefined; stop(): void} | undefined {
  if (tf.getBackend() !== 'tensorflow') return undefined;
  const backend = tf.backend() as unknown as Record<'executeSingleOutput', (...args: never[]) => tf.Tensor>;
  const {executeSingleOutput} = backend;
  let shared: object | undefined;
  backend.executeSingleOutput = (name: string, attrs: object[], inputs: tf.TensorInfo[]) => {
    shared = SHARING.has(name) ? inputs[0].dataId : undefined;
    try {
      return executeSingleOutput.apply(backend, [name, attrs, inputs] as never[]);
    } finally {
      shared = undefined;
    }
  };
  return {of: () => shared, stop: () => Reflect.deleteProperty(backend, 'executeSingleOutput')};
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
