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

/** Over all seeds. */
interface Medians {
  /** Median over the seeds of the loss, every `STRIDE` steps; `null` where most runs had run away. */
  losses: (number | null)[];
  /** Last of `losses`. */
  final: number | null;
  /** Of the first seed. */
  gains: number[];
  scales: number[];
}

interface Trial extends Medians {
  learningRate: number;
}

/** One contestant from one start. */
export interface Result extends Medians {
  contestant: Contestant;
  start: Start;
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

/** Whose rates the search tries; the trial with the best of them is its good start as well. */
const isSearched = ({name, family}: Contestant): boolean => name === family;

/** Runs that `compare` makes for one task. */
export const countRuns = (seeds: number): number =>
  seeds * (FAMILIES.length * RATES.length + CONTESTANTS.length * STARTS.length - FAMILIES.length);

/**
 * Finds each family's best rate with its stock optimizer, then trains all contestants from there, from far below and
 * from far above.
 *
 * @param onRun Called after each run.
 */
export async function compare(task: Task, steps: number, seeds: number, onRun: () => void): Promise<Comparison> {
  const median = async (contestant: Contestant, learningRate: number): Promise<Medians> => {
    const outcomes: Outcome[] = [];
    for (let seed = 0; seed < seeds; seed++) {
      outcomes.push(await run(task, contestant.make(learningRate), steps, seed));
      onRun();
    }
    const losses = Array.from({length: steps / STRIDE + 1}, (_, look) => medianAt(outcomes, look));
    return {losses, final: losses.at(-1)!, gains: outcomes[0].gains, scales: outcomes[0].scales};
  };

  const searches = {} as Comparison['searches'];
  const best = {} as Record<Family, Trial>;
  for (const family of FAMILIES) {
    const stock = CONTESTANTS.find(contestant => isSearched(contestant) && contestant.family === family)!;
    const trials: Trial[] = [];
    for (const learningRate of RATES) trials.push({learningRate, ...(await median(stock, learningRate))});
    searches[family] = trials.map(({learningRate, final}) => ({learningRate, final}));
    best[family] = trials.reduce((a, b) => ((b.final ?? Infinity) < (a.final ?? Infinity) ? b : a));
  }
  const results: Result[] = [];
  for (const contestant of CONTESTANTS) {
    for (const start of STARTS) {
      const {learningRate, ...good} = best[contestant.family];
      const isKnown = isSearched(contestant) && start.factor === 1;
      const medians = isKnown ? good : await median(contestant, learningRate * start.factor);
      results.push({contestant, start, ...medians});
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
