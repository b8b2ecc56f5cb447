import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {check, checkInteger, checkOneOf, checkRange, checkShape} from '../../src/internal/check.js';

describe('check', () => {
  test('names where, what was expected, what was received, and a hint', () => {
    expect(() => check(false, 'Layer', 'heads to divide 5', 3, 'Use 1 or 5.')).toThrow(
      'Layer: expected heads to divide 5, received 3. Use 1 or 5.',
    );
  });

  test('shows a tensor by dtype and shape', () => {
    expect(() => check(false, 'op', 'rank 2', tf.zeros([2, 3, 5]))).toThrow('received float32 of shape [2, 3, 5].');
  });

  test.each([0, -1, 1.5, Number.NaN])('checkInteger refuses %p', value => {
    expect(() => checkInteger(value, 'Layer', 'heads')).toThrow('Layer: expected heads to be a positive integer');
  });

  test('checkRange states open ends', () => {
    expect(() => checkRange(1, 'Layer', 'rate', [0, 1], {high: true})).toThrow('rate in [0, 1), received 1.');
    expect(() => checkRange(Number.NaN, 'Layer', 'rate', [0, 1])).toThrow('received NaN.');
    checkRange(0, 'Layer', 'rate', [0, 1], {high: true});
  });

  test('checkOneOf lists the names', () => {
    expect(() => checkOneOf('c', ['a', 'b'], 'Layer', 'kind')).toThrow('kind to be one of a, b, received "c".');
  });

  test('checkShape takes null for any size', () => {
    checkShape([2, 7], [null, 7], 'op', 'x');
    expect(() => checkShape([2, 8], [null, 7], 'op', 'x')).toThrow(
      'op: expected x of shape [?, 7], received shape [2, 8].',
    );
  });
});
