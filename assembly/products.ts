// The product of two matrices of any layout, and what dense layers need beside it.
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

/**
 * `C = A B` of `rows × depth` and `depth × columns`. Strides are bytes, one of each pair 4.
 *
 * @param cRow From a row of C to the next; its columns have no gaps.
 * @param bias Added to each row of C, `[columns]`; 0 for none.
 */
export function product(
  a: usize,
  aRow: usize,
  aColumn: usize,
  b: usize,
  bRow: usize,
  bColumn: usize,
  c: usize,
  cRow: usize,
  rows: i32,
  columns: i32,
  depth: i32,
  bias: usize,
  scratch: usize,
): void {
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
        const at = to + (row as usize) * cRow;
        multiply(left, right, at, tall, wide, steps, steps, cRow, 32, step > 0, scratch);
        const isWhole = step + steps === depth;
        if (isWhole && bias !== 0) addToRows(at, tall, wide, cRow, bias + ((column as usize) << 2));
      }
    }
  }
}

function addToRows(row: usize, rows: i32, columns: i32, stride: usize, bias: usize): void {
  const end = (columns as usize) << 2;
  const whole = end & ~15;
  for (let i = 0; i < rows; i++) {
    for (let at: usize = 0; at < whole; at += 16) {
      v128.store(row + at, f32x4.add(v128.load(row + at), v128.load(bias + at)));
    }
    for (let at = whole; at < end; at += 4) store<f32>(row + at, load<f32>(row + at) + load<f32>(bias + at));
    row += stride;
  }
}

/** Rows whose sum is made before it is added to that of others, so that long columns lose few digits. */
const SUMMED_ROWS = 64;

/** The sums of the columns of `[rows, columns]`. `partial` is scratch memory of as many bytes as the sums. */
export function sumColumns(x: usize, rows: i32, columns: i32, sums: usize, partial: usize): void {
  const line = (columns as usize) << 2;
  memory.fill(sums, 0, line);
  for (let first = 0; first < rows; first += SUMMED_ROWS) {
    const tall = min(SUMMED_ROWS, rows - first);
    memory.copy(partial, x, line);
    for (let i = 1; i < tall; i++) addToRows(partial, 1, columns, 0, x + (i as usize) * line);
    addToRows(sums, 1, columns, 0, partial);
    x += (tall as usize) * line;
  }
}
