/**
 * Dense layers on the memory of `wasm`, and on copies in a memory of our own on `cpu`: assembly/products.ts. The bias is
 * added to a block of the product while the block is in the cache.
 */
import * as tf from '@tensorflow/tfjs-core';

import type {FusedKernel} from '../../internal/kernels.js';
import {productsModule} from '../../internal/simd/modules/products.js';
import {runSimd, simdInstructions, whyNotSimd} from '../../internal/simd/run.js';
import type {DenseGradientAttrs, DenseGradientInputs, DenseInputs} from './name.js';

/** The exports of assembly/products.ts. */
interface DenseFunctions {
  productScratch(rows: number, columns: number, depth: number): number;
  product(...addressesStridesAndSizes: number[]): void;
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
    return runSimd<DenseFunctions>(productsModule, backend, ({productScratch, product}, space) => {
      const [left, right] = [x, kernel].map(operand => space.read(operand));
      const added = bias === undefined ? 0 : space.read(bias);
      const to = space.make([...x.shape.slice(0, -1), columns]);
      const scratch = space.scratch(productScratch(rows, columns, depth));
      product(left, ...across(depth), right, ...across(columns), to, rows, columns, depth, added, scratch);
    })[0];
  },
};

export const denseGradientOnHost: Omit<FusedKernel<DenseGradientInputs, DenseGradientAttrs>, 'backend'> = {
  unsupported: whyNot,
  form: simdInstructions,
  run: ({dy, x, kernel}, {withBias}, backend) => {
    const [inputs, units] = kernel.shape as [number, number];
    const rows = x.size / inputs;
    return runSimd<DenseFunctions>(productsModule, backend, (functions, space) => {
      const {productScratch, product, sumColumns} = functions;
      const [slope, input, weights] = [dy, x, kernel].map(operand => space.read(operand));
      const [dx, dKernel] = [x, kernel].map(({shape}) => space.make(shape));
      const dBias = withBias ? space.make([units]) : 0;
      const needed = [productScratch(rows, inputs, units), productScratch(inputs, units, rows), units * BYTES];
      const scratch = space.scratch(Math.max(...needed));
      product(slope, ...across(units), weights, ...down(units), dx, rows, inputs, units, 0, scratch);
      product(input, ...down(inputs), slope, ...across(units), dKernel, inputs, units, rows, 0, scratch);
      if (withBias) sumColumns(slope, rows, units, dBias, scratch);
    });
  },
};

/** Bytes from row to row and from column to column of a matrix that many numbers wide; `down`: of its transpose. */
const across = (width: number): [number, number] => [width * BYTES, BYTES];
const down = (width: number): [number, number] => [BYTES, width * BYTES];

function whyNot(inputs: DenseInputs | DenseGradientInputs): string | undefined {
  const given = Object.values(inputs).filter(x => x !== undefined);
  if (given.some(({size}) => size === 0)) return 'an empty tensor';
  if (given.some(({dtype}) => dtype !== 'float32')) return 'inputs other than float32';
  return whyNotSimd(productsModule, tf.backend());
}

const whyFewRows = ({x, kernel}: DenseInputs): string | undefined =>
  tf.getBackend() === 'wasm' && x.size / kernel.shape[0]! < FEWEST_ROWS ? `fewer than ${FEWEST_ROWS} rows` : undefined;
