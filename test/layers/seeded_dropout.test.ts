import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {seededDropout} from '../../src/layers/index.js';
import {expectClose} from '../support/expect.js';

describe('SeededDropout', () => {
  const x = () => tf.ones([4, 50]);
  const train = (layer: ReturnType<typeof seededDropout>) => layer.apply(x(), {training: true}) as tf.Tensor;

  test('drops in training only, and scales what it keeps', async () => {
    const layer = seededDropout({rate: 0.75, seed: 1});
    await expectClose(layer.apply(x()) as tf.Tensor, x());
    expect(new Set(await train(layer).data())).toEqual(new Set([0, 4]));
  });

  test('two steps differ, and a seeded run repeats', async () => {
    const [first, again] = [1, 1].map(seed => seededDropout({rate: 0.5, seed}));
    const steps = [train(first), train(first)];
    await expectClose(train(again), steps[0]);
    await expectClose(train(again), steps[1]);
    expect(Array.from(await steps[0].data())).not.toEqual(Array.from(await steps[1].data()));
  });

  test('goes on where a saved state left off', async () => {
    const [whole, resumed] = [5, 6].map(seed => seededDropout({rate: 0.5, seed}));
    train(whole);
    resumed.setRuntimeState(JSON.parse(JSON.stringify(whole.getRuntimeState())));
    await expectClose(train(resumed), train(whole));
  });

  test('noiseShape drops whole rows', async () => {
    const y = await train(seededDropout({rate: 0.5, seed: 2, noiseShape: [null, 1]})).array();
    for (const row of y as number[][]) expect(new Set(row).size).toBe(1);
  });

  test('says what it expected', () => {
    expect(() => train(seededDropout({rate: 0.5, noiseShape: [3, 1]}))).toThrow(
      'SeededDropout: expected noiseShape that broadcasts to [4, 50], received [3,1].',
    );
  });
});
