/** What every layer of the package must do, whatever it computes. */
import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import {
  model as functional,
  input,
  type LayersModel,
  type layers,
  loadLayersModel,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';

import {setFused} from '../../src/kernels.js';
import {expectClose, expectGradientClose, normal} from '../support/expect.js';
import type {LayerClass, LayerEntry} from './layer_catalog.js';

type Args = Record<string, unknown>;
const BATCH = 2;
const LENGTH = 5;

export function layerSuite(Class: LayerClass, entry: LayerEntry): void {
  const {className} = Class;
  const make = (args: Args): layers.Layer => new Class(args as never);
  const inputsOf = (args: Args, batch = BATCH, length = LENGTH): tf.Tensor[] =>
    list(entry.inputs?.(batch, length, args) ?? normal([batch, length, 6], 7));
  const apply = (layer: layers.Layer, inputs: tf.Tensor[], kwargs = {}): tf.Tensor =>
    list(layer.apply(inputs.length === 1 ? inputs[0] : inputs, kwargs) as tf.Tensor | tf.Tensor[])[0];
  /** The same tensor three times stays the same tensor: that is how attention knows itself. */
  const withFirst = (inputs: tf.Tensor[], x: tf.Tensor): tf.Tensor[] =>
    inputs.map(one => (one === inputs[0] ? x : one));

  describe(className, () => {
    test('keeps every argument in its config', () => {
      const plain = plainConfig(make(entry.required ?? {}));
      const changed = new Set([...Object.keys(entry.required ?? {}), 'name', 'trainable', 'dtype', 'batchInputShape']);
      for (const args of entry.variants) {
        const config = plainConfig(make(args));
        expect(config).toMatchObject(JSON.parse(JSON.stringify(args)));
        const {fromConfig} = Class as never as typeof tf.serialization.Serializable;
        expect(plainConfig(fromConfig(Class as never, config as never) as layers.Layer)).toEqual(config);
        for (const key of Object.keys(config)) {
          if (JSON.stringify(config[key]) !== JSON.stringify(plain[key])) changed.add(key);
        }
      }
      expect(Object.keys(plain).filter(key => !changed.has(key))).toEqual([]);
    });

    test.each(entry.errors)('refuses %j', (args, message) => {
      expect(() => make(args)).toThrow(message);
    });

    test.each(entry.variants)('takes any batch and length, as its output shape says: %j', args => {
      const layer = make(args);
      for (const [batch, length] of [
        [1, 1],
        [3, 4],
        [2, 7],
      ]) {
        tf.tidy(() => {
          const inputs = inputsOf(args, batch, length);
          const shapes = inputs.map(({shape}) => shape);
          const expected = layer.computeOutputShape(shapes.length === 1 ? shapes[0] : shapes);
          expect(apply(layer, inputs).shape).toEqual(Array.isArray(expected[0]) ? expected[0] : expected);
        });
      }
    });

    test.each(entry.variants)('a saved model loads to the same numbers: %j', async args => {
      const inputs = inputsOf(args);
      const made = modelOf(make(args), inputs);
      for (const weights of made.weights) weights.write(normal(weights.shape as number[], weights.id, 0.5));
      const want = run(made, inputs);
      let artifacts: tf.io.ModelArtifacts | undefined;
      await made.save({
        save: async given => {
          artifacts = JSON.parse(JSON.stringify({...given, weightData: undefined}));
          artifacts!.weightData = given.weightData;
          return {modelArtifactsInfo: {dateSaved: new Date(), modelTopologyType: 'JSON'}};
        },
      });
      const loaded = await loadLayersModel({load: async () => artifacts!});
      await expectClose(run(loaded, inputs), want);
    });

    test.each(entry.variants)('gradient agrees with finite differences: %j', async args => {
      const layer = make(args);
      const inputs = inputsOf(args);
      scatterWeights(layer, () => apply(layer, inputs));
      await expectDirectionalDerivative(...differentiable(layer, inputs));
    });

    test('fused kernels agree with composed ops, forward and backward', async () => {
      const layer = make(entry.variants[0]);
      const inputs = inputsOf(entry.variants[0]);
      apply(layer, inputs);
      const [f, variables] = differentiable(layer, inputs);
      const fused = tf.variableGrads(f, variables);
      setFused(false);
      try {
        const composed = tf.variableGrads(f, variables);
        await expectClose(fused.value, composed.value);
        for (const {name} of variables) await expectGradientClose(fused.grads[name], composed.grads[name]);
      } finally {
        setFused(true);
      }
    });

    test('gives the same after other shapes', async () => {
      const args = entry.variants[0];
      const layer = make(args);
      const run = (length: number) => apply(layer, inputsOf(args, BATCH, length));
      const first = run(LENGTH);
      for (const length of [2, 9, 3]) run(length);
      await expectClose(run(LENGTH), first);
    });

    test('leaks nothing', () => {
      const layer = make(entry.variants[0]);
      const inputs = inputsOf(entry.variants[0]);
      apply(layer, inputs);
      const [f, variables] = differentiable(layer, inputs, {training: true});
      const step = () => {
        const {value, grads} = tf.variableGrads(f, variables);
        tf.dispose([value, grads as never]);
      };
      step();
      const before = tf.memory().numTensors;
      step();
      expect(tf.memory().numTensors).toBe(before);
    });

    if (entry.output !== 'table') maskLaws();
    if (entry.causal !== undefined) causalLaw(entry.causal);
  });

  /** A scalar of the output, and what it can be differentiated by: the first input, if it matters, and the weights. */
  function differentiable(layer: layers.Layer, inputs: tf.Tensor[], kwargs = {}): [() => tf.Scalar, tf.Variable[]] {
    const x = tf.variable(inputs[0]);
    const f = () => scoreOf(apply(layer, withFirst(inputs, x), kwargs), entry);
    return [f, entry.output === 'table' ? variablesOf(layer) : [x, ...variablesOf(layer)]];
  }

  /** Padding: two tokens at the end of the first sample. */
  function maskLaws(): void {
    const length = LENGTH - 2;
    const mask = () => tf.tensor2d([1, 1, 1, 0, 0, 1, 1, 1, 1, 1], [BATCH, LENGTH], 'bool');
    const plain = {...entry.variants[0]};

    test('padding counts as removed', async () => {
      const layer = make(plain);
      const inputs = inputsOf(plain);
      scatterWeights(layer, () => apply(layer, inputs));
      const padded = validPart(apply(layer, inputs, {mask: mask()}), entry, length);
      const trimmed = inputs.map(one => tf.slice(one, 0, one.rank === 2 ? [1, -1] : [1, length, -1]));
      const alone = apply(
        layer,
        inputs.map((one, i) => (one === inputs[0] ? trimmed[0] : trimmed[i])),
      );
      await expectClose(padded, validPart(alone, entry, length));
    });

    test('the content of padding reaches no output and gets no gradient', async () => {
      const layer = make(plain);
      const inputs = inputsOf(plain);
      const noise = tf.mul(normal([BATCH, LENGTH, 6], 12, 30), tf.sub(1, tf.expandDims(tf.cast(mask(), 'float32'), 2)));
      const valid = (x: tf.Tensor) => validPart(apply(layer, withFirst(inputs, x), {mask: mask()}), entry, length);
      await expectClose(valid(tf.add(inputs[0], noise)), valid(inputs[0]));
      const gradient = tf.grad((x: tf.Tensor) => tf.sum(tf.square(valid(x))))(inputs[0]);
      await expectClose(tf.slice(gradient, [0, length, 0], [1, 2, 6]), tf.zeros([1, 2, 6]));
    });

    test('finds its mask after tf.layers.add, and nothing wrong in one of another shape', async () => {
      const layer = make(plain);
      const inputs = inputsOf(plain);
      const want = apply(layer, inputs, {mask: mask()});
      await expectClose(apply(layer, inputs, {mask: tf.expandDims(mask(), 0)}), want);
      await expectClose(apply(layer, inputs, {mask: tf.reshape(mask(), [1, 1, 1, BATCH, LENGTH])}), want); // three of them
      const unmasked = apply(layer, inputs);
      await expectClose(apply(layer, inputs, {mask: tf.ones([BATCH, LENGTH + 1], 'bool')}), unmasked);
    });
  }

  function causalLaw(args: Args): void {
    test('causal: an output does not depend on later tokens', async () => {
      const layer = make(args);
      const inputs = inputsOf(args);
      const past = LENGTH - 2;
      const edit = tf.concat([tf.zeros([BATCH, past, 6]), tf.ones([BATCH, 2, 6])], 1);
      const until = (y: tf.Tensor) => tf.slice(y, [0, 0, 0], [BATCH, past, y.shape[2] as number]);
      const edited = apply(layer, withFirst(inputs, tf.add(inputs[0], edit)));
      await expectClose(until(edited), until(apply(layer, inputs)));
    });
  }
}

const list = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

/** The config without the generated name. */
function plainConfig(layer: layers.Layer): Args {
  const {name: _, ...config} = JSON.parse(JSON.stringify(layer.getConfig())) as Args;
  return config;
}

const variablesOf = (layer: layers.Layer): tf.Variable[] =>
  layer.trainableWeights.map(weight => weight.read() as tf.Variable);

/** A scalar of the outputs. Blank cells of a span map are cut off: they would drown the others. */
function scoreOf(y: tf.Tensor, entry: LayerEntry): tf.Scalar {
  return tf.tidy(() => tf.sum(tf.mul(visible(y, entry), normal(y.shape as number[], 21))) as tf.Scalar);
}

const visible = (y: tf.Tensor, {output}: LayerEntry): tf.Tensor =>
  output === 'spans' ? tf.clipByValue(y, -50, 50) : y;

/** The part of the first sample that padding must not change. */
function validPart(y: tf.Tensor, entry: LayerEntry, length: number): tf.Tensor {
  if (entry.output === 'spans')
    return visible(tf.slice(y, [0, 0, 0, 0], [1, y.shape[1] as number, length, length]), entry);
  return tf.slice(y, [0, 0], [1, length]);
}

/** Weights that are not zero anywhere, so that every path has a gradient. */
function scatterWeights(layer: layers.Layer, build: () => unknown): void {
  build();
  layer.setWeights(layer.weights.map((weight, i) => normal(weight.shape as number[], 31 + i, 0.5)));
}

/** (f(θ + hd) − f(θ − hd)) / 2h against ⟨∇f, d⟩ for one random direction d in all variables. */
async function expectDirectionalDerivative(f: () => tf.Scalar, variables: tf.Variable[]): Promise<void> {
  const step = 4e-3;
  const start = variables.map(variable => tf.clone(variable));
  const directions = start.map((value, i) => normal(value.shape as number[], 41 + i));
  const at = async (distance: number): Promise<number> => {
    for (const [i, variable] of variables.entries()) {
      variable.assign(tf.add(start[i], tf.mul(directions[i], distance)));
    }
    return (await f().data())[0];
  };
  const slope = ((await at(step)) - (await at(-step))) / (2 * step);
  await at(0);
  const {grads} = tf.variableGrads(f, variables);
  const products = await Promise.all(
    variables.map(async ({name}, i) => (await tf.sum(tf.mul(grads[name], directions[i])).data())[0]),
  );
  const expected = products.reduce((sum, product) => sum + product, 0);
  const size = products.reduce((sum, product) => sum + Math.abs(product), 0);
  expect(Math.abs(slope - expected)).toBeLessThan(2e-2 * Math.max(1, size));
}

/** A model of one layer; an input that is passed several times is one input of the model. */
function modelOf(layer: layers.Layer, inputs: tf.Tensor[]): LayersModel {
  const symbols = new Map([...new Set(inputs)].map(one => [one, symbolOf(one)]));
  const given = inputs.map(one => symbols.get(one)!);
  const outputs = layer.apply(given.length === 1 ? given[0] : given) as SymbolicTensor | SymbolicTensor[];
  return functional({inputs: [...symbols.values()], outputs});
}

const run = (model: LayersModel, inputs: tf.Tensor[]): tf.Tensor =>
  list(model.apply([...new Set(inputs)]) as tf.Tensor | tf.Tensor[])[0];

const symbolOf = (one: tf.Tensor): SymbolicTensor =>
  one.rank === 3 && one.shape[0] !== BATCH
    ? input({batchShape: one.shape})
    : input({
        shape: one.shape.slice(1).map((size, axis) => (axis === 0 && one.rank === 3 ? null : size)),
        dtype: one.dtype,
      });
