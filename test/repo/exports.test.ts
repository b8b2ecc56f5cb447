import {readFileSync} from 'node:fs';

import {describe, expect, test} from '@jest/globals';

import * as tfa from '../../src/index.js';
import {LAYER_CATALOG} from '../suites/layer_catalog.js';
import {CATALOG as OPTIMIZER_CATALOG} from '../suites/optimizer_catalog.js';
import {publicNames} from './public_names.js';

const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
const factoryOf = (className: string): string => className[0].toLowerCase() + className.slice(1);

test('the public names are those of test/repo/public_names.json (npx tsx test/repo/public_names.ts --write)', () => {
  expect(publicNames()).toEqual(readJson('test/repo/public_names.json'));
});

test('the entries are those of package.json', () => {
  const {exports} = readJson('package.json') as {exports: object};
  expect(Object.keys(publicNames())).toEqual(Object.keys(exports).filter(path => path !== './package.json'));
});

describe('every class has a factory of its name', () => {
  const factories = tfa as unknown as Record<string, Record<string, (...args: unknown[]) => object>>;

  test.each(Object.entries(LAYER_CATALOG))('layers.%s', (name, {required, variants}) => {
    const layer = factories.layers[factoryOf(name)]({...required, ...variants[0]});
    expect(layer).toBeInstanceOf(factories.layers[name]);
  });

  test.each(Object.keys(OPTIMIZER_CATALOG))('train.%s', name => {
    expect(factories.train[factoryOf(name)]).toBeInstanceOf(Function);
    expect(factories.train[factoryOf(name)]).not.toBe(factories.train[name]);
  });
});
