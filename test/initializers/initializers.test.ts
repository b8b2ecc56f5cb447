import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import {layers, sequential} from '@tensorflow/tfjs-layers';

import {
  FastOrthogonal,
  fastOrthogonal,
  VarianceScalingExact,
  type VarianceScalingExactArgs,
  varianceScalingExact,
} from '../../src/initializers/index.js';
import {loadModel, saveModel} from '../../src/models/index.js';
import {memoryHandler} from '../models/memory_handler.js';
import {expectClose, expectConfigKeeps} from '../support/expect.js';
import {loadGolden} from '../support/golden.js';

const MODES = ['fanIn', 'fanOut', 'fanAvg', 'fanGeo', 'fanQuad'] as const;
type Golden = {dim_average: {'4x9': Record<(typeof MODES)[number], {variance: number}>}};

describe('VarianceScalingExact', () => {
  test.each(MODES)('has the variance of %s in every distribution', async mode => {
    const {variance} = (await loadGolden<Golden>('companions_values')).dim_average['4x9'][mode];
    for (const distribution of ['truncatedNormal', 'normal', 'uniform'] as const) {
      const values = [...(await varianceScalingExact({mode, distribution, seed: 5}).apply([40, 90]).data())];
      const received = values.reduce((sum, value) => sum + value * value, 0) / values.length;
      expect(Math.abs((10 * received) / variance - 1)).toBeLessThan(0.1);
    }
  });

  test('keeps its config, and refuses vectors and unknown modes', () => {
    expectConfigKeeps<VarianceScalingExactArgs>(VarianceScalingExact, {
      scale: 2,
      mode: 'fanGeo',
      distribution: 'uniform',
      seed: 3,
    });
    expect(() => varianceScalingExact().apply([3])).toThrow('VarianceScalingExact: expected a shape of rank 2 or more');
    expect(() => varianceScalingExact({mode: 'fan' as never})).toThrow('mode to be one of fanIn, fanOut, fanAvg');
  });
});

describe('FastOrthogonal', () => {
  test.each([[[5, 3]], [[3, 5]], [[2, 3, 4]], [[7, 7]]])('is orthogonal for shape %j', async shape => {
    const matrix = tf.reshape(fastOrthogonal({seed: 1, gain: 2}).apply(shape), [-1, shape[shape.length - 1]]);
    const [rows, columns] = matrix.shape;
    const product = tf.matMul(matrix, matrix, rows >= columns, rows < columns);
    await expectClose(product, tf.mul(4, tf.eye(Math.min(rows, columns!))));
  });

  test('makes one matrix for each block', async () => {
    const parts = tf.split(fastOrthogonal({seed: 1, blocks: 3}).apply([4, 12]), 3, 1);
    for (const part of parts) await expectClose(tf.matMul(part, part, true), tf.eye(4));
    expect([...(await parts[0].data())]).not.toEqual([...(await parts[1].data())]);
  });

  test('keeps its config, and refuses what does not fit', () => {
    expectConfigKeeps(FastOrthogonal, {gain: 2, blocks: 3, seed: 4});
    expect(() => fastOrthogonal({blocks: 5}).apply([3, 4])).toThrow('a last axis that 5 blocks divide, received 4.');
    expect(() => fastOrthogonal().apply([3])).toThrow('FastOrthogonal: expected a shape of rank 2 or more');
  });

  test('serves layers of tfjs, which save it', async () => {
    const handler = memoryHandler();
    const kernelInitializer = fastOrthogonal({seed: 1});
    const model = sequential({
      layers: [layers.dense({units: 3, inputShape: [3], kernelInitializer: kernelInitializer as never})],
    });
    await saveModel(model, handler);
    const again = await loadModel(handler);
    await expectClose(again.getWeights()[0], kernelInitializer.apply([3, 3]));
  });
});
