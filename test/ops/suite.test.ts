import {expect, test} from '@jest/globals';

import * as exported from '../../src/ops/index.js';
import {OP_CATALOG} from '../suites/op_catalog.js';
import {opSuite} from '../suites/op_suite.js';

const names = Object.entries(exported)
  .filter(([, value]) => typeof value === 'function')
  .map(([name]) => name);

test('every exported op is in the catalog', () => {
  expect(Object.keys(OP_CATALOG).sort()).toEqual(names.sort());
});

for (const name of names) if (name in OP_CATALOG) opSuite(name, OP_CATALOG[name]);
