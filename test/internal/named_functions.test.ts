import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {
  defineLoss,
  defineLossMaker,
  describeLoss,
  type LossFunction,
  makeLoss,
} from '../../src/internal/named_functions.js';
import {expectClose} from '../support/expect.js';

const absolute = defineLoss('testAbsolute', (yTrue, yPred) => tf.abs(tf.sub(yTrue, yPred)));
const scaled = defineLossMaker(
  'testScaledLoss',
  ({factor = 1, of = absolute}: {factor?: number; of?: LossFunction} = {}) => {
    return (yTrue, yPred) => tf.mul(of(yTrue, yPred), factor);
  },
  {factor: true, of: true},
);

describe('named functions', () => {
  test('a loss keeps its name when a minifier empties the function', () => {
    expect(absolute.name).toBe('testAbsolute');
    expect(scaled.name).toBe('testScaledLoss');
    expect(scaled().name).toBe('testScaledLoss');
  });

  test('a loss without options comes back as the same function', () => {
    expect(makeLoss(describeLoss(absolute)!)).toBe(absolute);
  });

  test('a loss with options, one of them a loss, is made again from JSON', async () => {
    const loss = scaled({factor: 3, of: scaled({factor: 2})});
    const again = makeLoss(JSON.parse(JSON.stringify(describeLoss(loss))));
    await expectClose(again(tf.tensor1d([1, 5]), tf.tensor1d([2, 3])), [6, 12]);
  });

  test('a function that was not defined has no description', () => {
    expect(describeLoss((_, yPred) => yPred)).toBeUndefined();
  });

  test('an unknown name says what to import', () => {
    expect(() => makeLoss({name: 'hinge'})).toThrow(
      'loadModel: expected a loss or metric that has been imported, received "hinge". Import hinge from',
    );
  });

  test('an option that is a function without a name cannot be described', () => {
    expect(() => describeLoss(scaled({of: (_, yPred) => yPred}))).toThrow(
      'testScaledLoss: expected option of to be a loss that can be saved by name, received function',
    );
  });
});
