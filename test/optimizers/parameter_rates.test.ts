import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {parameterRates} from '../../src/optimizers/parameter_rates.js';
import {applyOne} from '../support/descend.js';
import {expectClose} from '../support/expect.js';

describe('ParameterRates', () => {
  test('worked example: factors multiply, 0 freezes', async () => {
    const stem = `rates${Math.floor(Math.random() * 1e9)}`;
    const names = ['body', 'body/bias', 'head', 'frozen'].map(name => `${stem}/${name}`);
    const variables = names.map(name => tf.variable(tf.scalar(0), true, name));
    const rates = [
      {name: 'body', factor: 0.5},
      {name: /bias$/, factor: 0.5},
      {name: 'frozen', factor: 0},
    ];
    const optimizer = parameterRates(tf.train.sgd(1), {rates});
    for (const variable of variables) applyOne(optimizer, variable, 1);
    for (const [i, want] of [-0.5, -0.25, -1, 0].entries()) await expectClose(variables[i], want);
  });

  test('says what it expects', () => {
    expect(() => parameterRates(tf.train.sgd(1), {rates: [{name: 'a', factor: NaN}]})).toThrow(
      'ParameterRates: expected factor to be a finite number, received NaN.',
    );
  });
});
