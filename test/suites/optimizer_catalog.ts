/** For every optimizer of the package: how to call it, with every argument at a value that is not its default. */
import type * as tf from '@tensorflow/tfjs-core';

type Args = Record<string, unknown>;

export interface CatalogEntry {
  /** What the first argument is: a learning rate, or the optimizer to wrap. */
  takes: 'learningRate' | 'inner';
  /** Sets of arguments, in the form in which configs hold them. Together they name every argument. */
  variants: Args[];
  /** Arguments without a default. */
  required?: Args;
}

export type OptimizerClass = tf.serialization.SerializableConstructor<tf.serialization.Serializable> & {
  new (first: never, args?: never): tf.Optimizer;
};

const patterns = [{name: 'bias'}, {name: '^Norm_', flags: 'i'}];

export const CATALOG: Record<string, CatalogEntry> = {
  AccumulateGradients: {takes: 'inner', variants: [{steps: 3, reduction: 'sum'}], required: {steps: 2}},
  AdamW: {
    takes: 'learningRate',
    variants: [
      {
        beta1: 0.8,
        beta2: 0.95,
        epsilon: 1e-4,
        epsilonMode: 'hat',
        weightDecay: 0.2,
        decoupled: 'absolute',
        excludeFromDecay: patterns,
      },
    ],
  },
  Adafactor: {
    takes: 'learningRate',
    variants: [
      {
        beta1: 0.5,
        decayExponent: 0.7,
        epsilon: 1e-8,
        minScale: 0.01,
        scaleToParameter: false,
        clipThreshold: 2,
        minFactoredSize: 2,
      },
    ],
  },
  AdaptStepSize: {
    takes: 'inner',
    variants: [
      {
        beta: 0.7,
        gainLearningRate: 0.1,
        scaleLearningRate: 0.2,
        initialGain: 1.5,
        minGain: 0.5,
        maxGain: 3,
        initialScale: 0.9,
        minScale: 0.8,
        maxScale: 1.2,
      },
    ],
  },
  AverageWeights: {
    takes: 'inner',
    variants: [
      {kind: 'swa', startStep: 2, period: 3, overwriteEvery: 6, decay: 0.5, start: 'first'},
      {kind: 'ema', startStep: 4, period: 2, overwriteEvery: 3, decay: 0.8, start: 'initial'},
    ],
  },
  ClipGradients: {
    takes: 'inner',
    variants: [{globalNorm: 0.5}, {norm: 0.4}, {value: 0.3}, {adaptive: 0.1}],
    required: {value: 1},
  },
  EgStepSize: {
    takes: 'learningRate',
    variants: [
      {
        form: 'paper',
        momentum: 0.6,
        beta: 0.7,
        gainLearningRate: 0.02,
        scaleLearningRate: 0.03,
        initialGain: 1.5,
        minGain: 0.2,
        maxGain: 4,
        initialScale: 0.9,
        minScale: 0.3,
        maxScale: 5,
        useDirections: true,
        useSigns: true,
        scaleScope: 'variable',
      },
      {
        form: 'egdd',
        momentum: 0.6,
        beta: 0.7,
        gainLearningRate: 0.02,
        scaleLearningRate: 0.03,
        initialGain: 1.5,
        minGain: 0.2,
        maxGain: 4,
        initialScale: 0.9,
        minScale: 0.3,
        maxScale: 5,
        useDirections: false,
        useSigns: false,
        scaleScope: 'global',
      },
    ],
  },
  ExponentiatedGradient: {
    takes: 'learningRate',
    variants: [
      {domain: 'signed', axis: 0, total: 3, width: 0.5},
      {domain: 'simplex', axis: 0, total: 2, width: 2},
    ],
  },
  Lamb: {
    takes: 'learningRate',
    variants: [
      {
        beta1: 0.8,
        beta2: 0.95,
        epsilon: 1e-4,
        weightDecay: 0.2,
        excludeFromDecay: patterns,
        excludeFromAdaptation: [{name: 'x'}],
      },
    ],
  },
  Lazy: {takes: 'inner', variants: [{variables: patterns}]},
  LazyAdam: {
    takes: 'learningRate',
    variants: [{beta1: 0.8, beta2: 0.95, epsilon: 1e-4, epsilonMode: 'algorithm1', variables: patterns}],
  },
  Lion: {
    takes: 'learningRate',
    variants: [{beta1: 0.8, beta2: 0.9, weightDecay: 0.2, excludeFromDecay: patterns}],
  },
  Lookahead: {
    takes: 'inner',
    variants: [
      {syncPeriod: 3, slowStepSize: 0.25, innerState: 'pullback'},
      {syncPeriod: 2, slowStepSize: 0.75, innerState: 'reset'},
    ],
  },
  ParameterRates: {
    takes: 'inner',
    variants: [{rates: [{name: {name: 'Norm_.*bias'}, factor: 0.5}]}],
    required: {rates: []},
  },
  Schedule: {
    takes: 'inner',
    variants: [
      {schedule: {kind: 'piecewiseLinear', points: {2: 1, 5: 0.1}}},
      {schedule: {kind: 'oneCycle', totalSteps: 9, peakFraction: 0.4, divFactor: 10, finalDivFactor: 100}},
      {
        schedule: {
          kind: 'exponential',
          decaySteps: 2,
          decayRate: 0.5,
          staircase: true,
          warmupSteps: 1,
          startFactor: 0.1,
        },
      },
    ],
    required: {schedule: {kind: 'linear', decaySteps: 3}},
  },
  Adversarial: {
    takes: 'inner',
    variants: [{epsilon: 0.3, variables: [{name: '^Norm_'}], mode: 'pgd', steps: 2, stepSize: 0.2}],
  },
  AdversarialOutputs: {
    takes: 'inner',
    variants: [{epsilon: 0.3, relative: false, weight: 0.5, layers: [{name: '^Norm_'}]}],
  },
  Flooding: {takes: 'inner', variants: [{level: 0.1}], required: {level: 0.2}},
  GradientPenalty: {
    takes: 'inner',
    variants: [{lambda: 0.1, squared: false, variables: [{name: '^Norm_'}], rho: 0.02, central: false}],
    required: {lambda: 1},
  },
  GuardGradients: {takes: 'inner', variants: [{policy: 'throw'}]},
  SharpnessAware: {takes: 'inner', variants: [{rho: 0.1}]},
};
