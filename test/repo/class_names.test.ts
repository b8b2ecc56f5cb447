import {beforeAll, describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

type Constructor = new (...args: never[]) => tf.serialization.Serializable;

const registered = (): Map<string, unknown> =>
  new Map(Object.entries(tf.serialization.SerializationMap.getMap().classNameMap).map(([name, [cls]]) => [name, cls]));

/** How tfjs-layers rewrites keys of configs when it saves and loads them. */
const toSnakeCase = (key: string): string => {
  const snake = key
    .replace(/(.)([A-Z][a-z0-9]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
  return snake.startsWith('_') ? `private${snake}` : snake;
};
const toCamelCase = (key: string): string => key.replace(/_+(\w|$)/g, (_, letter: string) => letter.toUpperCase());

const keysOf = (config: unknown): string[] =>
  typeof config === 'object' && config !== null
    ? [...(Array.isArray(config) ? [] : Object.keys(config)), ...Object.values(config).flatMap(keysOf)]
    : [];

describe('classes', () => {
  let stock: Map<string, unknown>;
  let all: Map<string, unknown>;
  let exported: {className: string}[];

  beforeAll(async () => {
    stock = registered();
    const tfa = await import('../../src/index.js');
    await import('../../src/register.js');
    all = registered();
    exported = Object.values(tfa)
      .flatMap(namespace => (typeof namespace === 'object' ? Object.values(namespace) : [namespace]))
      .filter(
        (value): value is Constructor & {className: string} => typeof value === 'function' && 'className' in value,
      );
  });

  test('are registered, each under a name of its own', () => {
    expect(exported.length).toBeGreaterThan(0);
    expect(exported.filter(cls => all.get(cls.className) !== cls).map(({className}) => className)).toEqual([]);
  });

  test('take no name from tfjs', () => {
    expect(stock.size).toBeGreaterThan(50);
    expect([...stock].filter(([name, cls]) => all.get(name) !== cls).map(([name]) => name)).toEqual([]);
  });

  test('have names that survive saving', () => {
    const ours = [...all.keys()].filter(name => !stock.has(name));
    expect(ours.filter(name => !/^[A-Za-z][A-Za-z0-9]*$/.test(name))).toEqual([]);
  });
});

describe('config keys survive saving', () => {
  const changed = (config: tf.serialization.ConfigDict): string[] =>
    keysOf(config).filter(key => toCamelCase(toSnakeCase(key)) !== key);

  test('of layers', async () => {
    const {LAYER_CATALOG} = await import('../suites/layer_catalog.js');
    const exported = (await import('../../src/layers/index.js')) as unknown as Record<string, Constructor>;
    for (const [name, {required, variants}] of Object.entries(LAYER_CATALOG)) {
      for (const args of variants) {
        const layer = new exported[name]({...required, ...args} as never);
        expect([name, changed(layer.getConfig())]).toEqual([name, []]);
      }
    }
  });

  test('of optimizers', async () => {
    const {CATALOG} = await import('../suites/optimizer_catalog.js');
    const exported = (await import('../../src/optimizers/index.js')) as unknown as Record<string, Constructor>;
    for (const [name, {takes, variants}] of Object.entries(CATALOG)) {
      for (const args of variants) {
        const first = takes === 'inner' ? tf.train.adam(0.1) : 0.1;
        const optimizer = new exported[name](first as never, args as never);
        expect([name, changed(optimizer.getConfig())]).toEqual([name, []]);
      }
    }
  });
});
