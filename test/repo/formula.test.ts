/**
 * The documentation site sets the formulas of doc comments. Its script is no CommonJS: it is asked in a process of its
 * own.
 */
import {execFileSync} from 'node:child_process';

import {expect, test} from '@jest/globals';

const PROGRAM = `
  const {typesetFormulas} = await import('./scripts/docs/formula.mjs');
  process.stdout.write(JSON.stringify(JSON.parse(process.argv[1]).map(typesetFormulas)));
`;

/** What becomes of formulas, without the block around them and without italics. */
function typeset(...formulas: string[]): string[] {
  const input = JSON.stringify(formulas.map(formula => `  ${formula}`));
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', PROGRAM, input], {encoding: 'utf8'});
  return (JSON.parse(output) as string[]).map(html =>
    html.replace(/^<div class="formula">(.*)<\/div>\n$/, '$1').replace(/<\/?i>/g, ''),
  );
}

test('indices and exponents of formulas are set as such', () => {
  const set = typeset(
    'y_i = v_jᵀ Σ_{j≠y} e^{s cos_j}',
    'θ_t = base^(−2t/D)',
    'x Wuq_h + bq',
    'γk ⊙ z by b, β₁ᵗ',
    'Σ^½ < 2',
  );
  expect(set).toEqual([
    'y<sub>i</sub> = v<sub>j</sub>ᵀ Σ<sub>j≠y</sub> e<sup>s cos<sub>j</sub></sup>',
    'θ<sub>t</sub> = base<sup>−2t/D</sup>',
    'x W<sub>uqh</sub> + b<sub>q</sub>',
    'γ<sub>k</sub> ⊙ z by b, β₁ᵗ',
    'Σ<sup>½</sup> &lt; 2',
  ]);
});

test('code in formulas and text around them stay as they are', () => {
  expect(typeset('q = z   (with `p_Bias`)')).toEqual(['q = z&emsp;&emsp;(with <code>p_Bias</code>)']);
});
