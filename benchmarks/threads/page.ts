/** A page that times benchmarks on tfjs's build of `wasm` for several threads. */
import * as tf from '@tensorflow/tfjs';
import {getThreadsCount, setThreadsCount, setWasmPaths} from '@tensorflow/tfjs-backend-wasm';
import * as tfa from 'tfjs-addons';

import type {Benchmark, Case, PASSES, Program} from '../benchmark.js';
import {difference, valuesOf} from '../harness/differences.js';
import {runProgram} from '../harness/run_program.js';
import {rememberStockKernels} from '../harness/stock_kernels.js';
import {normal} from '../random.js';
import {BENCHMARKS} from '../registry.js';

type Side = 'ours' | 'stock';

declare global {
  /** Gives the number of threads, once all of them run. */
  var start: (wasmFolder: string, threads: number) => Promise<number>;
  /** Throws where ours and stock differ. */
  var prepare: (name: string) => Promise<void>;
  /** Milliseconds of one run. */
  var time: (side: Side, pass: (typeof PASSES)[number]) => number;
}

let prepared: Case;
let dy: tf.Tensor;

const programOf = (side: Side): Program => ({...prepared[side], onStockKernels: side === 'stock'});

globalThis.start = async (wasmFolder, threads) => {
  setWasmPaths(wasmFolder);
  setThreadsCount(threads);
  await rememberStockKernels('wasm', async () => {
    await tf.setBackend('wasm');
  });
  if (threads === 1) return getThreadsCount();
  const large = normal([8, 128, 128], 1);
  for (;;) {
    tf.dispose(tf.matMul(large, large, false, true));
    const {reason} = tfa.kernels.report('wasm').find(({op}) => op === 'BatchMatMul')!;
    if (reason.includes(`on up to ${threads} threads`)) return getThreadsCount();
    await new Promise(resolve => setTimeout(resolve, 20));
  }
};

globalThis.prepare = async name => {
  const benchmark = BENCHMARKS.find(benchmark => benchmark.name === name) as Benchmark;
  prepared = benchmark.prepare();
  dy =
    prepared.cotangent ??
    normal(
      tf.tidy(() => prepared.ours.run().shape),
      99,
    );
  const [ours, stock] = (['ours', 'stock'] as const).map(side => runProgram(programOf(side), 'training', dy));
  const names = ['output', ...Object.keys(prepared.inputs)];
  const off = difference(await valuesOf(ours), await valuesOf(stock), names);
  if (off !== undefined) throw new Error(`${name}: ours and stock tfjs differ: ${off}`);
  tf.dispose([ours, stock]);
};

globalThis.time = (side, pass) => {
  const start = performance.now();
  tf.dispose(runProgram(programOf(side), pass, dy));
  return performance.now() - start;
};
