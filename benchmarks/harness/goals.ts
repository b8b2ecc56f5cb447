import type {Benchmark, Pass, PassResult, Result} from '../benchmark.js';

/** Upper bounds; `goals.json` has them by backend, benchmark and pass. */
export interface Goal {
  oursOverTorch?: number;
  oursOverStock?: number;
  launches?: number;
  peakMegabytes?: number;
}

export type Goals = Record<string, Record<Benchmark['name'], Partial<Record<Pass, Goal>>>>;

/** One line for each bound of `goals` that the measured results do not keep. */
export function shortfalls(goals: Goals[string] = {}, results: Record<string, Result>): string[] {
  return Object.entries(results).flatMap(([name, {passes}]) =>
    Object.entries(goals[name] ?? {}).flatMap(([pass, goal]) => {
      const measured = passes[pass as Pass];
      return measured === undefined ? [] : missed(measured, goal).map(line => `${name}, ${pass}: ${line}`);
    }),
  );
}

function missed({oursOverTorch, oursOverStock, launches, peakBytes}: PassResult, goal: Goal): string[] {
  const measured: Required<Goal> = {
    oursOverTorch: oursOverTorch ?? 0, // no PyTorch, nothing to keep up with
    oursOverStock,
    launches: launches.ours,
    peakMegabytes: peakBytes.ours / 1e6,
  };
  return (Object.entries(goal) as [keyof Goal, number][])
    .filter(([key, bound]) => measured[key] > bound)
    .map(([key, bound]) => `${key} ${Number(measured[key].toPrecision(3))}, goal ${bound}`);
}
