import * as tf from '@tensorflow/tfjs-core';

import {productsModule} from '../simd/modules/products.js';
import {type ProductFunctions, runProducts} from '../simd/product_calls.js';
import {runSimd} from '../simd/run.js';
import {matricesOf, type ProductOperands} from './product_operands.js';

const BYTES = 4;

/** Products of matrices where they lie, transposed or not, on all threads there are. */
export function simdProducts({a, b, transposeA, transposeB}: ProductOperands, backend: object): tf.TensorInfo {
  const [rows, depth] = sidesOf(a, transposeA);
  const columns = sidesOf(b, transposeB)[1];
  const [aBatch, bBatch] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(aBatch, bBatch);
  const [aAt, bAt] = [matricesOf(aBatch, batch), matricesOf(bBatch, batch)];
  const [aStrides, bStrides] = [stridesOf(a, transposeA), stridesOf(b, transposeB)];
  const [out] = runSimd<ProductFunctions>(productsModule, backend, (functions, workspace, runner) => {
    const [left, right, result] = [workspace.read(a), workspace.read(b), workspace.make([...batch, rows, columns])];
    const sizes = {aStrides, bStrides, rows, columns, depth, bias: 0};
    const products = Array.from(aAt, (matrix, i) => ({
      ...sizes,
      a: left + matrix * rows * depth * BYTES,
      b: right + bAt[i] * depth * columns * BYTES,
      c: result + i * rows * columns * BYTES,
    }));
    runProducts(products, functions, runner);
  });
  return out;
}

/** Rows and columns, once transposed. */
function sidesOf({shape}: tf.TensorInfo, transpose: boolean): [rows: number, columns: number] {
  const [rows, columns] = shape.slice(-2);
  return transpose ? [columns, rows] : [rows, columns];
}

/** Bytes from row to row and from column to column, once transposed. */
function stridesOf({shape}: tf.TensorInfo, transpose: boolean): [row: number, column: number] {
  const line = shape[shape.length - 1] * BYTES;
  return transpose ? [BYTES, line] : [line, BYTES];
}
