import * as tf from '@tensorflow/tfjs-core';

import {check, checkInteger, checkOneOf, checkRange} from '../internal/check.js';
import {HostRandom} from '../internal/host_random.js';
import {Exchange} from '../internal/optimizers/exchange.js';
import {type NamePattern, NamePatterns} from '../internal/optimizers/name_patterns.js';
import {ascend, disposeMoved, tidyMoved} from '../internal/optimizers/perturbed.js';

const WHERE = 'virtualAdversarialGradients';

interface Direction {
  variable: tf.Variable;
  gradient: tf.Tensor;
}

/** As `tf.variableGrads` gives it. */
export interface ValueAndGradients {
  value: tf.Scalar;
  grads: tf.NamedTensorMap;
}

export interface VirtualAdversarialArgs {
  /** The model's logits `[..., C]` for samples that need no labels; called 2 + `steps` times a step. */
  predict: () => tf.Tensor;
  /** A loss to be added, such as that of labelled samples. Default none. */
  loss?: () => tf.Scalar;
  /** What the gradients are of. Default: all trainable variables. */
  trainable?: tf.Variable[];
  /** What is moved: patterns of variable names. Default `[/embeddings$/]`. */
  variables?: readonly NamePattern[];
  /** Length ε > 0 of the move, one norm over all that is moved. Default 1. */
  epsilon?: number;
  /** Length ξ > 0 of the move at which the worst direction is looked for. Default 10. */
  xi?: number;
  /** Rounds of looking for it, a pass each. Default 1. */
  steps?: number;
  /** Weight of the divergence beside `loss`. Default 1. */
  weight?: number;
  /** Whether logits are of one class of C (`softmax`) or of C yes-or-no questions (`bernoulli`). Default `softmax`. */
  divergence?: keyof typeof DIVERGENCES;
  /** Of the first direction. Default: a random one. */
  seed?: number;
}

/**
 * The gradients of virtual adversarial training, which needs no labels: predictions are to stay as they are where the
 * embeddings S are moved to where they change most,
 *
 *   L + weight · KL(p̂ ‖ f(S + ε u)),   p̂ = f(S) as a constant;
 *   u ← random;   `steps` times  u ← ∂ KL(p̂ ‖ f(S + ξ u/‖u‖)) / ∂S;   u ← u / ‖u‖.
 *
 * KL is summed over classes and averaged over the rest. Gradients are taken at S + ε u as those of S. Dropout in
 * `predict` draws a mask each time, which adds its noise to the direction.
 *
 * @returns `value`, the divergence plus `loss`, and `grads` for `optimizer.applyGradients`, as `tf.variableGrads`.
 * @throws RangeError when no trainable variable is found by `variables`, and for options out of range.
 *
 * ```ts
 * const words = tf.variable(tf.randomNormal([9, 4]), true, 'words/embeddings');
 * const kernel = tf.variable(tf.randomNormal([4, 3]), true, 'words/kernel');
 * const predict = () => tf.matMul(tf.gather(words, [1, 2, 5]), kernel);
 * const {value, grads} = tfa.train.virtualAdversarialGradients({predict, trainable: [words, kernel]});
 * tf.train.adam(0.01).applyGradients(Object.entries(grads).map(([name, tensor]) => ({name, tensor})));
 * ```
 *
 * Reference: Miyato et al. 2017, arXiv:1704.03976; Su Jianlin, kexue.fm/archives/7466.
 */
export function virtualAdversarialGradients(args: VirtualAdversarialArgs): ValueAndGradients {
  const {variables = [/embeddings$/], seed} = args;
  const all = args.trainable ?? Object.values(tf.engine().registeredVariables).filter(({trainable}) => trainable);
  const patterns = new NamePatterns(variables, WHERE, 'variables');
  const moving = all.filter(({name}) => patterns.matches(name));
  const names = all.map(({name}) => name);
  check(moving.length > 0, WHERE, 'a trainable variable that one of the patterns finds', names);
  const random = new HostRandom(seed);
  const start = moving.map(variable => ({variable, gradient: normal(variable.shape, random)}));
  return gradientsFrom(start, all, args);
}

/** `virtualAdversarialGradients` from a first direction, which it disposes. */
export function gradientsFrom(
  start: readonly Direction[],
  all: tf.Variable[],
  {predict, loss, epsilon = 1, xi = 10, steps = 1, weight = 1, divergence = 'softmax'}: VirtualAdversarialArgs,
): ValueAndGradients {
  check(typeof predict === 'function', WHERE, 'predict to be a function that gives logits', predict);
  for (const [name, value] of Object.entries({epsilon, xi, weight})) {
    checkRange(value, WHERE, name, [0, Infinity], {low: true, high: true});
  }
  checkInteger(steps, WHERE, 'steps');
  checkOneOf(divergence, ['softmax', 'bernoulli'], WHERE, 'divergence');
  const moving = start.map(({variable}) => variable);
  const clean = tf.tidy(predict);
  const change = (): tf.Scalar => tf.mul(weight, DIVERGENCES[divergence](clean, predict()));

  let direction = start;
  for (let step = 0; step < steps; step++) {
    const {value, grads} = gradientsBeyond(direction, xi, change, moving);
    value.dispose();
    direction = moving.map(variable => ({variable, gradient: grads[variable.name] ?? tf.zerosLike(variable)}));
  }
  const virtual = gradientsBeyond(direction, epsilon, change, all);
  clean.dispose();
  return loss === undefined ? virtual : addGradients(virtual, tf.variableGrads(loss, all));
}

/** The gradients with the variables of `direction` moved along it, which it disposes. */
function gradientsBeyond(
  direction: readonly Direction[],
  radius: number,
  f: () => tf.Scalar,
  of: tf.Variable[],
): ValueAndGradients {
  const moved = tidyMoved(() => ascend(direction, radius));
  tf.dispose(direction.map(({gradient}) => gradient));
  const exchange = new Exchange(WHERE, 'restore');
  exchange.swap(moved);
  try {
    return tf.variableGrads(f, of);
  } finally {
    exchange.restore();
    disposeMoved(moved);
  }
}

const softmaxKl = (target: tf.Tensor, logits: tf.Tensor): tf.Scalar =>
  tf.tidy(() => {
    const [expected, found] = [tf.logSoftmax(target), tf.logSoftmax(logits)];
    return tf.mean(tf.sum(tf.mul(tf.exp(expected), tf.sub(expected, found)), -1));
  });

/** p (a − b) + softplus(b) − softplus(a), p = σ(a), of logits a and b. */
const bernoulliKl = (target: tf.Tensor, logits: tf.Tensor): tf.Scalar =>
  tf.tidy(() => {
    const probable = tf.mul(tf.sigmoid(target), tf.sub(target, logits));
    return tf.mean(tf.sum(tf.add(probable, tf.sub(tf.softplus(logits), tf.softplus(target))), -1));
  });

const DIVERGENCES = {softmax: softmaxKl, bernoulli: bernoulliKl};

const normal = (shape: number[], random: HostRandom): tf.Tensor => {
  const size = shape.reduce((product, length) => product * length, 1);
  return tf.tensor(
    Float32Array.from({length: size}, () => random.normal()),
    shape,
  );
};

/** The sums; a variable on which one of the two does not depend has the gradient of the other. */
function addGradients(a: ValueAndGradients, b: ValueAndGradients): ValueAndGradients {
  const names = new Set([...Object.keys(a.grads), ...Object.keys(b.grads)]);
  const grads: tf.NamedTensorMap = {};
  for (const name of names) {
    const [first, second] = [a.grads[name], b.grads[name]];
    grads[name] = first != null && second != null ? tf.add(first, second) : tf.clone(first ?? second);
  }
  const value = tf.add(a.value, b.value) as tf.Scalar;
  tf.dispose([a.value, b.value, ...Object.values(a.grads), ...Object.values(b.grads)]);
  return {value, grads};
}
