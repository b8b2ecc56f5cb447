import {CONTESTANTS, type Contestant, type Family} from './contestants.js';
import {type Outcome, run, STRIDE} from './run.js';
import type {Task} from './tasks/task.js';

/** How far the learning rate is off: factors of the rate that serves the stock optimizer best. */
export const STARTS = [
  {name: 'too small', factor: 1 / 100},
  {name: 'good', factor: 1},
  {name: 'too large', factor: 10},
] as const;
export type Start = (typeof STARTS)[number];

/** One contestant, from one start, over all seeds. */
export interface Result {
  contestant: Contestant;
  start: Start;
  /** Median over the seeds of the loss, every `STRIDE` steps; `null` where most runs had run away. */
  losses: (number | null)[];
  /** Last of `losses`. */
  final: number | null;
  /** Of the first seed. */
  gains: number[];
  scales: number[];
}

export interface Comparison {
  task: Task;
  /** For each family, the rates tried and the loss that its stock optimizer ended with. */
  searches: Record<Family, {learningRate: number; final: number | null}[]>;
  /** Contestant by contestant, each from all starts in order. */
  results: Result[];
}

/** Half decades, from 1e-3 to 10. */
const RATES = Array.from({length: 9}, (_, i) => 10 ** (-3 + i / 2));
const FAMILIES: readonly Family[] = ['sgd', 'momentum', 'adam'];

/** Runs that `compare` makes for one task. */
export const countRuns = (seeds: number): number =>
  seeds * (FAMILIES.length * RATES.length + CONTESTANTS.length * STARTS.length);

/**
 * Finds each family's best rate with its stock optimizer, then trains all contestants from there, from far below and
 * from far above.
 *
 * @param onRun Called after each run.
 */
export async function compare(task: Task, steps: number, seeds: number, onRun: () => void): Promise<Comparison> {
  const median = async (contestant: Contestant, learningRate: number) => {
    const outcomes: Outcome[] = [];
    for (let seed = 0; seed < seeds; seed++) {
      outcomes.push(await run(task, contestant.make(learningRate), steps, seed));
      onRun();
    }
    const losses = Array.from({length: steps / STRIDE + 1}, (_, look) => medianAt(outcomes, look));
    return {losses, final: losses.at(-1)!, gains: outcomes[0].gains, scales: outcomes[0].scales};
  };

  const searches = {} as Comparison['searches'];
  const best = {} as Record<Family, number>;
  for (const family of FAMILIES) {
    const stock = CONTESTANTS.find(({name}) => name === family)!;
    searches[family] = [];
    for (const learningRate of RATES) {
      searches[family].push({learningRate, final: (await median(stock, learningRate)).final});
    }
    best[family] = searches[family].reduce((a, b) =>
      (b.final ?? Infinity) < (a.final ?? Infinity) ? b : a,
    ).learningRate;
  }
  const results: Result[] = [];
  for (const contestant of CONTESTANTS) {
    for (const start of STARTS) {
      const learningRate = best[contestant.family] * start.factor;
      results.push({contestant, start, ...(await median(contestant, learningRate))});
    }
  }
  return {task, searches, results};
}

function medianAt(outcomes: readonly Outcome[], look: number): number | null {
  const values = outcomes.map(({losses, diverged}) =>
    diverged && look >= losses.length - 1 ? Infinity : losses[look],
  );
  const middle = values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
  return Number.isFinite(middle) ? middle : null;
}
