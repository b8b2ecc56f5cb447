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

test.each(Object.entries(exported).filter(([, value]) => classes.includes(value as never)))(
  'the factory of %s takes all of its options and names one that it does not know',
  (name, Class) => {
    const factory = Object.entries(exported).find(([other]) => other === name[0].toLowerCase() + name.slice(1))?.[1];
    const make = factory as unknown as (args: object) => object;
    const {required, variants} = LAYER_CATALOG[(Class as LayerClass).className];
    for (const variant of variants) {
      const args = {...required, ...variant, name: 'some', inputShape: [3, 4]};
      expect(make(args)).toBeInstanceOf(Class);
      expect(() => make({...args, misspelt: 1})).toThrow(/: expected options out of .*name.*, received "misspelt"\.$/);
      expect(make({...args, misspelt: undefined})).toBeInstanceOf(Class);
    }
  },
);

for (const Class of classes) {
  if (Class.className in LAYER_CATALOG) layerSuite(Class, LAYER_CATALOG[Class.className]);
}
