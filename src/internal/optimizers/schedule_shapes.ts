import {check, checkInteger, checkOneOf, checkRange} from '../check.js';

/** Linear rise from `startFactor` (default 0) to 1 during the first `warmupSteps` (default 0) updates. */
interface Warmup {
  warmupSteps?: number;
  startFactor?: number;
}

/** Fall from 1 to `endFactor` (default 0) at update `decaySteps`, which counts the warm-up. */
interface Decay extends Warmup {
  decaySteps: number;
  endFactor?: number;
}

/**
 * A factor of the learning rate as a function of the update t = 0, 1, …
 *
 * - `piecewiseLinear`: straight lines through `points` (`{1000: 1, 2000: 0.1}`), from (0, 0) unless 0 is a key.
 * - `linear`, `cosine`, `polynomial` (`power`, default 1): warm-up, then that decay.
 * - `exponential`: warm-up, then `decayRate` to the power of t / `decaySteps`, in whole steps if `staircase`.
 * - `oneCycle`: cosine from 1 / `divFactor` (25) to 1 at `peakFraction` (0.3) of `totalSteps`, then down to
 *   1 / (`divFactor` · `finalDivFactor` (1e4)).
 */
export type ScheduleShape =
  | {kind: 'piecewiseLinear'; points: Record<number, number>}
  | ({kind: 'linear' | 'cosine'} & Decay)
  | ({kind: 'polynomial'; power?: number} & Decay)
  | ({kind: 'exponential'; decaySteps: number; decayRate: number; staircase?: boolean} & Warmup)
  | {kind: 'oneCycle'; totalSteps: number; peakFraction?: number; divFactor?: number; finalDivFactor?: number};

/** The learning rate's factor at update t = 0, 1, … */
export type ScheduleFunction = (step: number) => number;

type Kind = ScheduleShape['kind'];
type Shape<K extends Kind> = ScheduleShape & {kind: K};

const KINDS: readonly Kind[] = ['piecewiseLinear', 'linear', 'cosine', 'polynomial', 'exponential', 'oneCycle'];

/** The function that a shape stands for. */
export function scheduleFunction(shape: ScheduleShape, where: string): ScheduleFunction {
  check(typeof shape === 'object' && shape !== null, where, 'a schedule shape {kind, …} or a function', shape);
  checkOneOf(shape.kind, KINDS, where, 'kind');
  switch (shape.kind) {
    case 'piecewiseLinear':
      return piecewiseLinear(shape, where);
    case 'exponential':
      return exponential(shape, where);
    case 'oneCycle':
      return oneCycle(shape, where);
    case 'linear':
      return decay(shape, progress => 1 - progress, where);
    case 'cosine':
      return decay(shape, progress => (1 + Math.cos(Math.PI * progress)) / 2, where);
    case 'polynomial': {
      const {power = 1} = shape;
      checkRange(power, where, 'power', [0, Infinity], {low: true, high: true});
      return decay(shape, progress => (1 - progress) ** power, where);
    }
  }
}

function piecewiseLinear({points}: Shape<'piecewiseLinear'>, where: string): ScheduleFunction {
  const given = Object.entries(points ?? {}).map(([step, factor]) => ({step: Number(step), factor}));
  check(given.length > 0, where, 'points {step: factor, …}', points);
  for (const {step, factor} of given) {
    checkRange(step, where, 'the steps of points', [0, Infinity], {high: true});
    check(Number.isFinite(factor), where, 'finite factors in points', factor);
  }
  const knots = given.some(({step}) => step === 0) ? given : [{step: 0, factor: 0}, ...given];
  knots.sort((a, b) => a.step - b.step);
  return t => {
    const next = knots.findIndex(({step}) => step > t);
    if (next < 0) return knots[knots.length - 1].factor;
    const [from, to] = [knots[next - 1], knots[next]];
    return from.factor + ((to.factor - from.factor) * (t - from.step)) / (to.step - from.step);
  };
}

function decay(shape: Decay, fall: (progress: number) => number, where: string): ScheduleFunction {
  const {warmupSteps = 0, decaySteps, endFactor = 0} = shape;
  checkInteger(decaySteps, where, 'decaySteps', warmupSteps + 1);
  check(Number.isFinite(endFactor), where, 'a finite endFactor', endFactor);
  const span = decaySteps - warmupSteps;
  return withWarmup(shape, where, t => endFactor + (1 - endFactor) * fall(Math.min((t - warmupSteps) / span, 1)));
}

function exponential(shape: Shape<'exponential'>, where: string): ScheduleFunction {
  const {warmupSteps = 0, decaySteps, decayRate, staircase = false} = shape;
  checkInteger(decaySteps, where, 'decaySteps');
  checkRange(decayRate, where, 'decayRate', [0, Infinity], {low: true, high: true});
  return withWarmup(shape, where, t => {
    const periods = (t - warmupSteps) / decaySteps;
    return decayRate ** (staircase ? Math.floor(periods) : periods);
  });
}

function withWarmup(
  {warmupSteps = 0, startFactor = 0}: Warmup,
  where: string,
  after: ScheduleFunction,
): ScheduleFunction {
  checkInteger(warmupSteps, where, 'warmupSteps', 0);
  check(Number.isFinite(startFactor), where, 'a finite startFactor', startFactor);
  return t => (t < warmupSteps ? startFactor + ((1 - startFactor) * t) / warmupSteps : after(t));
}

function oneCycle(shape: Shape<'oneCycle'>, where: string): ScheduleFunction {
  const {totalSteps, peakFraction = 0.3, divFactor = 25, finalDivFactor = 1e4} = shape;
  checkInteger(totalSteps, where, 'totalSteps', 2);
  checkRange(peakFraction, where, 'peakFraction', [0, 1], {low: true, high: true});
  checkRange(divFactor, where, 'divFactor', [1, Infinity], {high: true});
  checkRange(finalDivFactor, where, 'finalDivFactor', [1, Infinity], {high: true});
  const start = 1 / divFactor;
  const end = start / finalDivFactor;
  const peak = peakFraction * totalSteps - 1; // as in torch, whose last step is totalSteps − 1
  const cosine = (from: number, to: number, progress: number) =>
    to + ((from - to) * (1 + Math.cos(Math.PI * progress))) / 2;
  return t => {
    const step = Math.min(t, totalSteps - 1);
    return step <= peak ? cosine(start, 1, step / peak) : cosine(1, end, (step - peak) / (totalSteps - 1 - peak));
  };
}
