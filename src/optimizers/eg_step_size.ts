import * as tf from '@tensorflow/tfjs-core';

import {checkOneOf, checkRange} from '../internal/check.js';
import type {Update} from '../internal/gradients.js';
import {withKnownOptions} from '../internal/known_options.js';
import {checkGainArgs, cosine, dot, type GainArgs, grow} from '../internal/optimizers/gains.js';
import {AddonsOptimizer} from '../internal/optimizers/optimizer.js';
import {addAll, denseGradient} from '../internal/optimizers/updates.js';

const FORMS = ['egdd', 'paper', 'simple'] as const;
const SCOPES = ['variable', 'global'] as const;
type Form = (typeof FORMS)[number];

export interface EgStepSizeArgs {
  /** Which of the published rules; it sets the defaults of what follows. Defaults to `'egdd'`. */
  form?: Form;
  /** Momentum μ in [0, 1). Defaults to 0.9; with `'simple'` to 0. */
  momentum?: number;
  /** Decay β of the gradient average, in [0, 1). Defaults to 0.9; with `'simple'` to 0. */
  beta?: number;
  /** γ_p ≥ 0 of the gains. Defaults to 0.01. */
  gainLearningRate?: number;
  /** γ_s ≥ 0 of the scale. Defaults to 0.001; with `'simple'` to 0. */
  scaleLearningRate?: number;
  /** First value of every gain. Defaults to 1. */
  initialGain?: number;
  /** Bounds of the gains. Default to 0.01 and 100; none with `'paper'` and `'simple'`. */
  minGain?: number;
  maxGain?: number;
  /** First value of every scale. Defaults to 1. */
  initialScale?: number;
  /** Bounds of the scales. Default to 0.1 and 10; none with `'paper'` and `'simple'`. */
  minScale?: number;
  maxScale?: number;
  /** The scale follows the cosine instead of the inner product. Defaults to true with `'egdd'`, else false. */
  useDirections?: boolean;
  /** The gains follow signs instead of products. Defaults to true with `'egdd'`, else false. */
  useSigns?: boolean;
  /** One scale a `'variable'`, or one for all. Defaults to `'variable'`, with `'paper'` to `'global'`. */
  scaleScope?: (typeof SCOPES)[number];
}

type Resolved = Required<EgStepSizeArgs> & GainArgs;

const UNBOUNDED = {minGain: 0, maxGain: Infinity, minScale: 0, maxScale: Infinity};
const COMMON = {
  momentum: 0.9,
  beta: 0.9,
  gainLearningRate: 0.01,
  scaleLearningRate: 0.001,
  initialGain: 1,
  initialScale: 1,
};
const RAW = {...COMMON, ...UNBOUNDED, useDirections: false, useSigns: false};

const DEFAULTS: Record<Form, Omit<Resolved, 'form'>> = {
  egdd: {
    ...COMMON,
    ...{minGain: 0.01, maxGain: 100, minScale: 0.1, maxScale: 10},
    useDirections: true,
    useSigns: true,
    scaleScope: 'variable',
  },
  paper: {...RAW, scaleScope: 'global'},
  simple: {...RAW, momentum: 0, beta: 0, scaleLearningRate: 0, scaleScope: 'variable'},
};

/**
 * Momentum whose step sizes adapt by exponentiated gradient descent: one gain p a coordinate, one scale s.
 *
 *   s ← clip(s · exp(γ_s a)),  a = cos(g, h)          or ⟨g, h⟩ without `useDirections`
 *   p ← clip(p ⊙ exp(γ_p e)),  e = sign(g) ⊙ sign(m)  or g ⊙ m without `useSigns`
 *   h ← μ h + η p ⊙ g;   m ← β m + (1 − β) g;   θ ← θ − s h
 *
 * The right-hand sides of s and p use h and m of the step before, so the first step changes neither. Gains grow
 * while successive gradients agree and shrink where they alternate, so that a poor learning rate mends itself.
 *
 * - `'egdd'`: the rule of the authors' library. Without `useSigns`, m is bias-corrected.
 * - `'paper'`: the paper's formula: one scale for the model, products, no bounds.
 * - `'simple'`: ν ← ν ⊙ exp(γ g_before ⊙ g), θ ← θ − η ν ⊙ g.
 *
 * Without `useDirections` and `useSigns` the rule depends on the scale of the loss.
 *
 * State per variable: `momentum`, `average`, `gain`, of its shape, and a scalar `scale`. Memory: +3 × parameters.
 *
 * ```ts
 * const optimizer = tfa.train.egStepSize(1e-4); // far too small; the gains grow
 * const x = tf.variable(tf.scalar(3));
 * for (let i = 0; i < 20; i++) optimizer.minimize(() => tf.square(x));
 * ```
 *
 * Reference: Amid et al. 2022, "Step-size Adaptation Using Exponentiated Gradient Updates", arXiv:2202.00145; lingvo
 * `egdd.py`; Su 2022, kexue.fm/archives/8968, for `'simple'`.
 */
export class EgStepSize extends AddonsOptimizer {
  static readonly className: string = 'EgStepSize';

  private readonly args: Resolved;

  constructor(
    public learningRate: number,
    args: EgStepSizeArgs = {},
  ) {
    super();
    const {form = 'egdd'} = args;
    checkOneOf(form, FORMS, 'EgStepSize', 'form');
    this.args = {form, ...withDefaults(args, DEFAULTS[form])};
    checkRange(learningRate, 'EgStepSize', 'learningRate', [0, Infinity], {high: true});
    checkRange(this.args.momentum, 'EgStepSize', 'momentum', [0, 1], {high: true});
    checkOneOf(this.args.scaleScope, SCOPES, 'EgStepSize', 'scaleScope');
    checkGainArgs(this.args, 'EgStepSize');
  }

  protected step(updates: readonly Update[]): void {
    for (const {variable} of updates) this.slotsOf(variable);
    const steps = updates.flatMap(update => {
      const gradient = denseGradient(update);
      return gradient === null ? [] : [{variable: update.variable, gradient}];
    });
    if (this.args.scaleScope === 'global') this.adaptGlobalScale(steps);
    for (const {variable, gradient} of steps) this.move(variable, gradient);
  }

  private move(variable: tf.Variable, gradient: tf.Tensor): void {
    const {momentum: mu, beta, minGain, maxGain, minScale, maxScale, gainLearningRate, scaleLearningRate} = this.args;
    const {gain, momentum, average, scale} = this.slotsOf(variable);
    if (this.args.scaleScope === 'variable') {
      scale.assign(grow(scale, tf.mul(this.agreement(gradient, momentum), scaleLearningRate), minScale, maxScale));
    }
    const signal = this.args.useSigns
      ? tf.mul(tf.sign(gradient), tf.sign(average))
      : tf.mul(gradient, this.corrected(average, variable));
    gain.assign(grow(gain, tf.mul(signal, gainLearningRate), minGain, maxGain));
    momentum.assign(tf.add(tf.mul(momentum, mu), tf.mul(tf.mul(gain, gradient), this.learningRate)));
    average.assign(tf.add(tf.mul(average, beta), tf.mul(gradient, 1 - beta)));
    variable.assign(tf.sub(variable, tf.mul(scale, momentum)));
  }

  /** One scale for the model: the inner products of all variables add up. */
  private adaptGlobalScale(steps: readonly {variable: tf.Variable; gradient: tf.Tensor}[]): void {
    if (steps.length === 0) return;
    const {useDirections, scaleLearningRate, minScale, maxScale} = this.args;
    const flat = (tensors: tf.Tensor[]) => tf.concat(tensors.map(tensor => tf.reshape(tensor, [-1])));
    const momenta = steps.map(({variable}) => this.slotsOf(variable).momentum);
    const gradients = steps.map(({gradient}) => gradient);
    const agreement = useDirections
      ? cosine(flat(gradients), flat(momenta))
      : addAll(gradients.map((gradient, i) => dot(gradient, momenta[i])));
    const scale = this.slots.shared('scale', this.args.initialScale);
    scale.assign(grow(scale, tf.mul(agreement, scaleLearningRate), minScale, maxScale));
  }

  private agreement(gradient: tf.Tensor, momentum: tf.Tensor): tf.Tensor {
    return this.args.useDirections ? cosine(gradient, momentum) : dot(gradient, momentum);
  }

  /** m / (1 − β^max(t − 1, 1)) with the variable's own t, which counts its gradients; m itself in the other forms. */
  private corrected(average: tf.Variable, variable: tf.Variable): tf.Tensor {
    if (this.args.form !== 'egdd') return average;
    const count = this.slots.get(variable, 'count', {shape: []});
    const earlier = tf.maximum(count, 1);
    count.assign(tf.add(count, 1));
    return tf.div(average, tf.sub(1, tf.pow(this.args.beta, earlier)));
  }

  private slotsOf(variable: tf.Variable) {
    const {initialGain, initialScale, scaleScope} = this.args;
    return {
      momentum: this.slots.get(variable, 'momentum'),
      average: this.slots.get(variable, 'average'),
      gain: this.slots.get(variable, 'gain', {fill: initialGain}),
      scale:
        scaleScope === 'global'
          ? this.slots.shared('scale', initialScale)
          : this.slots.get(variable, 'scale', {shape: [], fill: initialScale}),
    };
  }

  override getConfig(): tf.serialization.ConfigDict {
    const finite = Object.entries(this.args).filter(([, value]) => value !== Infinity); // JSON has no infinity
    return {learningRate: this.learningRate, ...Object.fromEntries(finite)};
  }
}

/** `args` with the defaults where it has nothing; unknown keys, which tfjs adds, are left out. */
function withDefaults<T extends object>(args: Partial<T>, defaults: T): T {
  const entries = Object.entries(defaults).map(([key, value]) => [key, args[key as keyof T] ?? value]);
  return Object.fromEntries(entries) as T;
}

/** Makes an `EgStepSize`. */
export const egStepSize = (learningRate: number, args?: EgStepSizeArgs): EgStepSize =>
  withKnownOptions(new EgStepSize(learningRate, args), args);

tf.serialization.registerClass(EgStepSize);
