import * as tf from '@tensorflow/tfjs-core';

import {registerRule} from './register.js';
import type {UpdateRule} from './rule.js';

/** θ ← shrink · θ − rate · sign(β₁ m + (1 − β₁) g);  m ← β₂ m + (1 − β₂) g */
export const LION: UpdateRule = {
  op: 'AddonsLionUpdate',
  slots: ['m'],
  constants: ['rate', 'beta1', 'beta2', 'shrink'],
  reference(parameter, gradient, [m], {rate, beta1, beta2, shrink}) {
    const direction = tf.sign(tf.add(tf.mul(m, beta1), tf.mul(gradient, 1 - beta1)));
    const newM = tf.add(tf.mul(m, beta2), tf.mul(gradient, 1 - beta2));
    return [tf.sub(tf.mul(parameter, shrink), tf.mul(direction, rate)), newM];
  },
  loop({parameter, gradient, slots: [m], out, from, gradientFrom, length}, {rate, beta1, beta2, shrink}) {
    for (let i = from, j = gradientFrom, end = from + length; i < end; i++, j++) {
      const g = gradient[j];
      out[i] = shrink * parameter[i] - rate * Math.sign(beta1 * m[i] + (1 - beta1) * g);
      m[i] = beta2 * m[i] + (1 - beta2) * g;
    }
  },
  wgsl: `
    p = c.shrink * p - c.rate * sign(c.beta1 * m + (1.0 - c.beta1) * g);
    m = c.beta2 * m + (1.0 - c.beta2) * g;`,
  simd: 'lion',
};
registerRule(LION);
