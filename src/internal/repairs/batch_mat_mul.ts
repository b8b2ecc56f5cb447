import * as tf from '@tensorflow/tfjs-core';

import {noteRun} from '../kernel_runs.js';
import {productsModule} from '../simd/modules/products.js';
import {simdInstructions, whyNotSimd} from '../simd/run.js';
import {libraryProducts} from './library_products.js';
import type {ProductOperands} from './product_operands.js';
import {simdProducts} from './simd_products.js';

/**
 * The kernel `BatchMatMul` of `wasm`. tfjs takes its fast library for a single untransposed product alone, and a scalar
 * loop, ten times slower, for all others, which are those of attention and of every gradient. Here these run on a
 * module of our own, or, without SIMD, one by one on the library.
 *
 * The library keeps b prepared for the next product, which serves single products with weights; so these stay with it.
 */
export const batchMatMulKernel: tf.KernelFunc = ({inputs, attrs, backend}) => {
  const {a, b} = inputs as {a: tf.TensorInfo; b: tf.TensorInfo};
  if (a.dtype !== 'float32' || b.dtype !== 'float32') {
    throw new Error('matMul on the wasm backend takes float32 only.');
  }
  const operands: ProductOperands = {a, b, ...(attrs as unknown as tf.BatchMatMulAttrs)};
  const host = backend as object;
  if (isSingle(operands) || isEmpty(operands)) return libraryProducts(operands, host);
  const reason = whyNotSimd(productsModule, host);
  noteRun({
    op: 'BatchMatMul',
    backend: 'wasm',
    path: reason === undefined ? 'fused' : 'composed',
    reason: reason === undefined ? `batches and transposed matrices: ${simdInstructions()}` : `${reason}: one by one`,
  });
  return reason === undefined ? simdProducts(operands, host) : libraryProducts(operands, host);
};

const isSingle = ({a, b, transposeA, transposeB}: ProductOperands): boolean =>
  !transposeA && !transposeB && [a, b].every(({shape}) => tf.util.sizeFromShape(shape.slice(0, -2)) === 1);

const isEmpty = ({a, b}: ProductOperands): boolean => [a, b].some(({shape}) => shape.includes(0));
