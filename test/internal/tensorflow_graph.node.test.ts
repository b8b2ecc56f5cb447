import {readdirSync} from 'node:fs';
import {tmpdir} from 'node:os';

import {beforeEach, describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {forgetGraphs, GraphedCalls} from '../../src/internal/tensorflow_graph/graphed_calls.js';
import {report, setCallsBeforeGraph, setFused} from '../../src/kernels.js';
import {multiHeadAttention} from '../../src/layers/multi_head_attention.js';
import {BACKEND, testOn} from '../support/backend.js';
import {expectClose, expectGradientClose, normal} from '../support/expect.js';

const onTensorflow = testOn('tensorflow');
const describeOnTensorflow = BACKEND === 'tensorflow' ? describe : describe.skip;

const reportOf = (name: string) => report().find(({op}) => op === name);
const sessions = (): number => (tf.backend() as unknown as {getNumOfSavedModels(): number}).getNumOfSavedModels();

test('elsewhere calls run as they are', async () => {
  const calls = new GraphedCalls('OnAnyBackend');
  const x = normal([3], 1);
  for (let i = 0; i < 3; i++) await expectClose(calls.run([x], () => [tf.mul(x, 2)])[0], tf.mul(x, 2));
  expect(reportOf('OnAnyBackend') === undefined).toBe(BACKEND !== 'tensorflow');
});

describeOnTensorflow('graphs', () => {
  beforeEach(() => setCallsBeforeGraph(0)); // whatever the run has set

  test('come after some calls, run as one kernel and are reported', async () => {
    setCallsBeforeGraph(2);
    const calls = new GraphedCalls('AfterTwo');
    const x = normal([2, 3], 1);
    const kernels: number[] = [];
    for (let i = 0; i < 4; i++) {
      const profile = await tf.profile(() => calls.run([x], () => [tf.exp(tf.mul(tf.add(x, 1), 2))])[0]);
      kernels.push(profile.kernels.length);
      await expectClose(profile.result as tf.Tensor, tf.exp(tf.mul(tf.add(x, 1), 2)));
    }
    expect(kernels[0]).toBeGreaterThan(2);
    expect(kernels[3]).toBe(1); // the third call is recorded
    expect(reportOf('AfterTwo')).toEqual({
      op: 'AfterTwo',
      backend: 'tensorflow',
      path: 'fused',
      reason: 'a TensorFlow graph of 3 ops',
    });
  });

  test('take new numbers, and other shapes get their own', async () => {
    const calls = new GraphedCalls('NewNumbers');
    for (const [size, seed] of [
      [3, 1],
      [3, 2],
      [4, 3],
      [3, 4],
    ]) {
      const x = normal([size], seed);
      await expectClose(calls.run([x], () => [tf.sum(tf.square(x))])[0], tf.sum(tf.square(x)));
    }
  });

  test('return inputs, constants and the same result twice', async () => {
    const calls = new GraphedCalls('Ends');
    const [x, mask] = [normal([3], 1), tf.tensor1d([true, false, true], 'bool')];
    const before = tf.memory().numTensors;
    const run = () =>
      calls.run([x, mask], () => {
        const y = tf.where(mask, x, tf.tensor1d([7, 8, 9]));
        return [x, y, y, tf.tensor1d([5, 6], 'int32')];
      });
    for (let i = 0; i < 2; i++) {
      const results = run();
      const [a, b, c, d] = results;
      await expectClose(a, x);
      await expectClose(b, tf.where(mask, x, tf.tensor1d([7, 8, 9])));
      await expectClose(c, b);
      await expectClose(d, [5, 6]);
      expect(reportOf('Ends')).toMatchObject({path: 'fused', reason: 'a TensorFlow graph of 1 ops'});
      b.dispose();
      expect(c.isDisposed).toBe(false);
      tf.dispose(results);
      await expectClose(x, normal([3], 1));
    }
    expect(tf.memory().numTensors).toBeLessThan(before + 20);
  });

  test('have the gradients of their ops, of several results and of inputs that do not matter', async () => {
    const calls = new GraphedCalls('Gradients');
    const [x, w, unused] = [normal([2, 3], 1), normal([3, 3], 2), normal([2], 3)];
    const compute = () => {
      const y = tf.sigmoid(tf.matMul(x, w));
      return [y, tf.add(tf.sum(y, 0), tf.sum(x))];
    };
    const scoreOf = ([y, z]: tf.Tensor[]) => tf.add(tf.sum(tf.mul(y, normal([2, 3], 4))), tf.sum(tf.square(z)));
    const gradients = (run: () => tf.Tensor[]) =>
      tf.engine().gradients(() => scoreOf(run()) as tf.Scalar, [x, w], undefined);
    const want = gradients(compute);
    for (let i = 0; i < 2; i++) {
      const got = gradients(() => calls.run([x, w, unused], compute));
      await expectClose(got.value, want.value);
      for (const [i, gradient] of got.grads.entries()) await expectGradientClose(gradient, want.grads[i]);
    }
    expect(reportOf('Gradients')?.reason).toMatch(/graph of \d+ and \d+ ops/);
  });

  test('tell the same tensor, tensors that share numbers and others apart', async () => {
    const layer = multiHeadAttention({heads: 2, headSize: 4});
    const [x, y, z] = [1, 2, 3].map(seed => normal([2, 5, 8], seed));
    const all = [
      [x, x, x],
      [x, x.clone(), x.clone()],
      [x, y, z],
      [y, y, y],
      [x, y, y],
    ];
    layer.apply(all[0]);
    const run = (inputs: tf.Tensor[]) =>
      tf.engine().gradients(() => layer.apply(inputs) as tf.Tensor, [...new Set(inputs)], normal([2, 5, 8], 4));
    const got = all.map(run);
    setFused(false);
    const want = all.map(run);
    setFused(true);
    for (const [i, {value, grads}] of got.entries()) {
      await expectClose(value, want[i].value);
      for (const [j, gradient] of grads.entries()) await expectGradientClose(gradient, want[i].grads[j]);
    }
  });

  test('are left to their ops where a gradient is differentiated', async () => {
    const layer = multiHeadAttention({heads: 2, headSize: 4});
    const x = normal([1, 3, 8], 1);
    layer.apply([x, x, x]);
    const score = (x: tf.Tensor) => tf.sum(tf.square(layer.apply([x, x, x]) as tf.Tensor)) as tf.Scalar;
    const penalty = (x: tf.Tensor) => tf.sum(tf.square(tf.grad(score)(x))) as tf.Scalar;
    const got = tf.grad(penalty)(x);
    setFused(false);
    const want = tf.grad(penalty)(x);
    setFused(true);
    await expectGradientClose(got, want);
    tf.grad(penalty)(x);
    expect(reportOf('MultiHeadAttention')?.reason).toBe('no TensorFlow graph: the gradient is to be differentiated');
  });

  test.each([
    ['it reads the numbers of a tensor', (x: tf.Tensor) => tf.add(x, x.dataSync()[0])],
    ['it runs RandomStandardNormal', (x: tf.Tensor) => tf.add(x, nativeNormal(x.shape))],
    ['an input of Add is a tensor from elsewhere', (x: tf.Tensor) => tf.add(x, elsewhere)],
    ['TensorFlow does not take it: ', (x: tf.Tensor) => native('Neg', [], [x])], // no T, which a graph has to tell
  ])('are none where %s', (reason, compute) => {
    elsewhere = tf.neg(tf.ones([4]));
    const calls = new GraphedCalls('Refused');
    const results: number[] = [];
    for (const seed of [1, 2, 3]) {
      const x = normal([4], seed);
      const [y] = calls.run([x], () => [compute(x)]);
      results.push(y.dataSync()[0]);
      expect(reportOf('Refused')).toMatchObject({
        path: 'composed',
        reason: expect.stringContaining(`no TensorFlow graph: ${reason}`),
      });
    }
    expect(new Set(results).size).toBe(3);
  });

  test('are none with dropout, which draws anew each time', () => {
    const layer = multiHeadAttention({heads: 2, headSize: 4, attentionDropout: 0.5, seed: 1});
    const x = normal([1, 3, 8], 1);
    const [a, b] = [1, 2].map(() => layer.apply([x, x, x], {training: true}) as tf.Tensor);
    expect(tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]).toBeGreaterThan(0);
    expect(reportOf('MultiHeadAttention')?.reason).toBe('no TensorFlow graph: dropout');
  });

  test('of equal layers share a session; no file stays', () => {
    const x = normal([2, 5, 8], 1);
    const make = () => multiHeadAttention({heads: 2, headSize: 4}).apply([x, x, x]);
    make();
    const before = sessions();
    make();
    expect(sessions()).toBe(before);
    expect(readdirSync(tmpdir()).filter(name => name.startsWith('tfjs-addons-graph-'))).toEqual([]);
  });

  test('are given back', () => {
    const x = normal([3], 1);
    const calls = new GraphedCalls('GivenBack');
    calls.run([x], () => [tf.mul(x, 3)]);
    expect(sessions()).toBeGreaterThan(0);
    forgetGraphs();
    expect(sessions()).toBe(0);
    calls.run([x], () => [tf.mul(x, 3)]);
    expect(sessions()).toBe(1);
    setCallsBeforeGraph(Number.POSITIVE_INFINITY);
    expect(sessions()).toBe(0);
  });

  test('are as many as are kept; others come when those have not run for long', async () => {
    const calls = new GraphedCalls('Many');
    const run = (size: number) => {
      const x = tf.ones([size]);
      return calls.run([x], () => [tf.mul(x, size)])[0];
    };
    for (let size = 1; size <= 200; size++) tf.dispose(run(size));
    expect(sessions()).toBe(128);
    await expectClose(run(200), tf.fill([200], 200));
    expect(reportOf('Many')?.reason).toBe('no TensorFlow graph: there are 128 graphs in use');
    for (let i = 0; i < 2000; i++) tf.dispose(run(200));
    await expectClose(run(200), tf.fill([200], 200));
    expect(reportOf('Many')?.path).toBe('fused');
    expect(sessions()).toBeLessThanOrEqual(128);
  });
});

onTensorflow('the pause before a graph is a setting', () => {
  expect(() => setCallsBeforeGraph(-1)).toThrow(
    'kernels.setCallsBeforeGraph: expected a number of calls, at least 0, received -1.',
  );
});

let elsewhere: tf.Tensor;

interface Native {
  binding: Record<string, number>;
  executeSingleOutput(op: string, attributes: object[], inputs: tf.Tensor[]): tf.Tensor;
}

const native = (op: string, attributes: object[], inputs: tf.Tensor[]): tf.Tensor =>
  (tf.backend() as unknown as Native).executeSingleOutput(op, attributes, inputs);

function nativeNormal(shape: number[]): tf.Tensor {
  const {binding} = tf.backend() as unknown as Native;
  const attributes = [
    {name: 'seed', type: binding.TF_ATTR_INT, value: 0},
    {name: 'seed2', type: binding.TF_ATTR_INT, value: 0},
    {name: 'dtype', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT},
    {name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_INT32},
  ];
  return native('RandomStandardNormal', attributes, [tf.tensor1d(shape, 'int32')]);
}
