import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type {ScheduleShape} from '../../src/optimizers/schedule.js';
import {schedule} from '../../src/optimizers/schedule.js';
import {descend} from '../support/descend.js';
import {expectClose} from '../support/expect.js';

const factors = (shape: ScheduleShape, steps: number[]) => {
  const optimizer = schedule(tf.train.sgd(1), shape);
  return steps.map(step => optimizer.factorAt(step));
};
const expectFactors = (shape: ScheduleShape, steps: number[], want: number[]) =>
  factors(shape, steps).forEach((factor, i) => {
    expect(factor).toBeCloseTo(want[i], 12);
  });

describe('Schedule', () => {
  test('shapes', () => {
    expectFactors(
      {kind: 'linear', warmupSteps: 2, decaySteps: 6, endFactor: 0.5},
      [0, 1, 2, 4, 6, 9],
      [0, 0.5, 1, 0.75, 0.5, 0.5],
    );
    expectFactors({kind: 'cosine', decaySteps: 4}, [0, 1, 2, 4, 5], [1, (1 + Math.SQRT1_2) / 2, 0.5, 0, 0]);
    expectFactors({kind: 'polynomial', decaySteps: 4, power: 2}, [0, 1, 2, 4], [1, 0.5625, 0.25, 0]);
    expectFactors({kind: 'exponential', decaySteps: 2, decayRate: 0.25}, [0, 1, 2, 4], [1, 0.5, 0.25, 0.0625]);
    expectFactors(
      {kind: 'exponential', decaySteps: 2, decayRate: 0.25, staircase: true},
      [0, 1, 2, 3],
      [1, 1, 0.25, 0.25],
    );
    expectFactors(
      {kind: 'oneCycle', totalSteps: 11, peakFraction: 5 / 11, divFactor: 4, finalDivFactor: 2},
      [0, 2, 4, 7, 10, 20],
      [0.25, 0.625, 1, 0.5625, 0.125, 0.125],
    );
    expectFactors({kind: 'piecewiseLinear', points: {0: 1, 10: 0.5}}, [0, 5, 10, 20], [1, 0.75, 0.5, 0.5]);
  });

  test.each([
    ['sgd', () => tf.train.sgd(0.5)],
    ['momentum', () => tf.train.momentum(0.5, 0)],
  ])('sets the rate of %s for each update and leaves it as it was', async (_, make) => {
    const x = tf.variable(tf.scalar(0));
    const optimizer = schedule(make(), step => step);
    for (const expected of [0, -1, -3, -6]) {
      descend(optimizer, x);
      await expectClose(x, expected);
    }
    expect(optimizer.learningRate).toBe(0.5);
    optimizer.learningRate = 1;
    descend(optimizer, x);
    await expectClose(x, -14);
  });

  test('saves shapes, and says that it cannot save functions', () => {
    const own = function halve(step: number) {
      return 0.5 ** step;
    };
    expect(() => schedule(tf.train.sgd(1), own).getConfig()).toThrow(
      'Schedule: expected a schedule that can be saved, received function halve.',
    );
  });

  test('says what it expects', () => {
    const make = (shape: object) => () => schedule(tf.train.sgd(1), shape as ScheduleShape);
    expect(make({kind: 'x'})).toThrow('Schedule: expected kind to be one of piecewiseLinear, linear,');
    expect(make({kind: 'linear', warmupSteps: 3, decaySteps: 3})).toThrow('expected decaySteps to be an integer ≥ 4');
    expect(make({kind: 'piecewiseLinear', points: {}})).toThrow('expected points {step: factor, …}, received {}.');
    const x = tf.variable(tf.scalar(0));
    expect(() =>
      descend(
        schedule(tf.train.sgd(1), () => NaN),
        x,
      ),
    ).toThrow('Schedule: expected a finite factor from the schedule, received NaN. It was asked for step 0.');
  });
});
