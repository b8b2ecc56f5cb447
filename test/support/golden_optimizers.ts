/** How the optimizers of this package are called to reproduce each fixture of kind optimizer, transform, schedule. */
import * as tf from '@tensorflow/tfjs-core';

import type * as Train from '../../src/optimizers/index.js';

type Make = (train: typeof Train) => tf.Optimizer;

const adam = (rate: number, epsilon = 1e-7) => tf.train.adam(rate, 0.9, 0.999, epsilon);

export const GOLDEN_OPTIMIZERS: Record<string, Make> = {
  adamw_torch: train => train.adamW(0.01, {weightDecay: 0.05}),
  adamw_exclude_bias_norm: train => train.adamW(0.02, {epsilon: 1e-6, excludeFromDecay: ['Norm', 'bias']}),
  bert_recipe_warmup_decay: train =>
    train.schedule(train.adamW(0.05, {epsilon: 1e-6, excludeFromDecay: ['Norm', 'bias']}), {
      kind: 'piecewiseLinear',
      points: {4: 1, 12: 0.1},
    }),
  eg_plain_nonnegative: train => train.exponentiatedGradient(0.1),
  eg_simplex_rows: train => train.exponentiatedGradient(0.3, {domain: 'simplex'}),
  eg_step_size_default: train => train.egStepSize(0.05),
  eg_step_size_fast_meta: train =>
    train.egStepSize(0.05, {momentum: 0.5, beta: 0.5, gainLearningRate: 0.2, scaleLearningRate: 0.1}),
  eg_step_size_paper_global: train =>
    train.egStepSize(0.05, {form: 'paper', gainLearningRate: 0.05, scaleLearningRate: 0.02}),
  eg_step_size_raw: train =>
    train.egStepSize(0.02, {
      gainLearningRate: 0.05,
      scaleLearningRate: 0.01,
      useDirections: false,
      useSigns: false,
    }),
  ema_zero_init_corrected: train => train.averageWeights(adam(0.05, 1e-6), {decay: 0.9}),
  grad_accumulation_optax: train => train.accumulateGradients(adam(0.05), {steps: 4}),
  lamb_tfa: train => train.lamb(0.02, {weightDecay: 0.01, excludeFromDecay: ['bias']}),
  lazy_adam_masked_update: train => train.lazy(adam(0.01)),
  lazy_adam_row_sparse: train => train.lazyAdam(0.01),
  lazy_sparse_adam_torch: train => train.lazyAdam(0.02, {epsilon: 1e-8}),
  lookahead_adam_k5: train => train.lookahead(adam(0.01)),
  lookahead_momentum_k4_a08: train => train.lookahead(tf.train.momentum(0.05, 0.9), {syncPeriod: 4, slowStepSize: 0.8}),
  lookahead_sgd_k5: train => train.lookahead(tf.train.sgd(0.1)),
  swa_average: train => train.averageWeights(tf.train.sgd(0.1), {kind: 'swa', startStep: 5, period: 3}),
};

/** Around sgd(1), so that the step from 0 shows the transformed gradient. */
export const GOLDEN_TRANSFORMS: Record<string, Make> = {
  clip_global_norm: train => train.clipGradients(tf.train.sgd(1), {globalNorm: 1}),
  clip_value: train => train.clipGradients(tf.train.sgd(1), {value: 0.5}),
};

export const GOLDEN_SCHEDULES: Record<string, Train.ScheduleShape> = {
  schedule_piecewise_linear: {kind: 'piecewiseLinear', points: {1000: 1, 2000: 0.1}},
  schedule_warmup_cosine: {kind: 'cosine', warmupSteps: 10, decaySteps: 100, endFactor: 0.1},
};
