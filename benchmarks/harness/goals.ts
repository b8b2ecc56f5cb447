import type {Benchmark, Pass, PassResult} from '../benchmark.js';
import type {GrowthPass} from './growth.js';

/** Upper bounds; `goals.json` has them by backend, benchmark and pass. */
export interface Goal {
  oursOverTorch?: number;
  oursOverStock?: number;
  launches?: number;
  nativeOps?: number;
  peakMegabytes?: number;
  peakOverStock?: number;
  timeExponent?: number;
  bytesExponent?: number;
}

export type Goals = Record<string, Record<Benchmark['name'], Partial<Record<Pass, Goal>>>>;

/** What was measured of each benchmark and pass; a bound on what is absent is not checked. */
export type Measured = Record<Benchmark['name'], Partial<Record<Pass, Goal>>>;

export const measuredOf = ({oursOverTorch, oursOverStock, launches, nativeOps, peakBytes}: PassResult): Goal => ({
  oursOverTorch,
  oursOverStock,
  launches: launches.ours,
  nativeOps: nativeOps?.ours,
  peakMegabytes: peakBytes.ours / 1e6,
  peakOverStock: peakBytes.ours / peakBytes.stock,
});

export const measuredGrowth = ({exponents}: GrowthPass): Goal => ({
  timeExponent: exponents.ours.milliseconds,
  bytesExponent: exponents.ours.peakBytes,
});

/** One line for each bound of `goals` that the measured results do not keep. */
export function shortfalls(goals: Goals[string] = {}, results: Measured): string[] {
  return Object.entries(results).flatMap(([name, passes]) =>
    Object.entries(goals[name] ?? {}).flatMap(([pass, goal]) => {
      const measured = passes[pass as Pass];
      return measured === undefined ? [] : missed(measured, goal).map(line => `${name}, ${pass}: ${line}`);
    }),
  );
}

function missed(measured: Goal, goal: Goal): string[] {
  return (Object.entries(goal) as [keyof Goal, number][])
    .filter(([key, bound]) => (measured[key] ?? 0) > bound)
    .map(([key, bound]) => `${key} ${Number(measured[key]!.toPrecision(3))}, goal ${bound}`);
}
