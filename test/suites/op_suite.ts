/** What every op of the package must do, whatever it computes. */
import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {setFused} from '../../src/kernels.js';
import {expectClose, expectGradientClose, expectTensorsKept, normal} from '../support/expect.js';
import type {OpEntry} from './op_catalog.js';

const LENGTHS = [1, 2, 5, 17];

export function opSuite(name: string, {inputs: inputsOf, run, errors}: OpEntry): void {
  describe(name, () => {
    test('refuses wrong arguments, saying what it expected', async () => {
      for (const [call, message] of errors) await expect(async () => call()).rejects.toThrow(message);
    });

    test('keeps one tensor: the result', () => {
      const inputs = inputsOf?.(5) ?? [];
      expectTensorsKept(1, () => tf.tidy(() => run(inputs, 5)));
    });

    test('gives the same after other lengths, fused as composed', async () => {
      const at = (length: number) => run(inputsOf?.(length) ?? [], length);
      const first = new Map(LENGTHS.map(length => [length, at(length)]));
      setFused(false);
      try {
        for (const [length, value] of first) await expectClose(at(length), value);
      } finally {
        setFused(true);
      }
      for (const [length, value] of first) await expectClose(at(length), value);
    });

    if (inputsOf === undefined) return;

    test('fused gradients agree with composed ones', async () => {
      const inputs = inputsOf(5);
      const gradients = () => tf.grads((...given: tf.Tensor[]) => weightedSum(run(given, 5)))(inputs);
      const fused = gradients();
      setFused(false);
      try {
        for (const [i, composed] of gradients().entries()) await expectGradientClose(fused[i], composed);
      } finally {
        setFused(true);
      }
    });

    test('the gradient is the slope in a random direction', async () => {
      const inputs = inputsOf(5);
      const directions = inputs.map(({shape}, i) => normal(shape as number[], 31 + i));
      const at = async (step: number) => {
        const moved = inputs.map((input, i) => tf.add(input, tf.mul(directions[i], step)));
        return (await weightedSum(run(moved, 5)).data())[0];
      };
      const step = 4e-3;
      const slope = ((await at(step)) - (await at(-step))) / (2 * step);
      const grads = tf.grads((...given: tf.Tensor[]) => weightedSum(run(given, 5)))(inputs);
      const products = await Promise.all(grads.map(async (g, i) => (await tf.sum(tf.mul(g, directions[i])).data())[0]));
      const expected = products.reduce((sum, product) => sum + product, 0);
      const size = products.reduce((sum, product) => sum + Math.abs(product), 0);
      expect(Math.abs(slope - expected)).toBeLessThan(2e-2 * Math.max(1, size));
    });
  });
}

const weightedSum = (y: tf.Tensor): tf.Scalar => tf.sum(tf.mul(y, normal(y.shape as number[], 21))) as tf.Scalar;
