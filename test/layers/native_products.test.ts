import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type {layers} from '@tensorflow/tfjs-layers';

import * as exported from '../../src/layers/index.js';
import {LAYER_CATALOG, type LayerClass} from '../suites/layer_catalog.js';
import {BACKEND} from '../support/backend.js';
import {normal} from '../support/expect.js';
import {isScalarLoop, nativeProductsOf} from '../support/native_products.js';

type Args = Record<string, unknown>;

const classes = Object.values(exported).filter(
  (value): value is typeof value & LayerClass => typeof value === 'function' && 'className' in value,
);
const cases = classes.flatMap(Class =>
  LAYER_CATALOG[Class.className].variants.map((args): [string, Args, LayerClass] => [Class.className, args, Class]),
);

/** One pass forward and backward, for the first input and all weights. */
function train(Class: LayerClass, args: Args): void {
  const given = LAYER_CATALOG[Class.className].inputs?.(2, 17, args) ?? normal([2, 17, 6], 7);
  const inputs = Array.isArray(given) ? given : [given];
  const layer = new Class(args as never) as layers.Layer;
  const isNumeric = inputs[0].dtype === 'float32' && !Array.from(inputs[0].dataSync()).every(Number.isInteger);
  const reads = LAYER_CATALOG[Class.className].output !== 'table' && isNumeric; // ids have no gradient
  const apply = (x: tf.Tensor) => {
    const own = inputs.map(one => (one === inputs[0] ? x : one));
    const output = layer.apply(own.length === 1 ? own[0] : own) as tf.Tensor | tf.Tensor[];
    return tf.sum(Array.isArray(output) ? output[0] : output) as tf.Scalar;
  };
  if (reads) tf.grad(apply)(inputs[0]);
  else apply(inputs[0]);
  const variables = layer.trainableWeights.map(weight => weight.read() as tf.Variable);
  if (variables.length > 0) tf.variableGrads(() => apply(inputs[0]), variables);
}

(BACKEND === 'wasm' ? describe : describe.skip)("tfjs's scalar loop for products", () => {
  test.each(cases)('is not used by %s in either pass: %j', (_, args, Class) => {
    expect(nativeProductsOf(() => train(Class, args)).filter(isScalarLoop)).toEqual([]);
  });

  test('would be seen', () => {
    const [a, b] = [normal([3, 5], 1), normal([3, 7], 2)] as tf.Tensor2D[];
    const transposed = nativeProductsOf(() => tf.fused.matMul({a, b, transposeA: true}));
    expect(transposed).toEqual([{batches: [1, 1], transposed: [true, false]}]);
    expect(transposed.filter(isScalarLoop)).toHaveLength(1);
    expect(nativeProductsOf(() => tf.matMul(a, b, true)).filter(isScalarLoop)).toEqual([]);
  });
});
