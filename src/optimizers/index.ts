export {AccumulateGradients, type AccumulateGradientsArgs, accumulateGradients} from './accumulate_gradients.js';
export {Adafactor, type AdafactorArgs, adafactor} from './adafactor.js';
export {AdamW, type AdamWArgs, adamW} from './adam_w.js';
export {AdaptStepSize, type AdaptStepSizeArgs, adaptStepSize} from './adapt_step_size.js';
export {Adversarial, type AdversarialArgs, adversarial} from './adversarial.js';
export {AdversarialOutputs, type AdversarialOutputsArgs, adversarialOutputs} from './adversarial_outputs.js';
export {AverageWeights, type AverageWeightsArgs, averageWeights} from './average_weights.js';
export {ClipGradients, type ClipGradientsArgs, clipGradients} from './clip_gradients.js';
export {EgStepSize, type EgStepSizeArgs, egStepSize} from './eg_step_size.js';
export {
  ExponentiatedGradient,
  type ExponentiatedGradientArgs,
  exponentiatedGradient,
} from './exponentiated_gradient.js';
export {Flooding, type FloodingArgs, flooding} from './flooding.js';
export {GradientPenalty, type GradientPenaltyArgs, gradientPenalty} from './gradient_penalty.js';
export {GuardGradients, type GuardGradientsArgs, guardGradients} from './guard_gradients.js';
export {Lamb, type LambArgs, lamb} from './lamb.js';
export {Lazy, type LazyArgs, lazy, type VariableChoice} from './lazy.js';
export {LazyAdam, type LazyAdamArgs, lazyAdam} from './lazy_adam.js';
export {Lion, type LionArgs, lion} from './lion.js';
export {Lookahead, type LookaheadArgs, lookahead} from './lookahead.js';
export {type ParameterRate, ParameterRates, type ParameterRatesArgs, parameterRates} from './parameter_rates.js';
export {Schedule, type ScheduleArgs, type ScheduleFunction, type ScheduleShape, schedule} from './schedule.js';
export {SharpnessAware, type SharpnessAwareArgs, sharpnessAware} from './sharpness_aware.js';
export {
  type ValueAndGradients,
  type VirtualAdversarialArgs,
  virtualAdversarialGradients,
} from './virtual_adversarial.js';
