import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import {layers, sequential} from '@tensorflow/tfjs-layers';

import {PerformerAttention, type PerformerAttentionArgs, performerAttention} from '../../src/layers/index.js';
import type {LinearAttentionState} from '../../src/ops/index.js';
import {expectClose, expectConfigKeeps, expectGradientClose, normal} from '../support/expect.js';
import {goldenTensor} from '../support/golden.js';
import {expectGolden, loadAttention, tensorsOf} from '../support/golden_layer.js';

const omegaOf = (layer: PerformerAttention): tf.Tensor => layer.nonTrainableWeights[0].read();
const seeded = {kernelInitializer: {className: 'GlorotUniform', config: {seed: 5}}};

describe('PerformerAttention', () => {
  test("equals performer-pytorch with maskMode 'values'", async () => {
    const golden = await loadAttention('performer_selfattn_mask');
    const {x, mask, projection} = tensorsOf(golden.inputs);
    const layer = performerAttention({heads: 2, headSize: 4, randomFeatures: 6, epsilon: 1e-4, maskMode: 'values'});
    layer.build(x.shape);
    layer.setWeights([...golden.weight_order.map(name => goldenTensor(golden.weights[name])), projection]);
    const apply = (x: tf.Tensor) => layer.apply(x, {mask}) as tf.Tensor;
    await expectGolden(golden, {x}, ({x}) => apply(x));
    const variables = layer.trainableWeights.map(weight => weight.read() as tf.Variable);
    const cotangent = goldenTensor(golden.cotangent);
    const {grads} = tf.variableGrads(() => tf.sum(tf.mul(apply(x), cotangent)) as tf.Scalar, variables);
    for (const [i, name] of golden.weight_order.entries()) {
      await expectGradientClose(grads[variables[i].name], goldenTensor(golden.grads[name]));
    }
  });

  test.each<Partial<PerformerAttentionArgs>>([{}, {kernel: 'hyperbolic', pBias: 'rotary', outDim: 3}])(
    'steps equal one call over the sequence, %j',
    async args => {
      const layer = performerAttention({heads: 2, headSize: 4, causal: true, chunkSize: 3, seed: 1, ...args});
      const x = normal([2, 7, 5], 4) as tf.Tensor3D;
      const whole = layer.apply(x) as tf.Tensor;
      let state: LinearAttentionState | undefined;
      const outputs = Array.from({length: 7}, (_, i) => {
        const step = layer.step(tf.slice(x, [0, i, 0], [2, 1, 5]), state);
        state = step.state;
        return step.output;
      });
      await expectClose(tf.concat(outputs, 1), whole);
    },
  );

  test('redraws in training only, after every so many calls, and a seeded run repeats', async () => {
    const x = normal([1, 3, 4], 3);
    const run = async () => {
      const layer = performerAttention({heads: 1, headSize: 4, redrawInterval: 2, seed: 7, ...seeded});
      layer.build(x.shape);
      const seen: tf.Tensor[] = [tf.clone(omegaOf(layer))];
      for (const training of [true, true, false, false, false, true]) {
        layer.apply(x, {training});
        seen.push(tf.clone(omegaOf(layer)));
      }
      return seen;
    };
    const [first, again] = [await run(), await run()];
    const same = await Promise.all(first.slice(1).map(async (omega, i) => equal(omega, first[i])));
    expect(same).toEqual([true, true, true, true, true, false]); // the third training call comes last
    for (const [i, omega] of first.entries()) await expectClose(again[i], omega);
  });

  test('a resumed run redraws as the whole one', async () => {
    const x = normal([1, 3, 4], 3);
    const make = () => {
      const layer = performerAttention({heads: 1, headSize: 4, redrawInterval: 2, seed: 7, ...seeded});
      layer.build(x.shape);
      return layer;
    };
    const train = (layer: PerformerAttention) => layer.apply(x, {training: true});
    const [whole, resumed] = [make(), make()];
    for (let i = 0; i < 5; i++) train(whole);
    resumed.setRuntimeState({...make().getRuntimeState(), calls: 4, step: 2}); // after 4 calls and 2 draws
    train(resumed);
    await expectClose(omegaOf(resumed), omegaOf(whole));
  });

  test('the projection is saved, and not trained', async () => {
    const layer = performerAttention({heads: 2, headSize: 3, randomFeatures: 5, inputShape: [4, 6]});
    const model = sequential({layers: [layer, layers.globalAveragePooling1d({})]});
    model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    const omega = tf.clone(omegaOf(layer));
    const x = normal([2, 4, 6], 1);
    await model.fit(x, tf.zeros([2, 6]), {epochs: 2, verbose: 0});
    await expectClose(omegaOf(layer), omega);
    const saved = model.getWeights();
    expect(saved.map(weight => weight.shape)).toContainEqual([5, 3]);
  });

  test('keeps its config', () => {
    expectConfigKeeps(PerformerAttention, {
      ...{heads: 2, headSize: 4, outDim: 5, randomFeatures: 9, kernel: 'relu', causal: true, maskMode: 'values'},
      ...{normalize: false, denominatorEpsilon: 0.5, keySumEpsilon: 0.25, epsilon: 0.125, stabilizer: 'none'},
      ...{detachStabilizer: false, normalizeData: false, featureScaling: true, projectionScaling: 'fixed'},
      ...{redrawInterval: 3, chunkSize: 8, pBias: 'rotary', seed: 4, useBias: false},
    } as PerformerAttentionArgs);
  });

  test('says what it expected', () => {
    expect(() => performerAttention({heads: 2, headSize: 3, pBias: 'rotary'})).toThrow(
      "PerformerAttention: expected an even headSize with pBias 'rotary', received 3.",
    );
    expect(() => performerAttention({heads: 2, headSize: 3, kernel: 'elu' as never})).toThrow(
      'PerformerAttention: expected kernel to be one of softmax, hyperbolic, relu, trigonometric',
    );
    expect(() => performerAttention({heads: 2, headSize: 3, causal: true}).step(tf.zeros([1, 1, 3]))).toThrow(
      'PerformerAttention: expected a built layer to step',
    );
  });
});

async function equal(a: tf.Tensor, b: tf.Tensor): Promise<boolean> {
  return (await tf.max(tf.abs(tf.sub(a, b))).data())[0] === 0;
}
