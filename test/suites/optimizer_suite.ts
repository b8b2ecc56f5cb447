/** What every optimizer of the package must do, whatever its formula. */
import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import {io} from '@tensorflow/tfjs-core';
import {layers, loadLayersModel, sequential} from '@tensorflow/tfjs-layers';

import {Random} from '../support/random.js';
import type {CatalogEntry, OptimizerClass} from './optimizer_catalog.js';

type Args = Record<string, unknown>;
type NamedGradients = {name: string; tensor: tf.Tensor}[];

/** Enough steps to end inside a cycle of every entry of the catalog, and a multiple of all cycles. */
const MID_CYCLE = 4;
const WHOLE_CYCLES = 6;
const SHAPES = [[3, 2], [2], [2, 3]];

export function optimizerSuite(Class: OptimizerClass, entry: CatalogEntry): void {
  const {className} = Class;
  const make = (args: Args = entry.variants[0]): tf.Optimizer => {
    const first = entry.takes === 'inner' ? tf.train.adam(0.05, 0.9, 0.999, 1e-7) : 0.05;
    return new Class(first as never, args as never);
  };

  describe(className, () => {
    test('keeps every argument in its config', () => {
      const plain = make(entry.required ?? {}).getConfig();
      const changed = new Set<string>(Object.keys(entry.required ?? {}));
      for (const args of entry.variants) {
        const optimizer = make(args);
        const config = JSON.parse(JSON.stringify(optimizer.getConfig())) as Args;
        expect(config).toMatchObject(args);
        expect(fromConfig(Class, config).getConfig()).toEqual(optimizer.getConfig());
        for (const key of Object.keys(args)) {
          if (JSON.stringify(args[key]) !== JSON.stringify(plain[key])) changed.add(key);
        }
      }
      const keys = new Set(['inner', 'learningRate', ...changed]);
      for (const key of Object.keys(plain)) expect([...keys]).toContain(key);
    });

    test.each(entry.variants)('resumes to the same bits, in the middle of a cycle: %j', async args => {
      const whole = new Run(make(args));
      whole.steps(0, MID_CYCLE);
      const half = new Run(make(args));
      half.steps(0, MID_CYCLE);
      const config = JSON.parse(JSON.stringify(half.optimizer.getConfig()));
      const saved = await Promise.all(
        (await half.optimizer.getWeights()).map(async ({name, tensor}) => ({
          name,
          tensor: tf.tensor(Array.from(await tensor.data()), tensor.shape, tensor.dtype),
        })),
      );
      expect(new Set(saved.map(({name}) => name)).size).toBe(saved.length);
      const resumed = new Run(fromConfig(Class, config), half.variables);
      await resumed.optimizer.setWeights(saved);
      tf.dispose(saved.map(({tensor}) => tensor));
      whole.steps(MID_CYCLE, WHOLE_CYCLES + 1);
      resumed.steps(MID_CYCLE, WHOLE_CYCLES + 1);
      expect(await resumed.values()).toEqual(await whole.values());
      tf.dispose([whole, half, resumed].flatMap(run => run.variables));
      for (const run of [whole, half, resumed]) run.optimizer.dispose();
    });

    test.each(entry.variants)('leaks nothing, and dispose frees all: %j', async args => {
      const before = tf.memory().numTensors;
      const run = new Run(make(args));
      run.steps(0, WHOLE_CYCLES);
      await run.optimizer.getWeights();
      const inUse = tf.memory().numTensors;
      run.steps(0, WHOLE_CYCLES);
      await run.optimizer.getWeights();
      expect(tf.memory().numTensors).toBe(inUse);
      run.optimizer.dispose();
      tf.dispose(run.variables);
      expect(tf.memory().numTensors).toBe(before);
    });

    test('takes maps and lists, in any order, with gradients missing', async () => {
      const list = new Run(make());
      const map = new Run(make());
      const shuffled = new Run(make());
      for (let step = 0; step < WHOLE_CYCLES; step++) {
        list.apply(step);
        map.apply(step, gradients => Object.fromEntries(gradients.map(({name, tensor}) => [name, tensor])) as never);
        shuffled.apply(step, gradients => (step === 0 ? gradients : [...gradients].reverse()));
      }
      expect(await map.values()).toEqual(await list.values());
      expect(await shuffled.values()).toEqual(await list.values());
      for (const run of [list, map, shuffled]) run.dispose();
    });

    test('refuses a gradient of another shape, and one of no variable', () => {
      const run = new Run(make());
      const [{name}] = run.variables;
      const apply = (key: string) => () => run.optimizer.applyGradients([{name: key, tensor: tf.ones([2, 3])}]);
      expect(apply(name)).toThrow(`${className}: expected the gradient of ${name}`);
      expect(apply('nobody')).toThrow(`${className}: expected the name of a live tf.Variable, received "nobody".`);
      run.dispose();
    });

    test('trains under fit, trainOnBatch and fitDataset, saves with the model, and survives freezing a layer', async () => {
      const before = tf.memory().numTensors;
      const model = tinyModel();
      model.compile({optimizer: make(), loss: 'meanSquaredError'});
      const [x, y] = [tf.ones([4, 3]), tf.zeros([4, 1])];
      await model.fit(x, y, {batchSize: 1, epochs: 1, verbose: 0});
      await model.trainOnBatch(x, y);
      await model.fitDataset(datasetOf(x, y), {epochs: 1, verbose: 0});

      let saved: io.ModelArtifacts | undefined;
      const keep = io.withSaveHandler(async artifacts => {
        saved = artifacts;
        return {modelArtifactsInfo: {dateSaved: new Date(), modelTopologyType: 'JSON'}};
      });
      await model.save(keep, {includeOptimizer: true});
      const loaded = await loadLayersModel(io.fromMemory(saved!));
      for (const each of [model, loaded]) await each.trainOnBatch(x, y);
      for (const [i, weight] of model.getWeights().entries()) {
        expect(Array.from(await loaded.getWeights()[i].data())).toEqual(Array.from(await weight.data()));
      }

      model.layers[0].trainable = false;
      model.compile({optimizer: model.optimizer, loss: 'meanSquaredError'});
      const frozen = Array.from(await model.layers[0].getWeights()[0].data());
      for (let i = 0; i < 3; i++) await model.trainOnBatch(x, y);
      expect(Array.from(await model.layers[0].getWeights()[0].data())).toEqual(frozen);
      expect(Array.from(await model.layers[1].getWeights()[0].data()).every(Number.isFinite)).toBe(true);

      for (const each of [model, loaded]) {
        each.optimizer.dispose();
        each.dispose();
      }
      tf.dispose([x, y]);
      expect(tf.memory().numTensors - before).toBeLessThanOrEqual(LEAKS_OF_TFJS);
    });
  });
}

/** `fit`, `save` and `loadLayersModel` of tfjs itself leave a few tensors behind. */
const LEAKS_OF_TFJS = 4;

const fromConfig = (Class: OptimizerClass, config: Args): tf.Optimizer =>
  (Class as unknown as {fromConfig(cls: unknown, config: Args): tf.Optimizer}).fromConfig(Class, {
    ...config,
    customObjects: {},
  });

function tinyModel() {
  return sequential({
    layers: [
      layers.dense({units: 2, inputShape: [3], activation: 'tanh', kernelInitializer: 'ones', name: uniqueName()}),
      layers.dense({units: 1, kernelInitializer: 'ones', name: uniqueName()}),
    ],
  });
}

/** One batch, a copy, as `fitDataset` disposes what it gets. */
function datasetOf(x: tf.Tensor, y: tf.Tensor): never {
  const iterator = async () => {
    let done = false;
    return {
      next: async () => {
        if (done) return {value: null, done};
        done = true;
        return {value: {xs: tf.clone(x), ys: tf.clone(y)}, done: false};
      },
    };
  };
  return {iterator, size: 1} as never;
}

let count = 0;
/** Underscores and numbers, which tfjs rewrites in configs. */
const uniqueName = () => `Norm_${count++}`;

/** An optimizer and variables of its own that start at positive values and get the same gradients in every run. */
class Run {
  readonly variables: tf.Variable[];

  constructor(
    readonly optimizer: tf.Optimizer,
    values?: tf.Variable[],
  ) {
    this.variables = SHAPES.map((shape, i) => {
      const size = shape[0] * (shape[1] ?? 1);
      const initial = Array.from({length: size}, (_, j) => 0.3 + 0.1 * j);
      const name = `${uniqueName()}/${['kernel', 'bias', 'x'][i]}`;
      return tf.tidy(() => tf.variable(values ? tf.mul(values[i], 1) : tf.tensor(initial, shape), true, name));
    });
  }

  steps(from: number, to: number): void {
    for (let step = from; step < to; step++) this.apply(step);
  }

  /** Every third step the second variable has no gradient. */
  apply(step: number, arrange: (gradients: NamedGradients) => NamedGradients = gradients => gradients): void {
    const random = new Random(step + 1);
    const gradients = this.variables.map(({name, shape, size}, i) => {
      const values = Array.from({length: size}, () => random.normal());
      return {name, tensor: i === 1 && step % 3 === 2 ? (null as never) : tf.tensor(values, shape)};
    });
    this.optimizer.applyGradients(arrange(gradients));
    for (const {tensor} of gradients) tensor?.dispose();
  }

  async values(): Promise<number[][]> {
    return Promise.all(this.variables.map(async variable => Array.from(await variable.data())));
  }

  dispose(): void {
    this.optimizer.dispose();
    tf.dispose(this.variables);
  }
}
