import * as tf from '@tensorflow/tfjs-core';

/** A product of matrices that tfjs's own code on `wasm` was asked for. */
export interface NativeProduct {
  batches: [number, number];
  transposed: [boolean, boolean];
}

/** Its fast library takes single untransposed products only; all others run in a scalar loop. */
export const isScalarLoop = ({batches, transposed}: NativeProduct): boolean =>
  batches.some(size => size !== 1) || transposed.some(Boolean);

/** What the C functions of `BatchMatMul` and `_FusedMatMul` look like; both begin with the same arguments. */
const FUNCTIONS = ['_BatchMatMul', '__FusedMatMul'];

/** The products that `run` has tfjs's own code compute on `wasm`. */
export function nativeProductsOf(run: () => unknown): NativeProduct[] {
  const {wasm} = tf.backend() as unknown as {wasm: Record<string, unknown> & {HEAPU8: Uint8Array}};
  const products: NativeProduct[] = [];
  const originals = FUNCTIONS.map(name => wasm[name] as (...args: number[]) => unknown);
  const batchOf = (address: number, rank: number) => {
    const shape = new Int32Array(wasm.HEAPU8.buffer, address, rank);
    return shape.slice(0, -2).reduce((size, side) => size * side, 1);
  };
  for (const [i, name] of FUNCTIONS.entries()) {
    wasm[name] = (...args: number[]) => {
      const [, aShape, aRank, , bShape, bRank, transposeA, transposeB] = args;
      const batches: [number, number] = [batchOf(aShape, aRank), batchOf(bShape, bRank)];
      products.push({batches, transposed: [Boolean(transposeA), Boolean(transposeB)]});
      return originals[i](...args);
    };
  }
  try {
    tf.tidy(() => void run());
  } finally {
    for (const [i, name] of FUNCTIONS.entries()) wasm[name] = originals[i];
  }
  return products;
}
