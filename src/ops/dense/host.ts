/**
 * Dense layers on the memory of `wasm`, and on copies in a memory of our own on `cpu`: assembly/products.ts. The bias
 * is added to a block of the product while the block is in the cache.
 */
import * as tf from '@tensorflow/tfjs-core';

import {whyNotFloats} from '../../internal/float_inputs.js';
import type {FusedKernel} from '../../internal/kernels.js';
import {productsModule} from '../../internal/simd/modules/products.js';
import {type ProductFunctions, runProducts} from '../../internal/simd/product_calls.js';
import {runSimd, simdInstructions, whyNotSimd} from '../../internal/simd/run.js';
import type {DenseGradientAttrs, DenseGradientInputs, DenseInputs} from './name.js';

/** The exports of assembly/products.ts. */
interface DenseFunctions extends ProductFunctions {
  sumColumns(...addressesAndSizes: number[]): void;
}

const BYTES = 4;
/** With fewer rows tfjs's library is faster on `wasm`: it keeps the weights prepared from one call to the next. */
const FEWEST_ROWS = 16;

export const denseOnHost: Omit<FusedKernel<DenseInputs, object>, 'backend'> = {
  unsupported: inputs => whyNot(inputs) ?? whyFewRows(inputs),
  form: simdInstructions,
  run: ({x, kernel, bias}, _, backend) => {
    const [depth, columns] = kernel.shape as [number, number];
    const rows = x.size / depth;
    return runSimd<DenseFunctions>(productsModule, backend, (functions, space, runner) => {
      const product = {
        a: space.read(x),
        aStrides: across(depth),
        b: space.read(kernel),
        bStrides: across(columns),
        c: space.make([...x.shape.slice(0, -1), columns]),
        bias: bias === undefined ? 0 : space.read(bias),
      };
      runProducts([{...product, rows, columns, depth}], functions, runner);
    })[0];
  },
};

export const denseGradientOnHost: Omit<FusedKernel<DenseGradientInputs, DenseGradientAttrs>, 'backend'> = {
  unsupported: whyNot,
  form: simdInstructions,
  run: ({dy, x, kernel}, {withBias}, backend) => {
    const [inputs, units] = kernel.shape as [number, number];
    const rows = x.size / inputs;
    return runSimd<DenseFunctions>(productsModule, backend, (functions, space, runner) => {
      const [slope, input, weights] = [dy, x, kernel].map(operand => space.read(operand));
      const [dx, dKernel] = [x, kernel].map(({shape}) => space.make(shape));
      const dBias = withBias ? space.make([units]) : 0;
      const ofInput = {a: slope, aStrides: across(units), b: weights, bStrides: down(units), c: dx};
      const ofKernel = {a: input, aStrides: down(inputs), b: slope, bStrides: across(units), c: dKernel};
      const products = [
        {...ofInput, rows, columns: inputs, depth: units, bias: 0},
        {...ofKernel, rows: inputs, columns: units, depth: rows, bias: 0},
      ];
      runProducts(products, functions, runner);
      if (withBias) functions.sumColumns(slope, rows, units, dBias, space.scratch(units * BYTES));
    });
  },
};

/** Bytes from row to row and from column to column of a matrix that many numbers wide; `down`: of its transpose. */
const across = (width: number): [number, number] => [width * BYTES, BYTES];
const down = (width: number): [number, number] => [BYTES, width * BYTES];

function whyNot(inputs: DenseInputs | DenseGradientInputs): string | undefined {
  return whyNotFloats(inputs) ?? whyNotSimd(productsModule, tf.backend());
}

const whyFewRows = ({x, kernel}: DenseInputs): string | undefined =>
  tf.getBackend() === 'wasm' && x.size / kernel.shape[0]! < FEWEST_ROWS ? `fewer than ${FEWEST_ROWS} rows` : undefined;
