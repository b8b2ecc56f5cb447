import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import * as train from '../../src/optimizers/index.js';
import {type GoldenTensor, goldenTensor, loadGolden} from '../support/golden.js';
import {GOLDEN_OPTIMIZERS, GOLDEN_SCHEDULES, GOLDEN_TRANSFORMS} from '../support/golden_optimizers.js';

type Values = Record<string, number[] | null>;

interface OptimizerCase {
  initial: Record<string, GoldenTensor>;
  grads: Values[];
  trajectory: Record<string, number[]>[];
}

interface TransformCase {
  inputs: Record<string, GoldenTensor>;
  outputs: Record<string, GoldenTensor>;
}

const load = <T>(name: string) => loadGolden<T>(`optimizers_losses/${name}`);

/** atol 1e-5 + rtol 1e-5, the tolerance of the fixtures. */
async function expectValues(tensor: tf.Tensor, wanted: readonly (number | string)[], label: string): Promise<void> {
  const got = await tensor.data();
  wanted.map(Number).forEach((want, i) => {
    const ok = Math.abs(got[i] - want) <= 1e-5 + 1e-5 * Math.abs(want);
    if (!ok) throw new Error(`${label}[${i}]: actual ${got[i]}, expected ${want}`);
  });
}

/** Variables whose names begin with the fixture's, as tfjs numbers repeated ones. */
function makeVariables(initial: Record<string, GoldenTensor>): Map<string, tf.Variable> {
  return new Map(
    Object.entries(initial).map(([name, value]) => {
      const taken = tf.engine().registeredVariables[name];
      taken?.dispose();
      return [name, tf.variable(goldenTensor({...value, dtype: 'float64'}), true, name)];
    }),
  );
}

describe('trajectories of the original programs', () => {
  test.each(Object.keys(GOLDEN_OPTIMIZERS))('%s', async name => {
    const {initial, grads, trajectory} = await load<OptimizerCase>(name);
    const optimizer = GOLDEN_OPTIMIZERS[name](train);
    const variables = makeVariables(initial);
    for (let step = 0; step < grads.length; step++) {
      optimizer.applyGradients(
        [...variables].map(([key, {name, shape}]) => {
          const data = grads[step][key];
          return {name, tensor: data === null ? undefined : tf.tensor(data.map(Number), shape)} as never;
        }),
      );
      for (const [key, variable] of variables) {
        await expectValues(variable, trajectory[step][key], `${key} after step ${step + 1}`);
      }
    }
    optimizer.dispose();
    tf.dispose([...variables.values()]);
  });
});

describe('gradient transforms', () => {
  test.each(Object.keys(GOLDEN_TRANSFORMS))('%s', async name => {
    const {inputs, outputs} = await load<TransformCase>(name);
    const optimizer = GOLDEN_TRANSFORMS[name](train);
    const zeros = Object.fromEntries(
      Object.entries(inputs).map(([key, value]) => [key, {...value, data: value.data.map(() => 0)}]),
    );
    const variables = makeVariables(zeros);
    const gradients = [...variables].map(([key, variable]) => ({
      name: variable.name,
      tensor: goldenTensor(inputs[key]),
    }));
    optimizer.applyGradients(gradients); // sgd(1) from 0: the parameter is minus what the transform let through
    for (const [key, variable] of variables) {
      const want = outputs[key].data.map(value => -Number(value));
      await expectValues(variable, want, key);
    }
    tf.dispose([...variables.values()]);
  });
});

describe('schedules', () => {
  test.each(Object.keys(GOLDEN_SCHEDULES))('%s', async name => {
    const {steps, values} = await load<{steps: number[]; values: number[]}>(name);
    const optimizer = train.schedule(tf.train.sgd(1), GOLDEN_SCHEDULES[name]);
    steps.forEach((step, i) => {
      expect(optimizer.factorAt(step)).toBeCloseTo(values[i], 12);
    });
  });
});
