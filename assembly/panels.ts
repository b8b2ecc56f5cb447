// Matrix products over packed operands. A panel holds a few columns of a matrix, row after row without gaps, so that
// the inner loop reads both operands in order, whatever their layout was; missing columns are zeros.
// Addresses and strides are bytes.

/** Rows of a tile of the result. */
export const TALL = 4;
/** Columns of a tile of the result. */
export const WIDE = 8;
/** Bytes that `multiply` needs for tiles that reach over the edge. */
export const EDGE_BYTES: usize = 128;

/** Rows of a panel that stay in the level-1 cache. */
const DEPTH = 256;

export function ceilTo(size: i32, multiple: i32): i32 {
  return ((size + multiple - 1) / multiple) * multiple;
}

/** Writes `rows × columns` numbers as panels of `width` columns, which is 4 or 8. One of both strides is 4. */
export function pack(
  source: usize,
  rowStride: usize,
  columnStride: usize,
  rows: i32,
  columns: i32,
  target: usize,
  width: i32,
): void {
  const panelBytes = ((rows * width) as usize) << 2;
  for (let column = 0; column < columns; column += width) {
    const from = source + (column as usize) * columnStride;
    if (columns - column < width) packPart(from, rowStride, columnStride, rows, columns - column, target, width);
    else if (columnStride === 4) packRows(from, rowStride, rows, target, width);
    else packColumns(from, columnStride, rows, target, width);
    target += panelBytes;
  }
}

function packRows(from: usize, rowStride: usize, rows: i32, to: usize, width: i32): void {
  if (width === WIDE) {
    for (let row = 0; row < rows; row++) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      from += rowStride;
      to += 32;
    }
    return;
  }
  for (let row = 0; row < rows; row++) {
    v128.store(to, v128.load(from));
    from += rowStride;
    to += 16;
  }
}

/** Rows lie next to each other: blocks of 4 × 4 are transposed. */
function packColumns(from: usize, columnStride: usize, rows: i32, to: usize, width: i32): void {
  const rowBytes = (width as usize) << 2;
  const whole = rows & ~3;
  for (let first = 0; first < width; first += 4) {
    const c0 = from + (first as usize) * columnStride;
    const c1 = c0 + columnStride;
    const c2 = c1 + columnStride;
    const c3 = c2 + columnStride;
    let at = to + ((first as usize) << 2);
    let offset: usize = 0;
    for (let row = 0; row < whole; row += 4) {
      const a = v128.load(c0 + offset);
      const b = v128.load(c1 + offset);
      const c = v128.load(c2 + offset);
      const d = v128.load(c3 + offset);
      const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
      const ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
      const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
      const cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
      v128.store(at, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5));
      v128.store(at + rowBytes, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7));
      v128.store(at + 2 * rowBytes, v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5));
      v128.store(at + 3 * rowBytes, v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7));
      at += 4 * rowBytes;
      offset += 16;
    }
    for (let row = whole; row < rows; row++) {
      store<f32>(at, load<f32>(c0 + offset));
      store<f32>(at, load<f32>(c1 + offset), 4);
      store<f32>(at, load<f32>(c2 + offset), 8);
      store<f32>(at, load<f32>(c3 + offset), 12);
      at += rowBytes;
      offset += 4;
    }
  }
}

function packPart(
  from: usize,
  rowStride: usize,
  columnStride: usize,
  rows: i32,
  columns: i32,
  to: usize,
  width: i32,
): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < width; column++) {
      const value: f32 = column < columns ? load<f32>(from + (column as usize) * columnStride) : 0;
      store<f32>(to, value);
      to += 4;
    }
    from += rowStride;
  }
}

/**
 * `C = A B`, or `C += A B` with `add`.
 *
 * @param a `rows × depth` as panels of its transpose, 4 wide.
 * @param b `depth × columns` as panels, 8 wide.
 * @param bDepth Rows that the panels of b have, `depth` or more.
 * @param rowStride From a row of C to the next.
 * @param panelStride From 8 columns of C to the next 8; 32 where rows have no gaps.
 * @param edge `EDGE_BYTES` of scratch memory.
 */
export function multiply(
  a: usize,
  b: usize,
  c: usize,
  rows: i32,
  columns: i32,
  depth: i32,
  bDepth: i32,
  rowStride: usize,
  panelStride: usize,
  add: bool,
  edge: usize,
): void {
  const tileBytes = (depth as usize) << 4;
  const panelBytes = (bDepth as usize) << 5;
  for (let start = 0; start < depth; start += DEPTH) {
    const steps = min(DEPTH, depth - start);
    const adds = add || start > 0;
    let panel = b + ((start as usize) << 5);
    let into = c;
    for (let column = 0; column < columns; column += WIDE) {
      const wide = min(WIDE, columns - column);
      let tile = a + ((start as usize) << 4);
      let at = into;
      for (let row = 0; row < rows; row += TALL) {
        multiplyTile(tile, panel, steps, at, rowStride, min(TALL, rows - row), wide, adds, edge);
        tile += tileBytes;
        at += rowStride << 2;
      }
      panel += panelBytes;
      into += panelStride;
    }
  }
}

/**
 * 4 × 8 numbers of the result, of which `tall × wide` exist. More accumulators do not fit into 16 registers, and
 * engines spill them when the loop is unrolled. Sums stand after their products, which is what
 * src/internal/simd/multiply_add.ts looks for.
 */
function multiplyTile(
  a: usize,
  b: usize,
  steps: i32,
  c: usize,
  rowStride: usize,
  tall: i32,
  wide: i32,
  add: bool,
  edge: usize,
): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  const end = a + ((steps as usize) << 4);
  while (a < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = f32x4.add(f32x4.mul(x, b0), c00);
    c01 = f32x4.add(f32x4.mul(x, b1), c01);
    x = v128.load32_splat(a, 4);
    c10 = f32x4.add(f32x4.mul(x, b0), c10);
    c11 = f32x4.add(f32x4.mul(x, b1), c11);
    x = v128.load32_splat(a, 8);
    c20 = f32x4.add(f32x4.mul(x, b0), c20);
    c21 = f32x4.add(f32x4.mul(x, b1), c21);
    x = v128.load32_splat(a, 12);
    c30 = f32x4.add(f32x4.mul(x, b0), c30);
    c31 = f32x4.add(f32x4.mul(x, b1), c31);
    a += 16;
    b += 32;
  }
  const whole = tall === TALL && wide === WIDE;
  const to = whole ? c : edge;
  const stride: usize = whole ? rowStride : 32;
  if (whole && add) {
    let from = c;
    c00 = f32x4.add(c00, v128.load(from));
    c01 = f32x4.add(c01, v128.load(from, 16));
    from += rowStride;
    c10 = f32x4.add(c10, v128.load(from));
    c11 = f32x4.add(c11, v128.load(from, 16));
    from += rowStride;
    c20 = f32x4.add(c20, v128.load(from));
    c21 = f32x4.add(c21, v128.load(from, 16));
    from += rowStride;
    c30 = f32x4.add(c30, v128.load(from));
    c31 = f32x4.add(c31, v128.load(from, 16));
  }
  let at = to;
  v128.store(at, c00);
  v128.store(at, c01, 16);
  at += stride;
  v128.store(at, c10);
  v128.store(at, c11, 16);
  at += stride;
  v128.store(at, c20);
  v128.store(at, c21, 16);
  at += stride;
  v128.store(at, c30);
  v128.store(at, c31, 16);
  if (!whole) storePart(edge, c, rowStride, tall, wide, add);
}

function storePart(edge: usize, c: usize, rowStride: usize, tall: i32, wide: i32, add: bool): void {
  for (let row = 0; row < tall; row++) {
    for (let column = 0; column < wide; column++) {
      const offset = (column as usize) << 2;
      const before: f32 = add ? load<f32>(c + offset) : 0;
      store<f32>(c + offset, before + load<f32>(edge + offset));
    }
    edge += 32;
    c += rowStride;
  }
}
