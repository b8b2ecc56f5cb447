import {describe, expect, jest, test} from '@jest/globals';

import {instanceOf} from '../../src/internal/simd/instance.js';
import {productsModule} from '../../src/internal/simd/modules/products.js';

const memoryOf = (shared: boolean) => new WebAssembly.Memory({initial: 2, maximum: 4, shared});

describe('instanceOf', () => {
  test.each([false, true])('runs in a memory that threads share: %s', shared => {
    const memory = memoryOf(shared);
    const {product} = instanceOf(productsModule, memory) as {product(...numbers: number[]): void};
    const values = new Float32Array(memory.buffer);
    values.set([1, 2, 3, 4, 5, 6]); // [[1, 2, 3]] times [[4], [5], [6]]
    product(0, 12, 4, 12, 4, 4, 24, 4, 1, 1, 3, 0, 4096);
    expect(values[6]).toBe(32);
  });

  test('is made once for each memory', () => {
    const memory = memoryOf(false);
    expect(instanceOf(productsModule, memory)).toBe(instanceOf(productsModule, memory));
    expect(instanceOf(productsModule, memory)).not.toBe(instanceOf(productsModule, memoryOf(false)));
  });

  test('is absent where the engine refuses', () => {
    const module = jest.spyOn(WebAssembly, 'Module').mockImplementation(() => {
      throw new WebAssembly.CompileError('invalid value type v128');
    });
    expect(instanceOf(productsModule, memoryOf(false))).toBeUndefined();
    module.mockRestore();
  });
});
