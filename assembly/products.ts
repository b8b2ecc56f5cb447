// The product of two matrices of any layout.
import {ceilTo, EDGE_BYTES, multiply, pack, TALL, WIDE} from './panels';

/** Rows of A, columns of B, and what both are summed over, that are packed at once. */
const ROWS = 64;
const COLUMNS = 512;
const DEPTH = 256;

/** Bytes of scratch memory that `product` needs. */
export function productScratch(rows: i32, columns: i32, depth: i32): usize {
  const packed = ceilTo(min(rows, ROWS), TALL) + ceilTo(min(columns, COLUMNS), WIDE);
  return EDGE_BYTES + (((packed * min(depth, DEPTH)) as usize) << 2);
}

/** `C = A B` of `rows × depth` and `depth × columns`; C has no gaps. Strides are bytes, one of each pair 4. */
export function product(
  a: usize,
  aRow: usize,
  aColumn: usize,
  b: usize,
  bRow: usize,
  bColumn: usize,
  c: usize,
  rows: i32,
  columns: i32,
  depth: i32,
  scratch: usize,
): void {
  const cRow = (columns as usize) << 2;
  const left = scratch + EDGE_BYTES;
  const right = left + (((ceilTo(min(rows, ROWS), TALL) * min(depth, DEPTH)) as usize) << 2);
  for (let column = 0; column < columns; column += COLUMNS) {
    const wide = min(COLUMNS, columns - column);
    const to = c + ((column as usize) << 2);
    for (let step = 0; step < depth; step += DEPTH) {
      const steps = min(DEPTH, depth - step);
      pack(b + (step as usize) * bRow + (column as usize) * bColumn, bRow, bColumn, steps, wide, right, WIDE);
      for (let row = 0; row < rows; row += ROWS) {
        const tall = min(ROWS, rows - row);
        pack(a + (row as usize) * aRow + (step as usize) * aColumn, aColumn, aRow, steps, tall, left, TALL);
        multiply(left, right, to + (row as usize) * cRow, tall, wide, steps, steps, cRow, 32, step > 0, scratch);
      }
    }
  }
}
