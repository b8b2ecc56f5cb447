import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import type {Loop, StepBenchmark} from '../benchmark.js';
import {normal} from '../random.js';

const [COUNT, SIZE] = [100, 64];

/** The update alone: the gradients are given. */
export const optimizerSteps: StepBenchmark = {
  name: 'optimizerSteps',
  title: `adamW without decay, ${COUNT} variables of ${SIZE} × ${SIZE}; stock: tf.train.adam`,
  backends: ['tensorflow', 'wasm', 'cpu', 'webgpu'],
  prepareLoops() {
    const gradients = Array.from({length: COUNT}, (_, i) => tf.mul(normal([SIZE, SIZE], 1), i + 1));
    const loop = (optimizer: tf.Optimizer): Loop => {
      const variables = gradients.map((_, i) => tf.tidy(() => tf.variable(normal([SIZE, SIZE], i + 2))));
      const list = variables.map(({name}, i) => ({name, tensor: gradients[i]}));
      return {variables, step: () => optimizer.applyGradients(list)};
    };
    const ours = loop(tfa.train.adamW(1e-3, {weightDecay: 0, epsilon: 1e-7}));
    return {ours, stock: {...loop(tf.train.adam(1e-3, 0.9, 0.999, 1e-7)), onStockKernels: true}};
  },
};
