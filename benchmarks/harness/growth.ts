import * as tf from '@tensorflow/tfjs';

import type {GrowthBenchmark, GrowthCase, Pass, Program} from '../benchmark.js';
import {normal} from '../random.js';
import {costOf} from './counters.js';
import {difference, valuesOf} from './differences.js';
import {type Settings, timeProgram} from './measure.js';
import {runProgram} from './run_program.js';
import {interleave} from './turns.js';

const MEASURES = ['milliseconds', 'peakBytes'] as const;
type Measure = (typeof MEASURES)[number];

/** By program: `ours` and the rivals that ran at this length. */
export interface GrowthPoint extends Record<Measure, Record<string, number>> {
  length: number;
}

export interface GrowthPass {
  points: GrowthPoint[];
  /** Slopes of the logarithms against that of the length (least squares), by program. */
  exponents: Record<string, Record<Measure, number>>;
}

export interface GrowthResult {
  title: string;
  passes: Partial<Record<Pass, GrowthPass>>;
}

/** Throws, with the reason, when the programs do not agree. */
export async function measureGrowth(
  benchmark: GrowthBenchmark,
  lengths: readonly number[],
  settings: Settings,
): Promise<GrowthResult> {
  const points: Partial<Record<Pass, GrowthPoint[]>> = {};
  for (const length of lengths) {
    const given = benchmark.prepare(length);
    const dy = normal(given.ours.sources[2].shape, 99);
    await checkAgreement(given, dy);
    for (const pass of settings.passes) {
      const point = await measurePoint(given, length, dy, pass, settings);
      points[pass] = [...(points[pass] ?? []), point];
    }
    tf.dispose([dy, given.ours.sources]);
  }
  const passes = Object.entries(points).map(([pass, points]) => [pass, {points, exponents: exponentsOf(points)}]);
  return {title: benchmark.title, passes: Object.fromEntries(passes)};
}

async function checkAgreement({ours, rivals}: GrowthCase, dy: tf.Tensor): Promise<void> {
  const names = ['output', 'gradient of q', 'gradient of k', 'gradient of v'];
  const read = async (program: Program) => {
    const tensors = runProgram(program, 'training', dy);
    const values = await valuesOf(tensors);
    tf.dispose(tensors);
    return values;
  };
  const mine = await read(ours);
  for (const [name, rival] of Object.entries(rivals)) {
    const off = difference(mine, await read(rival), names);
    if (off !== undefined) throw new Error(`ours and ${name} differ at ${dy.shape[2]}: ${off}`);
  }
}

async function measurePoint(
  {ours, rivals}: GrowthCase,
  length: number,
  dy: tf.Tensor,
  pass: Pass,
  {rounds, budget}: Settings,
): Promise<GrowthPoint> {
  const programs = Object.entries({ours, ...rivals});
  const peakBytes: Record<string, number> = {};
  for (const [name, program] of programs) peakBytes[name] = (await costOf(program, pass, dy)).peakBytes;
  const turns = programs.map(([name, program]) => ({
    name,
    time: (runs: number) => timeProgram(program, pass, dy, runs),
  }));
  return {length, milliseconds: await interleave(turns, rounds, budget), peakBytes};
}

function exponentsOf(points: readonly GrowthPoint[]): GrowthPass['exponents'] {
  const entries = Object.keys(points[0].milliseconds).map(name => {
    const own = points.filter(({milliseconds}) => name in milliseconds);
    const slopes = MEASURES.map(measure => [
      measure,
      slope(
        own.map(({length}) => Math.log(length)),
        own.map(point => Math.log(point[measure][name])),
      ),
    ]);
    return [name, Object.fromEntries(slopes)];
  });
  return Object.fromEntries(entries);
}

/** Least squares. */
function slope(x: readonly number[], y: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  return mean(x.map((value, i) => (value - mx) * (y[i] - my))) / mean(x.map(value => (value - mx) ** 2));
}
