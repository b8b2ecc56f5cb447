import {expect} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Along the direction v, the gradient of a scalar function has the slope of finite differences and that of its tape,
 * which a gradient inside of a gradient takes; and the gradient of that slope is the finite difference of the gradient.
 */
export async function expectDerivatives(f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor, v: tf.Tensor): Promise<void> {
  const gradient = tf.grad(f);
  const slopeAt = (x: tf.Tensor) => tf.sum(tf.mul(gradient(x), v));
  const step = 0.01;
  const [ahead, behind] = [step, -step].map(h => tf.add(x, tf.mul(v, h)));
  const slope = slopeAt(x);
  const tape = tf.valueAndGrad(slopeAt)(x);
  await expectNear(tape.value, slope, 1e-4);
  await expectNear(slope, tf.div(tf.sub(f(ahead), f(behind)), 2 * step), 1e-2);
  await expectNear(tape.grad, tf.div(tf.sub(gradient(ahead), gradient(behind)), 2 * step), 1e-2);
}

async function expectNear(got: tf.Tensor, want: tf.Tensor, tolerance: number): Promise<void> {
  const [values, wanted] = await Promise.all([got.data(), want.data()]);
  const bound = tolerance * Math.max(...wanted.map(Math.abs)) + 1e-4;
  expect(Math.max(...values.map((value, i) => Math.abs(value - wanted[i])))).toBeLessThan(bound);
}
