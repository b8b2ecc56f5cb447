import {expect, test} from '@jest/globals';

import * as exported from '../../src/layers/index.js';
import {LAYER_CATALOG, type LayerClass} from '../suites/layer_catalog.js';
import {layerSuite} from '../suites/layer_suite.js';

const classes = Object.values(exported).filter(
  (value): value is typeof value & LayerClass => typeof value === 'function' && 'className' in value,
);

test('every exported layer is in the catalog', () => {
  expect(Object.keys(LAYER_CATALOG).sort()).toEqual(classes.map(({className}) => className).sort());
});

for (const Class of classes) {
  if (Class.className in LAYER_CATALOG) layerSuite(Class, LAYER_CATALOG[Class.className]);
}
