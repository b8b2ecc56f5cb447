import type {PassResult} from '../benchmark.js';
import type {Cost} from './counters.js';

export interface Turn {
  name: string;
  /** Milliseconds of each of `runs` runs. */
  time(runs: number): Promise<number[]>;
}

/** The smallest time of each, in turns, so that a busy moment of the machine hits all of them alike. */
export async function interleave(turns: Turn[], rounds: number, budget: number): Promise<Record<string, number>> {
  const TURN_MILLISECONDS = 60;
  const smallest: Record<string, number> = {};
  const runs: Record<string, number> = {};
  for (const {name, time} of turns) {
    const [first, second] = await time(2); // the first warms up
    smallest[name] = Math.min(first, second);
    runs[name] = Math.min(10, Math.max(1, Math.round(TURN_MILLISECONDS / smallest[name])));
  }
  const end = performance.now() + 1000 * budget;
  for (let round = 0; round < rounds; round++) {
    for (const {name, time} of turns) smallest[name] = Math.min(smallest[name], ...(await time(runs[name])));
    if (performance.now() > end) break;
  }
  return smallest;
}

/** The costs of both, where both were counted. */
export function costs(ours: Cost, stock: Cost): Pick<PassResult, 'launches' | 'nativeOps' | 'peakBytes'> {
  const counted = ours.nativeOps !== undefined && stock.nativeOps !== undefined;
  return {
    launches: {ours: ours.launches, stock: stock.launches},
    ...(counted ? {nativeOps: {ours: ours.nativeOps!, stock: stock.nativeOps!}} : {}),
    peakBytes: {ours: ours.peakBytes, stock: stock.peakBytes},
  };
}
