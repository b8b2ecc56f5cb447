import {describe, expect, test} from '@jest/globals';
import {layers, sequential} from '@tensorflow/tfjs-layers';

import {learningRateScheduler} from '../../src/callbacks/index.js';
import * as data from '../../src/data/index.js';
import * as losses from '../../src/losses/index.js';
import {combine} from '../../src/masks/index.js';
import * as metrics from '../../src/metrics/index.js';
import {loadModel, saveModel} from '../../src/models/index.js';
import {setWebGpuDevice} from '../../src/webgpu_device.js';

type Taking = (options: object) => unknown;

const model = () => sequential({layers: [layers.dense({units: 1, inputShape: [1]})]});
const handler = {
  save: () => Promise.reject(new Error('saved all the same')),
  load: () => Promise.reject(new Error('loaded all the same')),
};

const OTHERS: Record<string, Taking> = {
  GlobalPointerF1: options => new metrics.GlobalPointerF1({heads: 1, ...options}),
  LearningRateScheduler: options => learningRateScheduler({schedule: () => 1, ...options}),
  saveModel: options => saveModel(model(), handler, options),
  loadModel: options => loadModel(handler, options),
  setWebGpuDevice,
  'masks.combine': options => combine([], options),
};

const makers = {...losses, ...metrics};
const MAKERS = Object.fromEntries(Object.entries(makers).filter(([name]) => /(Loss|Metric)$/.test(name)));

describe('a misspelt option is an error', () => {
  test.each(Object.entries({...MAKERS, ...data, ...OTHERS} as Record<string, Taking>))('of %s', async (name, take) => {
    await expect(async () => take({misspelt: 1})).rejects.toThrow(
      new RegExp(`^${name}: expected options out of (\\w+, )*\\w+, received "misspelt"\\.$`),
    );
  });

  test('but one that is undefined is none', () => {
    expect(() => data.samplePairing({misspelt: undefined} as object)).not.toThrow();
  });
});
