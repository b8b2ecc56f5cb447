/** A page that trains on tfjs's build of `wasm` for several threads; the heap of that build is shared memory. */
import * as tf from '@tensorflow/tfjs';
import {getThreadsCount, setThreadsCount, setWasmPaths} from '@tensorflow/tfjs-backend-wasm';
import * as tfa from 'tfjs-addons';

export interface ThreadedRun {
  isolated: boolean;
  threads: number;
  /** Whether the heap of the backend is memory that its threads share. */
  shared: boolean;
  /** The largest difference from composed ops on the backend `cpu`, by program, of a tensor's largest number. */
  differences: Record<string, number>;
  report: {op: string; path: string; reason: string}[];
}

declare global {
  var runThreaded: (wasmFolder: string) => Promise<ThreadedRun>;
}

const normal = (shape: number[], seed: number): tf.Tensor => tf.randomNormal(shape, 0, 1, 'float32', seed);

/** Each returns tensors that depend on the forward and on the backward pass. */
const PROGRAMS: Record<string, () => tf.Tensor[]> = {
  batchMatMul: () => [tf.matMul(normal([3, 67, 53], 1), normal([3, 41, 53], 2), false, true)],
  gatedAttentionUnit: () => {
    const layer = tfa.layers.gatedAttentionUnit({units: 24, keySize: 8, pBias: 'rotary', inputShape: [19, 12]});
    const x = normal([2, 19, 12], 3);
    layer.apply(x);
    layer.setWeights(layer.getWeights().map((weight, i) => tf.mul(normal(weight.shape, 10 + i), 0.2)));
    return gradients(x => layer.apply(x) as tf.Tensor, [x]);
  },
  scaledDotProductAttention: () => {
    const attend = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) =>
      tfa.scaledDotProductAttention(q as tf.Tensor4D, k as tf.Tensor4D, v as tf.Tensor4D, {causal: true});
    return gradients(
      attend,
      [4, 5, 6].map(seed => normal([1, 2, 37, 8], seed)),
    );
  },
  linearAttention: () => {
    const attend = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) =>
      tfa.linearAttention(q as tf.Tensor4D, k as tf.Tensor4D, v as tf.Tensor4D, {causal: true});
    return gradients(
      attend,
      [7, 8, 9].map(seed => normal([1, 2, 71, 8], seed)),
    );
  },
  adamW: () => {
    const weights = tf.variable(normal([5, 7], 30));
    const optimizer = tfa.train.adamW(0.1);
    for (let step = 0; step < 3; step++) optimizer.minimize(() => tf.sum(tf.square(weights)) as tf.Scalar);
    return [weights];
  },
};

function gradients(run: (...inputs: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[]): tf.Tensor[] {
  const {value, grads} = tf.valueAndGrads((...xs) => tf.sum(tf.square(run(...xs))))(inputs, tf.scalar(1));
  return [value, ...grads];
}

const valuesOf = async (program: () => tf.Tensor[]): Promise<number[][]> =>
  Promise.all(program().map(async tensor => Array.from(await tensor.data())));

/** Of the largest number that is wanted. */
function differenceOf(got: number[], want: number[]): number {
  const scale = Math.max(...want.map(Math.abs));
  return Math.max(...want.map((x, i) => Math.abs(x - got[i]))) / scale;
}

globalThis.runThreaded = async wasmFolder => {
  setWasmPaths(wasmFolder);
  setThreadsCount(2);
  if (!(await tf.setBackend('wasm'))) throw new Error('the backend did not start');
  const got = new Map<string, number[][]>();
  for (const [name, program] of Object.entries(PROGRAMS)) got.set(name, await valuesOf(program));
  const {wasm} = tf.backend() as unknown as {wasm: {HEAPU8: Uint8Array}};
  const shared = wasm.HEAPU8.buffer instanceof SharedArrayBuffer;
  const report = tfa.kernels.report('wasm');
  await tf.setBackend('cpu');
  tfa.kernels.setFused(false);
  const differences: Record<string, number> = {};
  for (const [name, program] of Object.entries(PROGRAMS)) {
    const want = await valuesOf(program);
    differences[name] = Math.max(...want.map((values, i) => differenceOf(got.get(name)![i], values)));
  }
  return {isolated: globalThis.crossOriginIsolated, threads: getThreadsCount(), shared, differences, report};
};
