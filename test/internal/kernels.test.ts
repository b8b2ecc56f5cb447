import {afterEach, describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {fusedKernel, runKernelOr} from '../../src/internal/kernels.js';
import {isFused, report, setFused} from '../../src/kernels.js';
import {BACKEND} from '../support/backend.js';
import {expectClose} from '../support/expect.js';

const NAME = 'AddonsTestOfDispatch';
const run = (size: number) => runKernelOr(NAME, {x: tf.ones([size])}, {}, () => tf.fill([size], 2));
const entry = () => report().find(({op}) => op === NAME);

fusedKernel(NAME, {
  backend: BACKEND,
  unsupported: ({x}: {x: tf.Tensor}) => (x.size > 3 ? 'more than 3 elements' : undefined),
  run: ({x}) => tf.tidy(() => tf.mul(x, 3)),
});

describe('kernels', () => {
  afterEach(() => setFused(true));

  test('a kernel runs where it can, and the report says so', async () => {
    await expectClose(run(3), [3, 3, 3]);
    expect(entry()).toEqual({op: NAME, backend: BACKEND, path: 'fused', reason: `kernel ${NAME} for ${BACKEND}`});
  });

  test('an input it cannot take runs composed, with the reason', async () => {
    await expectClose(run(4), [2, 2, 2, 2]);
    expect(entry()).toMatchObject({path: 'composed', reason: 'more than 3 elements'});
  });

  test('setFused(false) forces composed ops', async () => {
    expect(isFused()).toBe(true);
    setFused(false);
    expect(isFused()).toBe(false);
    await expectClose(run(3), [2, 2, 2]);
    expect(entry()).toMatchObject({
      path: 'composed',
      reason: 'fused kernels are switched off by kernels.setFused(false)',
    });
  });

  test('the report of a backend that has not run says that', () => {
    const other = report('a backend').find(({op}) => op === NAME);
    expect(other).toMatchObject({path: 'composed', reason: 'not run yet on this backend'});
  });
});
