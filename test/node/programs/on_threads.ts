/** A page that runs the same on several threads and on one, to the same bits. */
import * as tf from '@tensorflow/tfjs';
import {setThreadsCount, setWasmPaths} from '@tensorflow/tfjs-backend-wasm';
import * as tfa from 'tfjs-addons';

export interface RunOnThreads {
  /** The programs whose values have other bits than on one thread: at first, and when the heap has grown. */
  different: string[];
  differentInLargerHeap: string[];
  /** How often a call gave other bits, of so many of changing shapes. */
  races: number;
  /** Calls of functions of modules, and those of them that workers did. */
  calls: number;
  callsOfWorkers: number;
  /** Tensors that are left, and workers that outlive the backend. */
  leaked: number;
  workersLeft: number;
  /** What the report says on one thread, on several, and where workers are refused or do not load. */
  reasons: {one: string; several: string; refused: string; missing: string};
  /** The programs that give other bits there, and what the console was told. */
  differentWithoutWorkers: string[];
  warnings: string[];
}

declare global {
  var runOnThreads: (wasmFolder: string) => Promise<RunOnThreads>;
}

/** A prime, after which numbers repeat. */
const PERIOD = 16_381;

/** Numbers between −1 and 1 without an order. */
function numbers(shape: number[], seed: number): tf.Tensor {
  const size = tf.util.sizeFromShape(shape);
  const period = tf.sin(tf.mul(tf.range(0, PERIOD), 2.1 + 0.37 * seed)) as tf.Tensor1D;
  return tf.reshape(tf.slice(tf.tile(period, [Math.ceil(size / PERIOD)]), 0, size), shape);
}

const bool = (shape: number[], seed: number): tf.Tensor => tf.less(numbers(shape, seed), 0.7);

/** The value, and the gradients for all inputs, of what multiplies each element of the result by another number. */
function passes(run: (...inputs: never[]) => tf.Tensor, inputs: tf.Tensor[]): tf.Tensor[] {
  const total = (...xs: tf.Tensor[]) => {
    const y = run(...(xs as never[]));
    return tf.sum(tf.mul(y, tf.cos(tf.reshape(tf.range(0, y.size), y.shape))));
  };
  return [run(...(inputs as never[])), ...tf.valueAndGrads(total)(inputs).grads];
}

const attention =
  (options: tfa.ScaledDotProductAttentionOptions) =>
  (q: tf.Tensor4D, k: tf.Tensor4D, v: tf.Tensor4D): tf.Tensor =>
    tfa.scaledDotProductAttention(q, k, v, options);

const heads = (batch: number, count: number, queries: number, keys: number, size: number, channels: number) =>
  [
    [batch, count, queries, size],
    [batch, count, keys, size],
    [batch, count, keys, channels],
  ].map((shape, i) => numbers(shape, 20 + i));

const product = (a: number[], b: number[], transposeA: boolean, transposeB: boolean) => [
  tf.matMul(numbers(a, 1), numbers(b, 2), transposeA, transposeB),
];

const spans = (heads: number) =>
  tfa.spanLabels(
    Array.from({length: 5}, (_, i) => [{head: i % heads, start: i, end: 2 * i + 1}]),
    {heads},
  );

/** Each is large enough for several threads, in sides that divide nothing. */
export const PARALLEL: Record<string, () => tf.Tensor[]> = {
  'products of a batch': () => product([13, 67, 53], [13, 61, 53], false, true),
  'products with one matrix': () => product([13, 67, 53], [1, 61, 53], false, true),
  'a tall product': () => product([53, 1021], [53, 67], true, false),
  'a wide product': () => product([67, 53], [1021, 53], false, true),
  'fewer rows than threads': () => product([3, 521], [2053, 521], false, true),
  'products of one number': () => product([40_003, 1, 61], [40_003, 1, 61], false, true),
  'gated attention': () => {
    const layer = tfa.layers.gatedAttentionUnit({units: 97, keySize: 16, inputShape: [131, 97]});
    const x = numbers([2, 131, 97], 3);
    layer.apply(x);
    layer.setWeights(layer.getWeights().map((weight, i) => tf.mul(numbers(weight.shape, 10 + i), 0.1)));
    const results = passes((x: tf.Tensor) => layer.apply(x) as tf.Tensor, [x]);
    layer.dispose();
    return results;
  },
  'one head of attention': () => passes(attention({}), heads(1, 1, 397, 203, 17, 19)),
  'one query': () => passes(attention({}), heads(601, 2, 1, 67, 17, 19)),
  'causal attention': () => passes(attention({causal: true}), heads(2, 7, 131, 131, 17, 19)),
  'attention without softmax': () =>
    passes(attention({normalization: 'squaredRelu', mask: bool([3, 67], 5)}), heads(3, 5, 131, 67, 17, 19)),
  'attention with dropout': () =>
    passes(attention({dropoutRate: 0.3, seed: 7, training: true}), heads(2, 5, 131, 67, 17, 19)),
  'attention with a bias for all heads': () => {
    const run = (q: tf.Tensor4D, k: tf.Tensor4D, v: tf.Tensor4D, bias: tf.Tensor) =>
      tfa.scaledDotProductAttention(q, k, v, {bias, normalization: 'softmaxPlus'});
    return passes(run, [...heads(2, 5, 131, 67, 17, 19), numbers([131, 67], 6)]);
  },
  'causal linear attention': () => {
    const run = (q: tf.Tensor4D, k: tf.Tensor4D, v: tf.Tensor4D) => tfa.linearAttention(q, k, v, {causal: true});
    return passes(run, heads(2, 7, 131, 131, 17, 19));
  },
  'scores of spans': () => {
    const run = (q: tf.Tensor4D, k: tf.Tensor4D) => tfa.globalPointerScores(q, k, {mask: bool([5, 67], 8)});
    return passes(run, [numbers([5, 3, 67, 37], 1), numbers([5, 3, 67, 37], 2)]);
  },
  'loss of spans': () => {
    const run = (q: tf.Tensor4D, k: tf.Tensor4D) => tfa.globalPointerCrossentropy(spans(3), q, k, {reduction: 'none'});
    return passes(run, [numbers([5, 3, 67, 71], 1), numbers([5, 3, 67, 71], 2)]);
  },
  'factorised loss of spans': () => {
    const run = (q: tf.Tensor3D, k: tf.Tensor3D, bias: tf.Tensor3D) =>
      tfa.efficientGlobalPointerCrossentropy(spans(3), q, k, bias, {reduction: 'none'});
    return passes(run, [numbers([5, 67, 101], 1), numbers([5, 67, 101], 2), numbers([5, 67, 6], 3)]);
  },
  swish: () => passes(tfa.swish as never, [numbers([523, 1021], 1)]),
};

const THREADS = 4;
const ROUNDS = 300;
/** What grows the heap: numbers of a tensor. */
const LARGE = 1 << 24;

type Bits = Int32Array[];

const bitsOf = (program: () => tf.Tensor[]): Bits =>
  tf.tidy(() => program().map(x => new Int32Array(x.dataSync().slice().buffer)));
const isSame = (a: Bits, b: Bits): boolean =>
  a.length === b.length && a.every((x, i) => x.length === b[i].length && x.every((bits, j) => bits === b[i][j]));

const differing = (want: Map<string, Bits>, names = [...want.keys()]): string[] =>
  names.filter(name => !isSame(bitsOf(PARALLEL[name]), want.get(name)!));

/** Programs of which each has a module of its own. */
const SOME = ['a tall product', 'one head of attention', 'causal linear attention'];

/** Shapes of products that are asked for in turn, so that each job follows another. */
const SHAPES = Array.from({length: 12}, (_, i) => [11 + 5 * i, 31 + ((7 * i) % 48), 97 + ((29 * i) % 64)]);
const turn = ([rows, columns, depth]: number[]) => product([17, rows, depth], [17, columns, depth], false, true);

const heap = (): ArrayBufferLike =>
  (tf.backend() as unknown as {wasm: {HEAPU8: Uint8Array}}).wasm.HEAPU8.buffer as ArrayBufferLike;

const reasonOf = (): string => tfa.kernels.report('wasm').find(({op}) => op === 'BatchMatMul')!.reason;

async function startBackend(threads: number): Promise<void> {
  const factory = tf.findBackendFactory('wasm');
  tf.removeBackend('wasm');
  setThreadsCount(threads);
  tf.registerBackend('wasm', factory);
  if (!(await tf.setBackend('wasm'))) throw new Error('the backend did not start');
}

/** Runs until the report says what `words` are, as workers start when they do. */
async function runUntil(words: string): Promise<string> {
  for (let i = 0; i < 500; i++) {
    bitsOf(() => turn(SHAPES[11]));
    if (reasonOf().includes(words)) return reasonOf();
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  return reasonOf();
}

/** Counts calls of our modules: those that are asked for, and those that the thread that asks has done. */
function countCalls(): {asked: number; own: number} {
  const counts = {asked: 0, own: 0};
  const {store, add} = Atomics;
  const isOurs = (view: unknown): boolean => (view as Int32Array).length < 16;
  Atomics.store = ((view: Int32Array, at: number, value: number) => {
    if (isOurs(view)) counts.asked += value & 0xffff;
    return store(view, at, value);
  }) as typeof Atomics.store;
  Atomics.add = ((view: Int32Array, at: number, value: number) => {
    if (isOurs(view)) counts.own += value;
    return add(view, at, value);
  }) as typeof Atomics.add;
  return counts;
}

/** The workers that have been made, and not ended. */
function watchWorkers(): Set<Worker> {
  const alive = new Set<Worker>();
  globalThis.Worker = class extends Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      alive.add(this);
    }
    override terminate(): void {
      alive.delete(this);
      super.terminate();
    }
  };
  return alive;
}

globalThis.runOnThreads = async wasmFolder => {
  setWasmPaths(wasmFolder);
  const workers = watchWorkers();
  const RealWorker = globalThis.Worker;
  const warnings: string[] = [];
  await startBackend(1);
  const want = new Map(Object.entries(PARALLEL).map(([name, program]) => [name, bitsOf(program)]));
  const products = SHAPES.map(shape => bitsOf(() => turn(shape)));
  const one = reasonOf();
  await startBackend(THREADS);
  const before = tf.memory().numTensors;
  const several = await runUntil(`up to ${THREADS} threads`);
  const counts = countCalls();
  const different = differing(want);
  let races = 0;
  for (let i = 0; i < ROUNDS; i++) {
    const which = (i * 7) % SHAPES.length;
    if (
      !isSame(
        bitsOf(() => turn(SHAPES[which])),
        products[which],
      )
    )
      races++;
  }
  const large: tf.Tensor[] = [];
  for (const size = heap().byteLength; heap().byteLength === size; ) large.push(tf.zeros([LARGE]));
  const differentInLargerHeap = differing(want, SOME);
  tf.dispose(large);
  const leaked = tf.memory().numTensors - before;
  const {warn} = console;
  console.warn = (text: string) => {
    if (text.startsWith('Kernels of wasm')) warnings.push(text); // the library of threads warns of itself
  };
  await startBackend(THREADS);
  globalThis.Worker = class {
    constructor() {
      throw new Error('refused by the test');
    }
  } as unknown as typeof Worker;
  const refused = await runUntil('no worker');
  const differentWithoutWorkers = differing(want, SOME);
  globalThis.Worker = RealWorker;
  await startBackend(THREADS);
  globalThis.Worker = class extends RealWorker {
    constructor() {
      super('/no_such_file.js');
    }
  };
  const missing = await runUntil('no worker');
  differentWithoutWorkers.push(...differing(want, SOME));
  await tf.setBackend('cpu');
  tf.removeBackend('wasm');
  console.warn = warn;
  return {
    different,
    differentInLargerHeap,
    races,
    calls: counts.asked,
    callsOfWorkers: counts.asked - counts.own,
    leaked,
    workersLeft: workers.size,
    reasons: {one, several, refused, missing},
    differentWithoutWorkers,
    warnings,
  };
};
