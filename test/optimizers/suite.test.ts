import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import * as train from '../../src/optimizers/index.js';
import {CATALOG, type OptimizerClass} from '../suites/optimizer_catalog.js';
import {optimizerSuite} from '../suites/optimizer_suite.js';

const exported = train as unknown as Record<string, unknown>;
const isClass = (name: string) => typeof (exported[name] as {className?: unknown}).className === 'string';
/** Gradients for a training loop of one's own, which are no optimizer. */
const FUNCTIONS = ['virtualAdversarialGradients'];
const classNames = Object.keys(exported).filter(isClass);
/** The factory of the other takes a shape or a function, and no options. */
const withOptions = classNames.filter(name => name !== 'Schedule');

describe('src/optimizers/index.ts', () => {
  test('exports classes, each with a catalog entry, and their factories', () => {
    expect(classNames.sort()).toEqual(Object.keys(CATALOG).sort());
    const factories = classNames.map(name => name[0].toLowerCase() + name.slice(1));
    expect(Object.keys(exported).sort()).toEqual([...classNames, ...factories, ...FUNCTIONS].sort());
  });

  test.each(withOptions)('the factory of %s names an option that it does not know', name => {
    const {takes, variants} = CATALOG[name];
    const factory = exported[name[0].toLowerCase() + name.slice(1)] as (first: unknown, args: object) => tf.Optimizer;
    const make = (args: object) => factory(takes === 'inner' ? tf.train.sgd(0.1) : 0.1, args).dispose();
    for (const variant of variants) {
      make(variant);
      expect(() => make({...variant, misspelt: 1})).toThrow(`${name}: expected options out of `);
    }
  });

  test.each(classNames)('%s is registered under its export name', name => {
    expect((exported[name] as tf.serialization.SerializableConstructor<never>).className).toBe(name);
  });
});

for (const name of classNames) optimizerSuite(exported[name] as OptimizerClass, CATALOG[name]);
