import * as tf from '@tensorflow/tfjs-core';

import {registerRule} from './register.js';
import type {Constants, UpdateRule} from './rule.js';

/** Which of two published forms of Adam places ε: beside √v̂ (`algorithm1`) or beside √v (`hat`). */
export const EPSILON_MODES = ['algorithm1', 'hat'] as const;
export type EpsilonMode = (typeof EPSILON_MODES)[number];

/**
 * m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²;  θ ← shrink · θ − rate · scale₁ m / (√(scale₂ v) + ε)
 */
export const ADAM: UpdateRule = {
  op: 'AddonsAdamUpdate',
  slots: ['m', 'v'],
  constants: ['rate', 'beta1', 'beta2', 'epsilon', 'scale1', 'scale2', 'shrink'],
  reference(parameter, gradient, [m, v], {rate, beta1, beta2, epsilon, scale1, scale2, shrink}) {
    const newM = tf.add(tf.mul(m, beta1), tf.mul(gradient, 1 - beta1));
    const newV = tf.add(tf.mul(v, beta2), tf.mul(tf.square(gradient), 1 - beta2));
    const direction = tf.div(tf.mul(newM, scale1), tf.add(tf.sqrt(tf.mul(newV, scale2)), epsilon));
    return [tf.sub(tf.mul(parameter, shrink), tf.mul(direction, rate)), newM, newV];
  },
  loop({parameter, gradient, slots: [m, v], out, from, gradientFrom, length}, c) {
    const {rate, beta1, beta2, epsilon, scale1, scale2, shrink} = c;
    const [rest1, rest2, step] = [1 - beta1, 1 - beta2, rate * scale1];
    for (let i = from, j = gradientFrom, end = from + length; i < end; i++, j++) {
      const g = gradient[j];
      const newM = beta1 * m[i] + rest1 * g;
      const newV = beta2 * v[i] + rest2 * g * g;
      m[i] = newM;
      v[i] = newV;
      out[i] = shrink * parameter[i] - (step * newM) / (Math.sqrt(scale2 * newV) + epsilon);
    }
  },
  wgsl: `
    m = c.beta1 * m + (1.0 - c.beta1) * g;
    v = c.beta2 * v + (1.0 - c.beta2) * g * g;
    p = c.shrink * p - c.rate * (c.scale1 * m) / (sqrt(c.scale2 * v) + c.epsilon);`,
  simd: 'adam',
  /**
   * θ ← θ − α m / (√v + ε′): √scale₂ is taken out of the fraction. The powers of β, which would correct again, are 0.
   */
  native({rate, beta1, beta2, epsilon, scale1, scale2, shrink}) {
    const root = Math.sqrt(scale2);
    return {
      op: 'ResourceApplyAdam',
      attributes: {T: 'float32', use_locking: false, use_nesterov: false},
      scalars: [0, 0, (rate * scale1) / root, beta1, beta2, epsilon / root],
      shrink,
    };
  },
};
registerRule(ADAM);

export interface AdamNumbers {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  epsilonMode: EpsilonMode;
}

/**
 * The constants of step `t`, counted from 1; both forms of Adam differ in these numbers only.
 *
 * The betas are the nearest numbers that float32 holds: kernels take 1 − β from them, and a correction by the power
 * of another β would leave an error, for 0.999 of 1e-5 in v.
 */
export function adamConstants(
  {learningRate, beta1: exact1, beta2: exact2, epsilon, epsilonMode}: AdamNumbers,
  t: number,
): Constants {
  const [beta1, beta2] = [Math.fround(exact1), Math.fround(exact2)];
  const correction1 = 1 - beta1 ** t;
  const correction2 = 1 - beta2 ** t;
  const scales =
    epsilonMode === 'algorithm1'
      ? {scale1: 1 / correction1, scale2: 1 / correction2}
      : {scale1: Math.sqrt(correction2) / correction1, scale2: 1};
  return {rate: learningRate, beta1, beta2, epsilon, shrink: 1, ...scales};
}
