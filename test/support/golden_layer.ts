import {expect} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type {layers} from '@tensorflow/tfjs-layers';

import {expectClose, expectGradientClose} from './expect.js';
import {type GoldenTensor, goldenTensor, loadGolden} from './golden.js';

/** A golden file of test/golden/attention; see its README. */
export interface GoldenAttention {
  config: Record<string, unknown>;
  inputs: Record<string, GoldenTensor>;
  weights: Record<string, GoldenTensor>;
  weight_order: string[];
  outputs: Record<string, GoldenTensor>;
  /** By input or weight. */
  grads: Record<string, GoldenTensor>;
  /** Of the first output. */
  cotangent: GoldenTensor;
}

export async function loadAttention(name: string): Promise<GoldenAttention> {
  const {grads, ...golden} = await loadGolden<Omit<GoldenAttention, 'cotangent'>>(`attention/${name}`);
  const {cotangent, ...gradients} = (grads ?? {}) as unknown as {cotangent: Record<string, GoldenTensor>};
  return {...golden, grads: gradients as never, cotangent: Object.values(cotangent ?? {})[0]};
}

export const tensorsOf = (golden: Record<string, GoldenTensor>): Record<string, tf.Tensor> =>
  Object.fromEntries(Object.entries(golden).map(([name, value]) => [name, goldenTensor(value)]));

/**
 * `run` over the named float inputs gives the first output of the file, and its gradients for the file's cotangent.
 * −Infinity in the file marks masked cells: there the output must be below −1e11, and the cotangent is 0.
 */
export async function expectGolden(
  golden: GoldenAttention,
  inputs: Record<string, tf.Tensor>,
  run: (inputs: Record<string, tf.Tensor>) => tf.Tensor,
): Promise<void> {
  const names = Object.keys(inputs);
  const apply = (...given: tf.Tensor[]) => run(Object.fromEntries(names.map((name, i) => [name, given[i]])));
  const want = goldenTensor(Object.values(golden.outputs)[0]);
  const {value, grads} = tf.valueAndGrads(apply)(
    names.map(name => inputs[name]),
    goldenTensor(golden.cotangent),
  );
  await expectClose(await unmask(value), await unmask(want));
  for (const [i, name] of names.entries()) {
    expect(golden.grads).toHaveProperty([name]);
    await expectGradientClose(grads[i], goldenTensor(golden.grads[name]));
  }
}

/**
 * Blank cells, −Infinity upstream and about −1e12 here, as −1e6: so that a bound relative to the largest makes sense.
 */
async function unmask(x: tf.Tensor): Promise<tf.Tensor> {
  const data = Float32Array.from(await x.data(), value => (value < -1e11 ? -1e6 : value));
  return data.includes(-1e6)
    ? tf.tensor(
        data.map(value => (value === -1e6 ? 0 : value)),
        x.shape,
      )
    : x;
}

/** `expectGolden` for a layer with weights in the file's order; `apply` calls it. */
export async function expectGoldenLayer(
  golden: GoldenAttention,
  layer: layers.Layer,
  inputs: Record<string, tf.Tensor>,
  apply: (inputs: Record<string, tf.Tensor>) => tf.Tensor,
): Promise<void> {
  apply(inputs); // builds
  layer.setWeights(golden.weight_order.map(name => goldenTensor(golden.weights[name])));
  await expectGolden(golden, inputs, apply);
  const variables = layer.trainableWeights.map(weight => weight.read() as tf.Variable);
  const cotangent = goldenTensor(golden.cotangent);
  const {grads} = tf.variableGrads(() => tf.sum(tf.mul(apply(inputs), cotangent)) as tf.Scalar, variables);
  for (const [i, name] of golden.weight_order.entries()) {
    await expectGradientClose(grads[variables[i].name], goldenTensor(golden.grads[name]));
  }
}
