import type {Runner} from './runner.js';

/** The exports of assembly/products.ts that a product needs. */
export interface ProductFunctions {
  productScratch(rows: number, columns: number, depth: number): number;
}

/** A product of two matrices: addresses, strides in bytes, and sizes. */
export interface Product {
  a: number;
  /** Bytes from row to row and from column to column. */
  aStrides: readonly [row: number, column: number];
  b: number;
  bStrides: readonly [row: number, column: number];
  c: number;
  rows: number;
  columns: number;
  depth: number;
  /** Added to each row; 0 for none. */
  bias: number;
}

const BYTES = 4;
/** Rows or columns of a part, or a multiple of it: what is packed for fewer costs as much as their product. */
const PART = 64;

/**
 * Runs products that write to different places, in parts along their longer side where there are fewer than threads.
 */
export function runProducts(products: Product[], {productScratch}: ProductFunctions, runner: Runner): void {
  const work = products.reduce((sum, {rows, columns, depth}) => sum + rows * columns * depth, 0);
  const parts = Math.ceil(runner.parts(work) / products.length);
  const scratch = products.reduce((most, x) => Math.max(most, productScratch(x.rows, x.columns, x.depth)), 0);
  const calls = products.flatMap(product => callsOf(product, parts));
  runner.run('product', calls, scratch, work);
}

function callsOf(product: Product, parts: number): number[][] {
  const {a, aStrides, b, bStrides, c, rows, columns, depth, bias} = product;
  const line = columns * BYTES;
  const side = Math.max(rows, columns);
  const size = parts === 1 ? side : Math.ceil(side / parts / PART) * PART;
  const calls: number[][] = [];
  for (let from = 0; from < side; from += size) {
    const count = Math.min(size, side - from);
    const [row, column, tall, wide] = rows < columns ? [0, from, rows, count] : [from, 0, count, columns];
    const left = a + row * aStrides[0];
    const right = b + column * bStrides[1];
    const to = c + row * line + column * BYTES;
    const added = bias === 0 ? 0 : bias + column * BYTES;
    calls.push([left, ...aStrides, right, ...bStrides, to, line, tall, wide, depth, added]);
  }
  return calls;
}
