import * as tf from '@tensorflow/tfjs-core';

import type {Update} from '../internal/gradients.js';
import {withKnownOptions} from '../internal/known_options.js';
import {changeStep} from '../internal/optimizers/change.js';
import {checkGainArgs, cosine, type GainArgs, grow} from '../internal/optimizers/gains.js';
import {denseGradient} from '../internal/optimizers/updates.js';
import {WrapperOptimizer} from '../internal/optimizers/wrapper.js';

export interface AdaptStepSizeArgs {
  /** Decay β of the gradient average, in [0, 1). Defaults to 0.9. */
  beta?: number;
  /** γ_p ≥ 0 of the gains. Defaults to 0.01. */
  gainLearningRate?: number;
  /** γ_s ≥ 0 of the scale. Defaults to 0.001. */
  scaleLearningRate?: number;
  /** First value of every gain. Defaults to 1. */
  initialGain?: number;
  /** Bounds of the gains. Default to 0.01 and 100. */
  minGain?: number;
  maxGain?: number;
  /** First value of every scale. Defaults to 1. */
  initialScale?: number;
  /** Bounds of the scales. Default to 0.1 and 10. */
  minScale?: number;
  maxScale?: number;
}

/**
 * Step sizes that adapt by exponentiated gradients, around an optimizer that already divides by gradient size, such
 * as Adam: gains on the gradient would cancel there, so they multiply the step.
 *
 *   Δ = θ − inner(θ, g)
 *   s ← clip(s · exp(γ_s cos(g, h)));   p ← clip(p ⊙ exp(γ_p sign(g) ⊙ sign(m)))
 *   h ← s p ⊙ Δ;   m ← β m + (1 − β) g;   θ ← θ − h
 *
 * s and p use h and m of the step before. Around plain gradient descent, `egStepSize` is the rule to take.
 *
 * State per variable: `gain`, `average`, `previous` = h, of its shape, and a scalar `scale`. Memory: +3 × parameters.
 *
 * ```ts
 * const optimizer = tfa.train.adaptStepSize(tf.train.adam(1e-4), {gainLearningRate: 0.05});
 * const x = tf.variable(tf.scalar(3));
 * for (let i = 0; i < 20; i++) optimizer.minimize(() => tf.square(x));
 * ```
 *
 * Reference: Amid et al. 2022, arXiv:2202.00145, has the rule for gradient descent; its form around other optimizers
 * is this package's.
 */
export class AdaptStepSize extends WrapperOptimizer {
  static readonly className: string = 'AdaptStepSize';

  private readonly args: GainArgs;

  constructor(
    inner: tf.Optimizer,
    {
      beta = 0.9,
      gainLearningRate = 0.01,
      scaleLearningRate = 0.001,
      initialGain = 1,
      minGain = 0.01,
      maxGain = 100,
      initialScale = 1,
      minScale = 0.1,
      maxScale = 10,
    }: AdaptStepSizeArgs = {},
  ) {
    super(inner);
    this.args = {
      beta,
      ...{gainLearningRate, scaleLearningRate},
      ...{initialGain, minGain, maxGain},
      ...{initialScale, minScale, maxScale},
    };
    checkGainArgs(this.args, 'AdaptStepSize');
  }

  protected step(updates: readonly Update[]): void {
    for (const {variable} of updates) this.slotsOf(variable);
    const chosen = updates.filter(({gradient}) => gradient !== null);
    changeStep(this.core, updates, chosen, (before, after, update) => {
      const {gain, scale, previous} = this.adapt(update.variable, denseGradient(update)!);
      previous.assign(tf.mul(tf.mul(scale, gain), tf.sub(before, after)));
      return tf.sub(before, previous);
    });
  }

  private adapt(variable: tf.Variable, gradient: tf.Tensor) {
    const {beta, gainLearningRate, scaleLearningRate, minGain, maxGain, minScale, maxScale} = this.args;
    const {gain, average, previous, scale} = this.slotsOf(variable);
    scale.assign(grow(scale, tf.mul(cosine(gradient, previous), scaleLearningRate), minScale, maxScale));
    const agreement = tf.mul(tf.sign(gradient), tf.sign(average));
    gain.assign(grow(gain, tf.mul(agreement, gainLearningRate), minGain, maxGain));
    average.assign(tf.add(tf.mul(average, beta), tf.mul(gradient, 1 - beta)));
    return {gain, scale, previous};
  }

  private slotsOf(variable: tf.Variable) {
    const {initialGain, initialScale} = this.args;
    return {
      gain: this.slots.get(variable, 'gain', {fill: initialGain}),
      average: this.slots.get(variable, 'average'),
      previous: this.slots.get(variable, 'previous'),
      scale: this.slots.get(variable, 'scale', {shape: [], fill: initialScale}),
    };
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {...super.getConfig(), ...this.args};
  }
}

/** Makes an `AdaptStepSize`. */
export const adaptStepSize = (inner: tf.Optimizer, args?: AdaptStepSizeArgs): AdaptStepSize =>
  withKnownOptions(new AdaptStepSize(inner, args), args);

tf.serialization.registerClass(AdaptStepSize);
