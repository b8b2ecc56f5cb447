import {beforeAll, describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import {
  input,
  type LayersModel,
  layers,
  loadLayersModel,
  model as makeModel,
  metrics,
  type SymbolicTensor,
  sequential,
} from '@tensorflow/tfjs-layers';

import {defineLoss, defineLossMaker, type LossFunction} from '../../src/internal/named_functions.js';
import {loadModel, saveModel} from '../../src/models/index.js';
import {expectClose, normal} from '../support/expect.js';
import {memoryHandler} from './memory_handler.js';

const squares = defineLoss('testSquares', (yTrue, yPred) => tf.mean(tf.square(tf.sub(yTrue, yPred))));
const scaledSquaresLoss = defineLossMaker(
  'testScaledSquaresLoss',
  ({factor = 1, limit = 0}: {factor?: number; limit?: number} = {}) => {
    return (yTrue, yPred) => tf.mul(squares(yTrue, tf.minimum(yPred, limit)), factor);
  },
  {factor: true, limit: true},
);

/** Draws one number a step and adds it: what a seeded dropout does to the state. */
class Counting extends layers.Layer {
  static readonly className = 'TestCounting';
  private step = 0;

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: {training?: boolean}): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0] : inputs;
    return tf.tidy(() => tf.add(x, kwargs.training ? Math.sin(++this.step) : 0));
  }

  getRuntimeState(): object {
    return {step: this.step};
  }

  setRuntimeState({step}: {step: number}): void {
    this.step = step;
  }
}
tf.serialization.registerClass(Counting);

let X: tf.Tensor;
let Y: tf.Tensor;
beforeAll(() => {
  X = normal([6, 3], 1);
  Y = normal([6, 2], 2);
});

function smallModel(): LayersModel {
  const inner = sequential({layers: [layers.dense({units: 4, inputShape: [3], activation: 'tanh'}), new Counting({})]});
  const x = input({shape: [3]});
  const y = layers.dense({units: 2}).apply(inner.apply(x)) as SymbolicTensor;
  return makeModel({inputs: x, outputs: y});
}

const train = async (model: LayersModel, epochs: number): Promise<number[]> => {
  const {history} = await model.fit(X, Y, {epochs, batchSize: 3, shuffle: false, verbose: 0});
  return history.loss as number[];
};

describe('saveModel and loadModel', () => {
  test.each<[string, () => tf.Optimizer]>([
    ['adam', () => tf.train.adam(0.05)],
    ['momentum', () => tf.train.momentum(0.05, 0.9)],
    ['rmsprop', () => tf.train.rmsprop(0.05)],
  ])('a run with %s that is stopped and resumed gives the numbers of one that is not', async (_, optimizer) => {
    const handler = memoryHandler();
    const model = smallModel();
    model.compile({optimizer: optimizer(), loss: squares});
    await train(model, 2);
    await saveModel(model, handler);
    const uninterrupted = await train(model, 3);

    const again = await loadModel(handler);
    expect(await train(again, 3)).toEqual(uninterrupted);
    await expectClose(again.predict(X) as tf.Tensor, model.predict(X) as tf.Tensor);
  });

  test('keeps losses with options, infinities among them, and metrics of all kinds', async () => {
    const handler = memoryHandler();
    const model = sequential({layers: [layers.dense({units: 2, inputShape: [3]})]});
    const own: LossFunction = function maximumError(yTrue, yPred) {
      return tf.max(tf.abs(tf.sub(yTrue, yPred)));
    };
    model.compile({
      optimizer: 'sgd',
      loss: scaledSquaresLoss({factor: 3, limit: Number.POSITIVE_INFINITY}),
      metrics: ['mse', squares, metrics.cosineProximity, own],
    });
    await saveModel(model, handler);
    const want = model.evaluate(X, Y) as tf.Scalar[];
    const again = await loadModel(handler, {functions: {maximumError: own}});
    const got = again.evaluate(X, Y) as tf.Scalar[];
    await expectClose(tf.stack(got), tf.stack(want));
    expect(again.metricsNames).toEqual(model.metricsNames);
    await expect(loadModel(handler)).rejects.toThrow(
      'loadModel: expected the function maximumError, with which the model was compiled, in options.functions',
    );
  });

  test('keeps a loss for each output', async () => {
    const handler = memoryHandler();
    const x = input({shape: [3]});
    const outputs = ['a', 'b'].map(name => layers.dense({units: 2, name}).apply(x) as SymbolicTensor);
    const model = makeModel({inputs: x, outputs});
    model.compile({
      optimizer: 'sgd',
      loss: {a: squares, b: 'meanAbsoluteError'} as never,
      metrics: {a: 'mse', b: squares} as never,
    });
    await saveModel(model, handler);
    const again = await loadModel(handler);
    const [got, want] = [again, model].map(m => tf.stack(m.evaluate(X, [Y, Y]) as tf.Scalar[]));
    await expectClose(got, want);
  });

  test('keeps metadata of the user, and leaves topology and weights readable by tfjs', async () => {
    const handler = memoryHandler();
    const model = smallModel();
    model.setUserDefinedMetadata({labels: ['person', 'place']});
    model.compile({optimizer: 'adam', loss: squares});
    await train(model, 1);
    await saveModel(model, handler);
    expect((await loadModel(handler)).getUserDefinedMetadata()).toEqual({labels: ['person', 'place']});
    const stock = await loadLayersModel(handler);
    await expectClose(stock.predict(X) as tf.Tensor, model.predict(X) as tf.Tensor);
  });

  test('without the optimizer, loads a model to compile anew', async () => {
    const [with_, without] = [memoryHandler(), memoryHandler()];
    const model = smallModel();
    model.compile({optimizer: 'adam', loss: squares});
    await saveModel(model, with_);
    await saveModel(model, without, {includeOptimizer: false});
    expect((await loadModel(with_, {includeOptimizer: false})).optimizer).toBeUndefined();
    expect((await loadModel(without)).optimizer).toBeUndefined();
  });

  test('loads what model.save saved', async () => {
    const handler = memoryHandler();
    const model = sequential({layers: [layers.dense({units: 2, inputShape: [3]})]});
    model.compile({optimizer: 'adam', loss: 'meanSquaredError'});
    await model.save(handler, {includeOptimizer: true});
    const again = await loadModel(handler);
    await expectClose(again.predict(X) as tf.Tensor, model.predict(X) as tf.Tensor);
    expect(again.loss).toBe('meanSquaredError');
  });

  test('saving keeps no tensor, and a loaded model that is disposed neither', async () => {
    const handler = memoryHandler();
    const model = smallModel();
    model.compile({optimizer: tf.train.adam(0.1), loss: squares});
    await train(model, 1);
    const before = tf.memory().numTensors;
    await saveModel(model, handler);
    expect(tf.memory().numTensors).toBe(before);
    (await loadModel(handler)).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('loadModel refuses', () => {
  const saved = async (change: (artifacts: tf.io.ModelArtifacts) => void): Promise<tf.io.IOHandler> => {
    const handler = memoryHandler(change);
    const model = smallModel();
    model.compile({optimizer: 'adam', loss: squares});
    await saveModel(model, handler);
    return handler;
  };
  const state = ({userDefinedMetadata}: tf.io.ModelArtifacts) =>
    (
      userDefinedMetadata as {
        tfjsAddons: {
          format: number;
          training: {loss: {leaf: {defined: {name: string}}}; optimizer: {className: string}};
        };
      }
    ).tfjsAddons;

  test('weights that are cut short', async () => {
    const handler = await saved(artifacts => {
      artifacts.weightData = (artifacts.weightData as ArrayBuffer).slice(4);
    });
    await expect(loadModel(handler)).rejects.toThrow('bytes of weights, received');
  });

  test('a model of a later version', async () => {
    const handler = await saved(artifacts => {
      state(artifacts).format = 99;
    });
    await expect(loadModel(handler)).rejects.toThrow('expected a model of format 1 or earlier, received 99.');
  });

  test('a layer class that is not registered', async () => {
    const handler = await saved(artifacts => {
      artifacts.modelTopology = JSON.parse(JSON.stringify(artifacts.modelTopology).replace('TestCounting', 'Unheard'));
    });
    await expect(loadModel(handler)).rejects.toThrow(
      'received "Unheard". Import the class before loading, or \'tfjs-addons/register\'',
    );
  });

  test('a loss and an optimizer that are not known, and keeps nothing of the failed load', async () => {
    const loss = await saved(artifacts => {
      state(artifacts).training.loss.leaf.defined.name = 'unheard';
    });
    const optimizer = await saved(artifacts => {
      state(artifacts).training.optimizer.className = 'Unheard';
    });
    const before = tf.memory().numTensors;
    await expect(loadModel(loss)).rejects.toThrow('a loss or metric that has been imported, received "unheard".');
    await expect(loadModel(optimizer)).rejects.toThrow('an optimizer that is registered');
    expect(tf.memory().numTensors).toBe(before);
  });

  test('the state of an optimizer that another program dropped', async () => {
    const handler = memoryHandler(artifacts => {
      artifacts.weightSpecs = artifacts.weightSpecs!.filter(({group}) => group !== 'optimizer');
      const bytes = artifacts.weightSpecs.reduce((sum, {shape}) => sum + 4 * tf.util.sizeFromShape(shape), 0);
      artifacts.weightData = (artifacts.weightData as ArrayBuffer).slice(0, bytes);
    });
    const model = smallModel();
    model.compile({optimizer: 'adam', loss: squares});
    await saveModel(model, handler);
    await expect(loadModel(handler)).rejects.toThrow('expected 3 tensors of the optimizer, received 0.');
  });
});

describe('saveModel refuses', () => {
  test('a loss without a name', async () => {
    const model = smallModel();
    model.compile({optimizer: 'adam', loss: [(_: tf.Tensor, yPred: tf.Tensor) => tf.mean(yPred)] as never});
    await expect(saveModel(model, memoryHandler())).rejects.toThrow(
      'saveModel: expected losses and metrics that can be found again when the model is loaded, received function (anonymous)',
    );
  });

  test('a URL without a handler, and things that are no handler', async () => {
    const model = smallModel();
    await expect(saveModel(model, 'pigeon://post')).rejects.toThrow(
      'saveModel: expected a URL for which tfjs has a handler',
    );
    await expect(saveModel(model, {} as never)).rejects.toThrow(
      'saveModel: expected a URL or an object with the method save',
    );
  });
});
