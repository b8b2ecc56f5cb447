import * as tf from '@tensorflow/tfjs';

import type {Benchmark, Case, PASSES, Pass, PassResult, Program, Result} from '../benchmark.js';
import {normal} from '../random.js';
import {now} from './clock.js';
import {costOf} from './counters.js';
import {difference, valuesOf} from './differences.js';
import {finished, runProgram} from './run_program.js';
import type {TorchPeer} from './torch_peer.js';
import {costs, interleave} from './turns.js';

export interface Settings {
  /** Turns of each program; fewer when the time is up. */
  rounds: number;
  /** Seconds for one pass of one benchmark. */
  budget: number;
  passes: readonly (typeof PASSES)[number][];
}

/** Throws, with the reason, when the programs do not agree. */
export async function measure(benchmark: Benchmark, torch: TorchPeer | undefined, settings: Settings): Promise<Result> {
  const given = benchmark.prepare();
  const prepared = {...given, stock: {...given.stock, onStockKernels: true}};
  const dy = prepared.cotangent ?? cotangentOf(prepared.ours);
  const peer = benchmark.torch === undefined ? undefined : torch;
  const passes = settings.passes.filter(pass => pass === 'forward' || !benchmark.forwardOnly);
  await checkAgreement(benchmark, prepared, dy, peer);
  const result: Result = {title: benchmark.title, passes: {}};
  for (const pass of passes) result.passes[pass] = await measurePass(prepared, dy, pass, peer, settings);
  return result;
}

const cotangentOf = (program: Program): tf.Tensor => {
  const output = runProgram(program, 'forward', tf.scalar(0))[0];
  return normal(output.shape, 99);
};

async function checkAgreement(
  benchmark: Benchmark,
  {inputs, ours, stock}: Case,
  dy: tf.Tensor,
  torch: TorchPeer | undefined,
): Promise<void> {
  const pass = benchmark.forwardOnly ? 'forward' : 'training';
  const names = ['output', ...Object.keys(inputs).map(name => `gradient of ${name}`)];
  const read = async (program: Program) => {
    const tensors = runProgram(program, pass, dy);
    const values = await valuesOf(tensors);
    tf.dispose(tensors);
    return values;
  };
  const mine = await read(ours);
  const offStock = difference(mine, await read(stock), names);
  if (offStock !== undefined) throw new Error(`ours and stock tfjs differ: ${offStock}`);
  if (torch === undefined) return;
  const offTorch = difference(mine, await torch.prepare(benchmark.torch!, inputs, dy), names);
  if (offTorch !== undefined) throw new Error(`ours and PyTorch differ: ${offTorch}`);
}

async function measurePass(
  {ours, stock}: Case,
  dy: tf.Tensor,
  pass: Pass,
  torch: TorchPeer | undefined,
  {rounds, budget}: Settings,
): Promise<PassResult> {
  const [our, their] = [await costOf(ours, pass, dy), await costOf(stock, pass, dy)];
  const turns = [
    {name: 'ours', time: (runs: number) => timeProgram(ours, pass, dy, runs)},
    {name: 'stock', time: (runs: number) => timeProgram(stock, pass, dy, runs)},
    ...(torch === undefined ? [] : [{name: 'torch', time: (runs: number) => torch.time(pass, runs)}]),
    ...(torch?.device === 'cuda'
      ? [{name: 'torchBfloat16', time: (runs: number) => torch.time(pass, runs, 'bfloat16')}]
      : []),
  ];
  const times = await interleave(turns, rounds, budget);
  const {ours: mine, stock: stocks, torch: torchs, torchBfloat16} = times;
  return {
    milliseconds: {
      ours: mine,
      stock: stocks,
      ...(torchs === undefined ? {} : {torch: torchs}),
      ...(torchBfloat16 === undefined ? {} : {torchBfloat16}),
    },
    oursOverStock: mine / stocks,
    ...(torchs === undefined ? {} : {oursOverTorch: mine / torchs}),
    ...costs(our, their),
  };
}

export async function timeProgram(program: Program, pass: Pass, dy: tf.Tensor, runs: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const start = now();
    const outputs = runProgram(program, pass, dy);
    await finished();
    times.push(now() - start);
    tf.dispose(outputs);
  }
  return times;
}
