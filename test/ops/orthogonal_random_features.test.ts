import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {orthogonalRandomFeatures} from '../../src/ops/index.js';
import {orthogonalFeatures} from '../../src/ops/orthogonal_random_features/orthogonal.js';
import {expectClose, expectTensorsKept} from '../support/expect.js';
import {type GoldenTensor, loadGolden} from '../support/golden.js';

const rowsOf = ({shape, data}: GoldenTensor): number[][] => {
  const width = shape[shape.length - 1];
  return Array.from({length: data.length / width}, (_, i) => data.slice(i * width, (i + 1) * width).map(Number));
};

describe('orthogonalRandomFeatures', () => {
  test('equals google-research up to the sign of rows', async () => {
    const {inputs, outputs} = await loadGolden<Record<'inputs' | 'outputs', Record<string, GoldenTensor>>>(
      'attention/orthogonal_features_norms',
    );
    const gaussian = rowsOf(inputs.gaussian_blocks);
    const lengths = rowsOf(inputs.gaussian_for_norms).map(row => Math.hypot(...row));
    const rows = orthogonalFeatures([gaussian.slice(0, 3), gaussian.slice(3)], lengths);
    rowsOf(outputs.projection).forEach((want, i) => {
      for (const [c, value] of want.entries()) expect(Math.abs(rows[i][c])).toBeCloseTo(Math.abs(value), 6);
    });
  });

  test('rows of a block are orthogonal, of length √cols when fixed', async () => {
    const omega = orthogonalRandomFeatures(7, 5, {scaling: 'fixed', seed: 4});
    const gram = (await tf.matMul(omega, omega, false, true).array()) as number[][];
    for (const [block, end] of [
      [0, 5],
      [5, 7],
    ]) {
      for (let i = block; i < end; i++) {
        for (let j = block; j < end; j++) expect(gram[i][j]).toBeCloseTo(i === j ? 5 : 0, 4);
      }
    }
  });

  test('random lengths are those of Gaussian vectors', async () => {
    const omega = orthogonalRandomFeatures(600, 6, {seed: 5});
    const squares = Array.from(await tf.sum(tf.square(omega), 1).data());
    const mean = squares.reduce((sum, x) => sum + x) / 600;
    const variance = squares.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 600;
    expect(Math.abs(mean - 6)).toBeLessThan(0.5); // χ² of 6 degrees: mean 6, variance 12
    expect(Math.abs(variance - 12)).toBeLessThan(3);
  });

  test('the seed decides', async () => {
    const [first, again, other] = [1, 1, 2].map(seed => orthogonalRandomFeatures(3, 4, {seed}));
    await expectClose(again, first);
    expect((await tf.max(tf.abs(tf.sub(first, other))).data())[0]).toBeGreaterThan(0.1);
  });

  test('keeps one tensor, and says what it expected', () => {
    expectTensorsKept(1, () => orthogonalRandomFeatures(3, 4));
    expect(() => orthogonalRandomFeatures(0, 4)).toThrow(
      'orthogonalRandomFeatures: expected rows to be a positive integer, received 0.',
    );
  });
});
