import * as tf from '@tensorflow/tfjs-core';

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
};
