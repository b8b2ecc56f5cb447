// Scores of spans, 32 queries at a time: a block of products is scaled and blanked while it is in the cache, and with
// biases serves all types. Addresses are bytes.
import {ceilTo, EDGE_BYTES, multiply, pack, TALL, WIDE} from './panels';
import {bytes, configureBlocks, length, lineBytes, ROWS, scale, size, upper} from './span_block';

let types = 0;
let maskValue: f32 = 0;

/** What the groups of a call have in common; with `typeCount` 0 there are no biases. */
export function configure(
  tokens: i32,
  headSize: i32,
  typeCount: i32,
  scoreScale: f32,
  blank: f32,
  upperOnly: bool,
): void {
  configureBlocks(tokens, headSize, scoreScale, 0, upperOnly, false);
  types = typeCount;
  maskValue = blank;
}

/** Bytes of scratch memory that `spanScores` needs after `configure`. */
export function scoresScratch(): usize {
  const rows = ROWS + types;
  return EDGE_BYTES + bytes(size * ceilTo(length, WIDE)) + lineBytes() * (rows as usize) + bytes(ROWS * size);
}

/**
 * Writes s_ij = scale · q_i · k_j `[T, T]`, or with biases s_hij = s_ij + end_hj + start_hi `[H, T, T]`; impossible
 * cells get `maskValue` on top.
 *
 * @param bias `[T, 2H]`: end (even channels) and start (odd channels); 0 for none.
 * @param mask `[T]`, 1 or 0, filled up to whole vectors; 0 for none.
 */
export function spanScores(q: usize, k: usize, bias: usize, mask: usize, scores: usize, edge: usize): void {
  const line = lineBytes();
  const qRow = bytes(size);
  const wide = ceilTo(length, WIDE);
  const keysAcross = edge + EDGE_BYTES;
  const block = keysAcross + bytes(size * wide);
  const ends = block + line * ROWS;
  const left = ends + line * (types as usize);
  const row = bytes(length);
  pack(k, 4, qRow, size, length, keysAcross, WIDE);
  for (let type = 0; type < types; type++) {
    for (let j = 0; j < length; j++) {
      store<f32>(ends + line * (type as usize) + bytes(j), load<f32>(bias + bytes(2 * (j * types + type))));
    }
  }
  for (let first = 0; first < length; first += ROWS) {
    const rows = min(ROWS, length - first);
    pack(q + (first as usize) * qRow, 4, qRow, size, rows, left, TALL);
    multiply(left, keysAcross, block, ceilTo(rows, TALL), wide, size, size, line, 32, false, edge);
    for (let i = 0; i < rows; i++) {
      const query = first + i;
      const from = block + (i as usize) * line;
      blankRow(query, from, mask);
      const into = scores + (query as usize) * row;
      if (types === 0) memory.copy(into, from, row);
      for (let type = 0; type < types; type++) {
        const start = load<f32>(bias + bytes(2 * (query * types + type)), 4);
        addRow(from, ends + line * (type as usize), start, into + row * ((length * type) as usize));
      }
    }
  }
}

/** Scales a row of products, and adds `maskValue` where a span from `query` may not end. */
function blankRow(query: i32, row: usize, mask: usize): void {
  const scales = f32x4.splat(scale);
  const blank = f32x4.splat(maskValue);
  const hidden = mask !== 0 && load<f32>(mask + bytes(query)) === 0;
  const starts = i32x4.splat(hidden ? length : upper ? query : 0);
  let columns = i32x4(0, 1, 2, 3);
  const end = lineBytes();
  for (let at: usize = 0; at < end; at += 16) {
    const x = f32x4.mul(v128.load(row + at), scales);
    let possible = i32x4.ge_s(columns, starts);
    if (mask !== 0) possible = v128.and(possible, f32x4.ne(v128.load(mask + at), f32x4.splat(0)));
    v128.store(row + at, v128.bitselect(x, f32x4.add(x, blank), possible));
    columns = i32x4.add(columns, i32x4.splat(4));
  }
}

function addRow(from: usize, ends: usize, start: f32, into: usize): void {
  const starts = f32x4.splat(start);
  const whole = bytes(length & ~3);
  for (let at: usize = 0; at < whole; at += 16) {
    v128.store(into + at, f32x4.add(f32x4.add(v128.load(from + at), v128.load(ends + at)), starts));
  }
  for (let at = whole; at < bytes(length); at += 4) {
    store<f32>(into + at, load<f32>(from + at) + load<f32>(ends + at) + start);
  }
}
