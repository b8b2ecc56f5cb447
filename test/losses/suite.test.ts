import {describe, expect, test} from '@jest/globals';

import * as losses from '../../src/losses/index.js';
import {LOSS_CATALOG} from '../suites/loss_catalog.js';
import {lossSuite} from '../suites/loss_suite.js';

describe('every loss', () => {
  const names = Object.keys(losses);

  test('has an entry in the catalog, and every entry a loss', () => {
    expect(Object.keys(LOSS_CATALOG).sort()).toEqual([...names].sort());
  });

  for (const [name, exported] of Object.entries(losses)) lossSuite(name, exported, LOSS_CATALOG[name]);
});
