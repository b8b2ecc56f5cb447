import * as tf from '@tensorflow/tfjs-core';

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
};

export interface AdamNumbers {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  epsilonMode: EpsilonMode;
}

/** The constants of step `t`, counted from 1; both forms of Adam differ in these numbers only. */
export function adamConstants({learningRate, beta1, beta2, epsilon, epsilonMode}: AdamNumbers, t: number): Constants {
  const correction1 = 1 - beta1 ** t;
  const correction2 = 1 - beta2 ** t;
  const scales =
    epsilonMode === 'algorithm1'
      ? {scale1: 1 / correction1, scale2: 1 / correction2}
      : {scale1: Math.sqrt(correction2) / correction1, scale2: 1};
  return {rate: learningRate, beta1, beta2, epsilon, shrink: 1, ...scales};
}
