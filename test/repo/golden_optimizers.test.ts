import {readdirSync, readFileSync} from 'node:fs';

import {expect, test} from '@jest/globals';

import {GOLDEN_OPTIMIZERS, GOLDEN_SCHEDULES, GOLDEN_TRANSFORMS} from '../support/golden_optimizers.js';

const FOLDER = 'test/golden/optimizers_losses';

test('every fixture of an optimizer, a gradient transform or a schedule is tested', () => {
  const names = readdirSync(FOLDER)
    .filter(file => JSON.parse(readFileSync(`${FOLDER}/${file}`, 'utf8')).kind !== 'loss')
    .map(file => file.replace('.json', ''));
  const tested = [GOLDEN_OPTIMIZERS, GOLDEN_TRANSFORMS, GOLDEN_SCHEDULES].flatMap(Object.keys);
  expect(tested.sort()).toEqual(names.sort());
});
