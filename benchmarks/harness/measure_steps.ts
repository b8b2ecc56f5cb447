import * as tf from '@tensorflow/tfjs';

import type {Loop, Result, StepBenchmark} from '../benchmark.js';
import {now} from './clock.js';
import {costOfStep} from './counters.js';
import {difference, valuesOf} from './differences.js';
import type {Settings} from './measure.js';
import {finished, runStep} from './run_program.js';
import {costs, interleave} from './turns.js';

/** Steps before the values are compared; the first makes the state. */
const STEPS = 3;

/** Throws, with the reason, when the loops do not end with the same values. */
export async function measureSteps(
  {title, prepareLoops, compared = ({variables}) => variables}: StepBenchmark,
  {rounds, budget}: Pick<Settings, 'rounds' | 'budget'>,
): Promise<Result> {
  const {ours, stock} = prepareLoops();
  const read = async (loop: Loop) => {
    for (let i = 0; i < STEPS; i++) runStep(loop);
    return valuesOf(compared(loop));
  };
  const mine = await read(ours);
  const names = mine.map((_, i) => `variable ${i}`);
  const off = difference(mine, await read(stock), names);
  if (off !== undefined) throw new Error(`ours and stock tfjs differ: ${off}`);
  for (const loop of [ours, stock]) await timeSteps(loop, 1);
  const [our, their] = [await costOfStep(ours), await costOfStep(stock)];
  const times = await interleave(
    [
      {name: 'ours', time: runs => timeSteps(ours, runs)},
      {name: 'stock', time: runs => timeSteps(stock, runs)},
    ],
    rounds,
    budget,
  );
  tf.dispose([ours.variables, stock.variables]);
  const milliseconds = {ours: times.ours, stock: times.stock};
  return {
    title,
    passes: {step: {milliseconds, oursOverStock: times.ours / times.stock, ...costs(our, their)}},
  };
}

async function timeSteps(loop: Loop, runs: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const start = now();
    runStep(loop);
    await finished();
    times.push(now() - start);
  }
  return times;
}
