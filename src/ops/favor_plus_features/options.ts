import type * as tf from '@tensorflow/tfjs-core';

import {check, checkOneOf, checkRange} from '../../internal/check.js';
import type {OptionNames} from '../../internal/known_options.js';

export const FAVOR_KERNELS = ['softmax', 'hyperbolic', 'relu', 'trigonometric'] as const;
export const STABILIZERS = ['max', 'fixed', 'none'] as const;

/** A kernel that random features stand for, by name. */
export type FavorKernelName = (typeof FAVOR_KERNELS)[number];

/** An elementwise function of the projected inputs, for the generalised kernel. */
export type FavorKernelFunction = (projected: tf.Tensor) => tf.Tensor;

export interface FavorOptions {
  /** Which kernel; see `favorPlusFeatures`. A function makes the generalised kernel. Defaults to `'softmax'`. */
  kernel?: FavorKernelName | FavorKernelFunction;
  /** Added to each feature. Defaults to 1e-6 for softmax and hyperbolic, 1e-3 for relu and functions, else 0. */
  epsilon?: number;
  /**
   * What is taken off the exponents of keys. `'max'`: their largest, over positions and features. `'fixed'`: a bound
   * that depends on the projection only, so that no key changes another one's features. `'none'`: nothing.
   * Queries lose their own largest, except with `'none'`. Defaults to `'max'`.
   */
  stabilizer?: (typeof STABILIZERS)[number];
  /** Whether the largest exponent is a constant to the gradient. Defaults to true; it cancels up to ε. */
  detachStabilizer?: boolean;
  /** Whether inputs are multiplied by D^(−1/4), so that q·k becomes q·k/√D. Defaults to true. */
  normalizeData?: boolean;
  /**
   * Whether to multiply by M^(−1/2) (a cosine and its sine count once), before the function for relu. Defaults to true,
   * false for relu and functions.
   */
  featureScaling?: boolean;
}

export const FAVOR_OPTIONS: OptionNames<FavorOptions> = {
  ...{kernel: true, epsilon: true, stabilizer: true, detachStabilizer: true},
  ...{normalizeData: true, featureScaling: true},
};

/** `FavorOptions` with their defaults. */
export type FavorPlan = Required<FavorOptions>;

export function favorPlanOf(options: FavorOptions, where: string): FavorPlan {
  const {kernel = 'softmax', stabilizer = 'max', detachStabilizer = true, normalizeData = true} = options;
  if (typeof kernel !== 'function') checkOneOf(kernel, FAVOR_KERNELS, where, 'kernel');
  checkOneOf(stabilizer, STABILIZERS, where, 'stabilizer');
  const exponential = kernel === 'softmax' || kernel === 'hyperbolic';
  const generalised = kernel === 'relu' || typeof kernel === 'function';
  const {epsilon = exponential ? 1e-6 : generalised ? 1e-3 : 0, featureScaling = !generalised} = options;
  checkRange(epsilon, where, 'epsilon', [0, Number.POSITIVE_INFINITY], {high: true});
  check(
    kernel !== 'trigonometric' || epsilon === 0,
    where,
    "epsilon 0 for kernel 'trigonometric'",
    epsilon,
    'Its features have signs.',
  );
  return {kernel, epsilon, stabilizer, detachStabilizer, normalizeData, featureScaling};
}

/** Features of one projection row: hyperbolic and trigonometric ones come in pairs. */
export const featuresPerRow = (kernel: FavorPlan['kernel']): number =>
  kernel === 'hyperbolic' || kernel === 'trigonometric' ? 2 : 1;

/** What the features are divided by the root of: a cosine and its sine count as one, as their squares add up to 1. */
export const countOf = (features: number, {kernel}: FavorPlan): number =>
  features / (kernel === 'trigonometric' ? 2 : 1);
