import {describe, expect, jest, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import {layers, regularizers, type Sequential, sequential} from '@tensorflow/tfjs-layers';

import * as kernels from '../../src/internal/kernels.js';
import {setUpTfjs} from '../../src/internal/setup.js';
import {lazyEmbedding} from '../../src/layers/index.js';
import * as train from '../../src/optimizers/index.js';
import {CATALOG, type OptimizerClass} from '../suites/optimizer_catalog.js';
import {testOn} from '../support/backend.js';
import {expectClose} from '../support/expect.js';

setUpTfjs(); // the dense gradient on wasm

const [ROWS, WIDTH, LENGTH] = [11, 3, 4];
const IDS = [
  [1, 2, 2, 5],
  [7, 1, 0, 9],
  [5, 5, 5, 2],
];

type Kind = 'lazy' | 'stock';

interface TableArgs {
  embeddingsRegularizer?: ReturnType<typeof regularizers.l2>;
}

function tinyModel(kind: Kind, table: TableArgs = {}): Sequential {
  const args = {inputDim: ROWS, outputDim: WIDTH, inputLength: LENGTH, ...table};
  const model = sequential({
    layers: [
      kind === 'lazy' ? lazyEmbedding(args) : layers.embedding(args),
      layers.flatten(),
      layers.dense({units: 1, kernelInitializer: 'ones'}),
    ],
  });
  model.layers[0].setWeights([tf.reshape(tf.cos(tf.range(0, ROWS * WIDTH)), [ROWS, WIDTH])]);
  return model;
}

async function trained(kind: Kind, optimizer: tf.Optimizer, steps = 3, table?: TableArgs): Promise<tf.Tensor> {
  const model = tinyModel(kind, table);
  model.compile({optimizer, loss: 'meanSquaredError'});
  const [x, y] = [tf.tensor2d(IDS, [3, LENGTH], 'int32'), tf.tensor2d([1, -1, 0.5], [3, 1])];
  for (let step = 0; step < steps; step++) await model.trainOnBatch(x, y);
  return model.layers[0].getWeights()[0];
}

const OPTIMIZERS: Record<string, () => tf.Optimizer> = {
  lazyAdam: () => train.lazyAdam(0.1),
  adamW: () => train.adamW(0.1),
  lion: () => train.lion(0.1),
  lamb: () => train.lamb(0.1),
  'tf.train.adam': () => tf.train.adam(0.1, 0.9, 0.999, 1e-7),
  'lookahead(sgd)': () => train.lookahead(tf.train.sgd(0.1), {syncPeriod: 2}),
  'clip(globalNorm, lazyAdam)': () => train.clipGradients(train.lazyAdam(0.1), {globalNorm: 0.1}),
  'clip(norm, sgd)': () => train.clipGradients(tf.train.sgd(0.1), {norm: 0.1}),
  'clip(value, sgd)': () => train.clipGradients(tf.train.sgd(0.1), {value: 0.05}),
  'clip(adaptive, adamW)': () => train.clipGradients(train.adamW(0.1), {adaptive: 0.05}),
  'accumulate(lazyAdam)': () => train.accumulateGradients(train.lazyAdam(0.1), {steps: 2}),
  'lazy(adam)': () => train.lazy(tf.train.adam(0.1, 0.9, 0.999, 1e-7)),
  egStepSize: () => train.egStepSize(0.1),
};

describe('LazyEmbedding', () => {
  test('looks rows up', async () => {
    const layer = lazyEmbedding({inputDim: 3, outputDim: 2, embeddingsInitializer: 'ones'});
    const y = layer.apply(tf.tensor2d([[2, 0]], [1, 2], 'int32')) as tf.Tensor;
    await expectClose(y, [
      [
        [1, 1],
        [1, 1],
      ],
    ]);
  });

  test('masks id 0 where asked', async () => {
    const layer = lazyEmbedding({inputDim: 3, outputDim: 2, maskZero: true});
    await expectClose(tf.cast(layer.computeMask(tf.tensor2d([[2, 0]])), 'float32'), [[1, 0]]);
    expect(lazyEmbedding({inputDim: 3, outputDim: 2}).computeMask(tf.tensor2d([[2, 0]]))).toBeNull();
  });

  test.each(Object.keys(OPTIMIZERS))('trains as tf.layers.embedding does under %s', async name => {
    await expectClose(await trained('lazy', OPTIMIZERS[name]()), await trained('stock', OPTIMIZERS[name]()));
  });

  test.each(Object.keys(CATALOG))('every optimizer accepts it: %s', async name => {
    const {takes, required = {}} = CATALOG[name];
    const Class = (train as unknown as Record<string, OptimizerClass>)[name];
    const make = () => {
      const first = takes === 'inner' ? tf.train.adam(0.1, 0.9, 0.999, 1e-7) : 0.1;
      return new Class(first as never, required as never);
    };
    await expectClose(await trained('lazy', make()), await trained('stock', make()));
  });

  test('a regularizer of the table gives its dense gradient as well', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const regularizer = regularizers.l2({l2: 0.1});
    const run = (kind: Kind) => trained(kind, train.adamW(0.1), 3, {embeddingsRegularizer: regularizer});
    await expectClose(await run('lazy'), await run('stock'));
    const plain = await trained('stock', train.adamW(0.1));
    await expect(expectClose(await run('lazy'), plain)).rejects.toThrow('bound');
    expect(warn.mock.calls[0][0]).toMatch(/has a dense gradient besides its looked-up rows/);
    warn.mockRestore();
  });

  test('lazyAdam moves the touched rows and no others', async () => {
    const before = await tinyModel('lazy').layers[0].getWeights()[0].data();
    const after = await (await trained('lazy', train.lazyAdam(0.1))).data();
    const moved = new Set<number>();
    after.forEach((value, i) => {
      if (value !== before[i]) moved.add(Math.floor(i / WIDTH));
    });
    expect([...moved].sort((a, b) => a - b)).toEqual([0, 1, 2, 5, 7, 9]);
  });

  testOn(
    'cpu',
    'wasm',
    'webgpu',
    'tensorflow',
  )('has a row kernel', async () => {
    await trained('lazy', train.lazyAdam(0.1), 1);
    expect(kernels.report().find(({op}) => op === 'AddonsAdamUpdateRows')?.path).toBe('fused');
  });

  testOn(
    'cpu',
    'wasm',
    'webgpu',
    'tensorflow',
  )('the kernel equals the composed update', async () => {
    const fused = await trained('lazy', train.lazyAdam(0.1));
    kernels.setFused(false);
    const composed = await trained('lazy', train.lazyAdam(0.1));
    kernels.setFused(true);
    await expectClose(fused, composed);
  });

  const READS: [string, (x: tf.Tensor) => tf.Tensor][] = [
    ['clones', tf.clone],
    ['reshapes', x => tf.reshape(x, [-1])],
    ['slices', x => tf.slice(x, 0, ROWS - 1)],
  ];

  test.each(READS)('leaves %s of table and moments alone', async (_, read) => {
    const optimizer = train.lazyAdam(0.1);
    const model = tinyModel('lazy');
    model.compile({optimizer, loss: 'meanSquaredError'});
    const x = tf.tensor2d(IDS, [3, LENGTH], 'int32');
    const tables = async () => {
      const moments = (await optimizer.getWeights()).map(({tensor}) => tensor);
      return [model.layers[0].getWeights()[0], ...moments].filter(({shape}) => shape[0] === ROWS);
    };
    const values = (tensors: tf.Tensor[]) => Promise.all(tensors.map(async tensor => Array.from(await tensor.data())));
    await model.trainOnBatch(x, tf.ones([3, 1]));
    const parts = (await tables()).map(read);
    expect(parts.length).toBe(3);
    const before = await values(parts);
    await model.trainOnBatch(x, tf.ones([3, 1]));
    expect(await values(parts)).toEqual(before);
    expect(await values((await tables()).map(read))).not.toEqual(before);
  });

  test('leaves an array that data() gave alone', async () => {
    const model = tinyModel('lazy');
    model.compile({optimizer: train.lazyAdam(0.1), loss: 'meanSquaredError'});
    const [x, y] = [tf.tensor2d(IDS, [3, LENGTH], 'int32'), tf.ones([3, 1])];
    await model.trainOnBatch(x, y);
    const array = await model.layers[0].getWeights()[0].data();
    const before = Array.from(array);
    await model.trainOnBatch(x, y);
    expect(Array.from(array)).toEqual(before);
  });

  testOn('tensorflow')('copies table and moments in the first step, and after a read only what was read', async () => {
    const model = tinyModel('lazy');
    const optimizer = train.lazyAdam(0.1);
    model.compile({optimizer, loss: 'meanSquaredError'});
    const [x, y] = [tf.tensor2d(IDS, [3, LENGTH], 'int32'), tf.ones([3, 1])];
    const copiesOfStep = async () => {
      const spy = jest.spyOn(tf.backend() as never as {executeSingleOutput(): tf.Tensor}, 'executeSingleOutput');
      await model.trainOnBatch(x, y);
      const whole = spy.mock.calls
        .map((call, i) => ({op: (call as unknown[])[0], output: spy.mock.results[i].value as tf.Tensor}))
        .filter(({output}) => output.shape[0] === ROWS && output.shape[1] === WIDTH);
      spy.mockRestore();
      return whole.filter(({op}) => op !== 'InplaceUpdate').length;
    };
    expect(await copiesOfStep()).toBeGreaterThanOrEqual(3);
    expect(await copiesOfStep()).toBe(0);
    model.predict(x);
    expect(await copiesOfStep()).toBe(0);
    const table = () => model.layers[0].getWeights()[0];
    for (const read of [tf.clone, (x: tf.Tensor) => tf.reshape(x, [-1])]) {
      read(table());
      expect(await copiesOfStep()).toBe(1);
      expect(await copiesOfStep()).toBe(0);
    }
  });

  test('is seen by a product that used the table before', async () => {
    const model = tinyModel('lazy');
    model.compile({optimizer: train.lazyAdam(0.1), loss: 'meanSquaredError'});
    const x = tf.tensor2d(IDS, [3, LENGTH], 'int32');
    const left = tf.cos(tf.reshape(tf.range(0, ROWS), [1, ROWS])) as tf.Tensor2D;
    for (let step = 0; step < 2; step++) {
      const table = model.layers[0].getWeights()[0] as tf.Tensor2D;
      const want = tf.sum(tf.mul(tf.reshape(left, [ROWS, 1]), table), 0, true);
      await expectClose(tf.matMul(left, table), want); // XNNPACK packs the table in the first round
      await model.trainOnBatch(x, tf.ones([3, 1]));
    }
  });

  test('adds the dense gradient of tied weights, and says so', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const rows = lazyEmbedding({inputDim: ROWS, outputDim: WIDTH});
    const ids = tf.tensor2d(IDS, [3, LENGTH], 'int32');
    const y = rows.apply(ids) as tf.Tensor;
    const table = rows.getWeights()[0] as tf.Variable;
    const loss = (look: () => tf.Tensor) => () =>
      tf.mean(tf.square(tf.add(tf.sum(look()), tf.sum(tf.square(table))))) as tf.Scalar;
    const tied = train.lazyAdam(0.1).computeGradients(
      loss(() => rows.apply(ids) as tf.Tensor),
      [table],
    );
    const plain = tf.variableGrads(
      loss(() => tf.gather(table, tf.reshape(ids, [-1]))),
      [table],
    );
    await expectClose(tied.grads[table.name], plain.grads[table.name], 'gradient');
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0][0]).toMatch(/has a dense gradient besides its looked-up rows/);
    warn.mockRestore();
    y.dispose();
  });

  test('keeps no tensor from step to step', async () => {
    const model = tinyModel('lazy');
    model.compile({optimizer: train.lazyAdam(0.1), loss: 'meanSquaredError'});
    const [x, y] = [tf.tensor2d(IDS, [3, LENGTH], 'int32'), tf.ones([3, 1])];
    await model.fit(x, y, {verbose: 0, batchSize: 2});
    const before = tf.memory().numTensors;
    await model.fit(x, y, {verbose: 0, batchSize: 2, epochs: 2});
    expect(tf.memory().numTensors).toBe(before);
  });

  test('says what it expects', () => {
    expect(() => lazyEmbedding({inputDim: 0, outputDim: 2})).toThrow(
      'LazyEmbedding: expected inputDim to be a positive integer, received 0.',
    );
  });
});
