import {describe, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import * as train from '../../src/optimizers/index.js';
import {BACKEND} from '../support/backend.js';
import * as model from '../support/optimizer_model.js';
import {Random} from '../support/random.js';

interface Pair {
  label: string;
  optimizer(): tf.Optimizer;
  model: model.Model;
}

const BETAS = [0.9, 0.99];
const SYNC_STATES = ['maintain', 'reset', 'pullback'] as const;
const CLIPS = ['globalNorm', 'norm', 'value'] as const;

const LEAVES: ((random: Random) => Pair)[] = [
  () => ({label: 'sgd', optimizer: () => tf.train.sgd(0.1), model: model.sgd(0.1)}),
  () => ({label: 'momentum', optimizer: () => tf.train.momentum(0.05, 0.9), model: model.momentum(0.05, 0.9)}),
  () => ({
    label: 'adam',
    optimizer: () => tf.train.adam(0.05, 0.9, 0.99, 1e-5),
    model: model.adamW(0.05, BETAS, 1e-5, 0),
  }),
  () => ({
    label: 'adamW',
    optimizer: () => train.adamW(0.05, {beta2: 0.99, epsilon: 1e-5, weightDecay: 0.1}),
    model: model.adamW(0.05, BETAS, 1e-5, 0.1),
  }),
  () => ({
    label: 'lamb',
    optimizer: () => train.lamb(0.02, {beta2: 0.99, epsilon: 1e-5, weightDecay: 0.1}),
    model: model.lamb(0.02, BETAS, 1e-5, 0.1),
  }),
  () => ({
    label: 'lion',
    optimizer: () => train.lion(0.02, {beta1: 0.9, beta2: 0.99, weightDecay: 0.1}),
    model: model.lion(0.02, BETAS, 0.1),
  }),
  () => ({
    label: 'egStepSize',
    optimizer: () => train.egStepSize(0.05, {momentum: 0.5, beta: 0.6, gainLearningRate: 0.2, scaleLearningRate: 0.1}),
    model: model.egStepSize(0.05, {momentum: 0.5, beta: 0.6, gain: 0.2, scale: 0.1}),
  }),
  () => ({
    label: 'exponentiatedGradient',
    optimizer: () => train.exponentiatedGradient(0.1, {domain: 'signed', width: 0.5}),
    model: model.signedExponentiated(0.1, 0.5),
  }),
];

const WRAPPERS: ((inner: Pair, random: Random) => Pair)[] = [
  (inner, random) => {
    const [syncPeriod, innerState] = [1 + random.below(3), random.pick(SYNC_STATES)];
    return {
      label: `lookahead(${syncPeriod}, ${innerState}, ${inner.label})`,
      optimizer: () => train.lookahead(inner.optimizer(), {syncPeriod, slowStepSize: 0.3, innerState}),
      model: new model.LookaheadModel(inner.model, syncPeriod, 0.3, innerState),
    };
  },
  (inner, random) => {
    const kind = random.pick(CLIPS);
    return {
      label: `clip(${kind}, ${inner.label})`,
      optimizer: () => train.clipGradients(inner.optimizer(), {[kind]: 0.7}),
      model: new model.ClipModel(inner.model, kind, 0.7),
    };
  },
  (inner, random) => {
    const [steps, reduction] = [1 + random.below(3), random.pick(['mean', 'sum'] as const)];
    return {
      label: `accumulate(${steps}, ${reduction}, ${inner.label})`,
      optimizer: () => train.accumulateGradients(inner.optimizer(), {steps, reduction}),
      model: new model.AccumulateModel(inner.model, steps, reduction),
    };
  },
  inner => ({
    label: `schedule(${inner.label})`,
    optimizer: () =>
      train.schedule(inner.optimizer(), {kind: 'linear', warmupSteps: 2, startFactor: 0.5, decaySteps: 14}),
    model: new model.ScheduleModel(inner.model, t => (t < 2 ? 0.5 + 0.25 * t : 1 - Math.min((t - 2) / 12, 1))),
  }),
  inner => ({
    label: `averageWeights(${inner.label})`,
    optimizer: () => train.averageWeights(inner.optimizer(), {decay: 0.6, start: 'initial', overwriteEvery: 2}),
    model: new model.AverageModel(inner.model, 0.6, 2),
  }),
  inner => ({
    label: `lazy(${inner.label})`,
    optimizer: () => train.lazy(inner.optimizer(), {variables: ['table']}),
    model: model.lazyModel(inner.model, name => name === 'table'),
  }),
  inner => ({
    label: `parameterRates(${inner.label})`,
    optimizer: () => train.parameterRates(inner.optimizer(), {rates: [{name: 'bias', factor: 0.4}]}),
    model: model.parameterRatesModel(inner.model, name => name === 'bias', 0.4),
  }),
  inner => ({
    label: `adaptStepSize(${inner.label})`,
    optimizer: () => train.adaptStepSize(inner.optimizer(), {beta: 0.6, gainLearningRate: 0.2, scaleLearningRate: 0.1}),
    model: new model.AdaptModel(inner.model, 0.6, 0.2, 0.1),
  }),
];

const CASES = BACKEND === 'webgpu' || BACKEND === 'webgl' ? 8 : 40;
const STEPS = 9;

function nesting(seed: number): Pair {
  const random = new Random(seed);
  let pair = LEAVES[seed % LEAVES.length](random);
  for (let depth = 1 + random.below(4); depth > 0; depth--) pair = random.pick(WRAPPERS)(pair, random);
  return pair;
}

describe('any nesting follows the formulas in double precision', () => {
  test.each(Array.from({length: CASES}, (_, seed) => [nesting(seed).label, seed] as const))('%s', async (_, seed) => {
    const {optimizer: make, model: judge} = nesting(seed);
    const optimizer = make();
    const random = new Random(1000 + seed);
    const parameters: model.Parameter[] = [
      {name: 'table', shape: [3, 2], value: [0.5, -0.3, 0.8, 0.2, -0.6, 0.9]},
      {name: 'bias', shape: [3], value: [0.4, -0.7, 0.1]},
    ];
    const variables = parameters.map(({name, shape, value}) =>
      tf.tidy(() => tf.variable(tf.tensor(value, shape), true, `${name}-${counter++}`)),
    );
    for (let step = 0; step < STEPS; step++) {
      const gradients = parameters.map(({value}, i) => {
        const g = value.map(() => Math.fround(random.normal()));
        if (i === 0) g.fill(0, 2 * (step % 3), 2 * (step % 3) + 2); // an untouched row
        return i === 1 && step % 4 === 2 ? null : g;
      });
      optimizer.applyGradients(
        variables.map(({name, shape}, i) => {
          const g = gradients[i];
          return {name, tensor: (g === null ? null : tf.tensor(g, shape)) as tf.Tensor};
        }),
      );
      judge.update(parameters, gradients);
      for (const [i, {name, value}] of parameters.entries()) {
        const got = await variables[i].data();
        value.forEach((want, j) => {
          if (Math.abs(got[j] - want) <= 2e-5 * Math.max(1, Math.abs(want))) return;
          throw new Error(`${name}[${j}] after step ${step + 1}: actual ${got[j]}, expected ${want}`);
        });
      }
    }
    optimizer.dispose();
    tf.dispose(variables);
  });
});

let counter = 0;
