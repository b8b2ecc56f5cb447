import {afterEach, describe, expect, jest, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import * as kernels from '../../src/internal/kernels.js';
import {ADAM, adamConstants} from '../../src/internal/updates/adam.js';
import {LION} from '../../src/internal/updates/lion.js';
import {applyRule, type Target, type UpdateRule} from '../../src/internal/updates/rule.js';
import {registerWebgpuRule} from '../../src/internal/updates/webgpu.js';
import {testOn} from '../support/backend.js';
import {expectClose, normal} from '../support/expect.js';

const ADAM_CONSTANTS = adamConstants(
  {learningRate: 0.1, beta1: 0.8, beta2: 0.9, epsilon: 1e-4, epsilonMode: 'algorithm1'},
  3,
);
const RULES: [UpdateRule, Record<string, number>][] = [
  [ADAM, {...ADAM_CONSTANTS, shrink: 0.9}],
  [LION, {rate: 0.1, beta1: 0.8, beta2: 0.9, shrink: 0.9}],
];
/** Sizes on both sides of a vector of four, a workgroup, and of what shares a launch; some of one width. */
const SHAPES = [[3, 5], [64], [1], [7, 11], [2, 2], [300, 231], [], [2, 5]];

/** Cheap, and free of the randomness that takes its time in JavaScript. */
const values = (shape: number[], seed: number): tf.Tensor =>
  tf.tidy(() => tf.reshape(tf.cos(tf.linspace(seed, 40 * seed, tf.util.sizeFromShape(shape))), shape));

const targets = (rule: UpdateRule): Target[] =>
  SHAPES.map((shape, i) => ({
    parameter: tf.variable(values(shape, i + 1)),
    gradient: values(shape, i + 11),
    slots: rule.slots.map((_, j) => tf.variable(tf.square(values(shape, 20 + 3 * i + j)), false)),
  }));

afterEach(() => kernels.setFused(true));

describe.each(RULES)('$op', (rule, constants) => {
  test('kernel equals reference, several variables in one call', async () => {
    const fused = targets(rule);
    const composed = targets(rule);
    for (let step = 0; step < 2; step++) {
      applyRule(rule, fused, constants);
      kernels.setFused(false);
      applyRule(rule, composed, constants);
      kernels.setFused(true);
    }
    for (const [i, {parameter, slots}] of composed.entries()) {
      await expectClose(fused[i].parameter, parameter);
      for (const [j, slot] of slots.entries()) await expectClose(fused[i].slots[j], slot);
    }
  });

  test('keeps no tensor', () => {
    const list = targets(rule);
    const before = tf.memory().numTensors;
    applyRule(rule, list, constants);
    expect(tf.memory().numTensors).toBe(before);
  });

  testOn(
    'cpu',
    'wasm',
    'webgpu',
    'tensorflow',
  )('runs fused', () => {
    applyRule(rule, targets(rule), constants);
    expect(kernels.report().find(({op}) => op === rule.op)?.path).toBe('fused');
  });
});

describe('writing in place', () => {
  const target = (): Target => targets(ADAM)[0];
  const step = (list: Target[]) => applyRule(ADAM, list, ADAM_CONSTANTS);

  test('leaves clones of parameter and slots alone', async () => {
    const one = target();
    step([one]); // after which parameter and slots share their memory with nothing
    const clones = [one.parameter, ...one.slots].map(tensor => tf.clone(tensor));
    const before = await Promise.all(clones.map(async clone => Array.from(await clone.data())));
    step([one]);
    for (const [i, clone] of clones.entries()) expect(Array.from(await clone.data())).toEqual(before[i]);
    expect(Array.from(await one.parameter.data())).not.toEqual(before[0]);
  });

  test('leaves reshapes and slices of parameter and slots alone', async () => {
    for (const one of [target(), targets(ADAM)[5]]) {
      step([one]); // after which parameter and slots share their memory with nothing
      const tensors = [one.parameter, ...one.slots];
      const parts = tensors.flatMap(tensor => [tf.reshape(tensor, [-1]), tf.slice(tensor, 0, 2)]);
      const read = () => Promise.all(parts.map(async part => Array.from((await part.data()).slice(0, 40))));
      const before = await read();
      step([one]);
      expect(await read()).toEqual(before);
    }
  });

  test('takes a variable as its own gradient, as of half its square', async () => {
    for (const rule of [ADAM, LION]) {
      const [one, other] = [targets(rule)[0], targets(rule)[0]];
      const constants = RULES.find(([each]) => each === rule)![1];
      applyRule(rule, [{...one, gradient: one.parameter}], constants);
      applyRule(rule, [{...other, gradient: tf.mul(other.parameter, 1)}], constants);
      await expectClose(one.parameter, other.parameter);
      await expectClose(one.slots[0], other.slots[0]);
    }
  });

  test('leaves arrays that data() gave before alone, and data() gives the new values', async () => {
    const one = target();
    const array = await one.parameter.data();
    const copy = Array.from(array);
    step([one]);
    expect(Array.from(array)).toEqual(copy);
    expect(Array.from(await one.parameter.data())).not.toEqual(copy);
  });

  test('is not undone by a read that began before', async () => {
    const [one, other] = [target(), target()];
    const initial = Array.from(await one.parameter.data());
    for (const each of [one, other]) step([each]); // now the values are on the GPU only
    const reading = one.parameter.data().catch(() => undefined); // tfjs gives up where the variable moves on
    for (const each of [one, other]) step([each]);
    await reading;
    expect(Array.from(await one.parameter.data())).not.toEqual(initial);
    await expectClose(one.parameter, other.parameter);
  });

  test('is seen by a product that used the weights before', async () => {
    const weights = tf.variable(normal([8, 8], 1));
    const [x, gradient] = [normal([1, 8], 2), normal([8, 8], 3)];
    const slots = ADAM.slots.map(() => tf.variable(tf.zeros([8, 8]), false));
    await tf.matMul(x as tf.Tensor2D, weights as tf.Tensor2D).data(); // XNNPACK packs the weights here
    step([{parameter: weights, gradient, slots}]);
    const product = tf.matMul(x as tf.Tensor2D, weights as tf.Tensor2D);
    await expectClose(product, tf.sum(tf.mul(tf.reshape(x, [8, 1]), weights), 0, true));
  });

  testOn('tensorflow')('takes as many launches for fifty small variables as for two', () => {
    const launches = (count: number): number => {
      const list = Array.from({length: count}, target);
      step(list); // the first one parts them from the tensors that they were made of
      const backend = tf.backend() as unknown as Record<
        'executeSingleOutput' | 'executeMultipleOutputs',
        () => unknown
      >;
      const spies = [jest.spyOn(backend, 'executeSingleOutput'), jest.spyOn(backend, 'executeMultipleOutputs')];
      step(list);
      const calls = spies.map(spy => spy.mock.calls.length);
      for (const spy of spies) spy.mockRestore();
      return calls[0] + calls[1];
    };
    expect(launches(2)).toBeGreaterThan(0);
    expect(launches(50)).toBe(launches(2));
  });

  testOn('webgpu')('takes one dispatch for two small variables', async () => {
    const list = Array.from({length: 6}, target);
    step(list);
    const backend = tf.backend() as unknown as {dispatchCountInPass: number};
    await list[0].parameter.data(); // submits what is recorded
    step(list);
    expect(backend.dispatchCountInPass).toBe(3);
  });
});

describe('bytes that a step of fused Adam moves', () => {
  const BYTES = 28; // reads θ, g, m and v, writes θ, m and v

  testOn('cpu', 'wasm')('are 28 a parameter in the loop', () => {
    const length = 5;
    let bytes = 0;
    const counted = (array: Float32Array): Float32Array =>
      new Proxy(array, {
        get(target, key) {
          bytes += 4;
          return target[key as never];
        },
        set(target, key, value: number) {
          bytes += 4;
          target[key as never] = value as never;
          return true;
        },
      });
    const array = () => counted(new Float32Array(length));
    const arrays = {parameter: array(), gradient: array(), slots: [array(), array()], out: array()};
    ADAM.loop({...arrays, from: 0, gradientFrom: 0, length}, ADAM_CONSTANTS);
    expect(bytes / length).toBe(BYTES);
  });

  testOn('webgpu')('are 28 a parameter in the buffers bound, of which those written are read as well', () => {
    const rule = {...ADAM, op: 'AddonsAdamCounted'}; // a name without a pipeline yet
    registerWebgpuRule(rule);
    const list = [...targets(ADAM), ...targets(ADAM)];
    const {device} = tf.backend() as unknown as {device: GPUDevice};
    const types = new Map<GPUBindGroupLayout, string[]>();
    let bytes = 0;
    const {createBindGroup, createBindGroupLayout} = device;
    device.createBindGroupLayout = descriptor => {
      const layout = createBindGroupLayout.call(device, descriptor);
      types.set(
        layout,
        [...descriptor.entries].map(({buffer}) => buffer!.type!),
      );
      return layout;
    };
    device.createBindGroup = descriptor => {
      for (const {binding, resource} of descriptor.entries) {
        const type = types.get(descriptor.layout)?.[binding]; // copies that part a variable from others have none
        if (type === undefined || type === 'uniform') continue;
        bytes += (type === 'storage' ? 2 : 1) * (resource as GPUBufferBinding).size!;
      }
      return createBindGroup.call(device, descriptor);
    };
    applyRule(rule, list, ADAM_CONSTANTS);
    Object.assign(device, {createBindGroup, createBindGroupLayout});
    const parameters = list.reduce((sum, {parameter}) => sum + parameter.size, 0);
    expect(bytes / parameters).toBe(BYTES);
  });
});
