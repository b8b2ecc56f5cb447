import {readFileSync} from 'node:fs';

import {expect, test} from '@jest/globals';

import {PRESETS} from '../../../examples/entity-recogniser/src/presets.js';

test('the table of options in the README is that of the presets', () => {
  const readme = readFileSync('examples/entity-recogniser/README.md', 'utf8');
  const rows = [...readme.matchAll(/^\| `--([a-z-]+)` *\|(.*)\|(.*)\|(.*)\|$/gm)];
  expect(rows.length).toBeGreaterThan(15);
  const presets = [PRESETS.generated, PRESETS.standard, PRESETS['resume-ner']] as Record<string, unknown>[];
  for (const [, option, ...cells] of rows) {
    const key = option.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    for (const [i, cell] of cells.map(text => text.trim()).entries()) {
      const value = presets[i][key];
      if (cell) expect([option, cell]).toEqual([option, value === true ? 'on' : String(value)]);
    }
  }
});
