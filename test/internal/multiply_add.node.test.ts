import {execFileSync} from 'node:child_process';

import {describe, expect, test} from '@jest/globals';

import {attentionModule} from '../../src/internal/simd/modules/attention.js';
import {causalProductModule} from '../../src/internal/simd/modules/causal_product.js';
import {productsModule} from '../../src/internal/simd/modules/products.js';
import {multipliesAndAdds, multiplyAndAdd} from '../../src/internal/simd/multiply_add.js';

const bytesOf = (module: string) => Uint8Array.from(Buffer.from(module, 'base64'));

/** Sums in the innermost loop of a product of matrices. */
const ACCUMULATORS = 8;
const [ROWS, COLUMNS, DEPTH] = [5, 11, 300];
const values = Float32Array.from({length: DEPTH * (ROWS + COLUMNS)}, (_, i) => Math.sin(i * i));

/** Runs `product` of the module that it is given, and prints C. */
const PROGRAM = `
  const {module, values, sides: [rows, columns, depth]} = JSON.parse(require('fs').readFileSync(0, 'utf8'));
  const memory = new WebAssembly.Memory({initial: 64, maximum: 65536});
  const {exports} = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(module, 'base64')), {env: {memory}});
  new Float32Array(memory.buffer).set(values);
  const [b, c] = [4 * rows * depth, 4 * depth * (rows + columns)];
  exports.product(0, 4 * depth, 4, b, 4 * columns, 4, c, 4 * columns, rows, columns, depth, 0, 1 << 20);
  console.log(JSON.stringify(Array.from(new Float32Array(memory.buffer, c, rows * columns))));
`;

/** In a process of its own, as an engine of 2023 has to be told to take relaxed SIMD when it starts. */
function productBy(module: Uint8Array): number[] {
  const flags = multipliesAndAdds() ? [] : ['--experimental-wasm-relaxed-simd'];
  const sides = [ROWS, COLUMNS, DEPTH];
  const input = JSON.stringify({module: Buffer.from(module).toString('base64'), values: Array.from(values), sides});
  return JSON.parse(execFileSync(process.execPath, [...flags, '-e', PROGRAM], {input, encoding: 'utf8'}));
}

const exact = Array.from({length: ROWS * COLUMNS}, (_, at) => {
  const [row, column] = [Math.floor(at / COLUMNS), at % COLUMNS];
  const terms = Array.from(
    {length: DEPTH},
    (_, k) => values[row * DEPTH + k] * values[ROWS * DEPTH + k * COLUMNS + column],
  );
  return terms.reduce((sum, term) => sum + term, 0);
});

describe('multiplyAndAdd', () => {
  test.each(Object.entries({productsModule, attentionModule, causalProductModule}))(
    'finds what multiplies matrices in %s',
    (_, module) => {
      const bytes = bytesOf(module);
      expect(multiplyAndAdd(bytes)).toBeGreaterThanOrEqual(ACCUMULATORS);
      expect(multiplyAndAdd(bytes)).toBe(0);
    },
  );

  test('makes a module that computes the same, rounded less often', () => {
    const bytes = bytesOf(productsModule);
    const apart = productBy(bytes);
    multiplyAndAdd(bytes);
    const together = productBy(bytes);
    expect(together).not.toEqual(apart);
    for (const [i, want] of exact.entries()) {
      expect(Math.abs(apart[i] - want)).toBeLessThan(4e-5);
      expect(Math.abs(together[i] - want)).toBeLessThan(4e-5);
    }
  });
});
