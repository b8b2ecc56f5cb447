// The loss of Efficient GlobalPointer for one sample, 32 queries at a time. The scores of all types are
//
//   s_hij = base_ij + start_hi + end_hj,  base = scale · q kᵀ − threshold.
//
// With W_ij = e^(base_ij − r_i), r_i the maximum of a row of base, and E_hj = e^(end_hj − C_h), C_h that of the ends of
// a type, the exponentials of a row sum up to e^(r_i + C_h + start_hi) Σ_j W_ij E_hj, which is a product of matrices.
// Rows whose sum vanishes, as their ends lie far below C_h, are computed cell by cell, as are cells that are labels.
// Numbers of types stand in rows filled up to a multiple of 8. Addresses are bytes.
import {ceilTo, EDGE_BYTES, multiply, pack, TALL, WIDE} from './panels';
import {ABSENT, bytes, configureBlocks, length, lineBytes, ROWS, scale, scoreBlock, size} from './span_block';
import {EXP_TABLE_BYTES, exp4, exponential, logarithm, max4, writeExpTable} from './vectors';

/** Below this sum, terms that underflow may count. What it leaves to products fits into the range of floats. */
const SMALLEST_SUM: f32 = 1e-25;
/** Instead of −∞, which has no difference to itself; above `ABSENT` with all summands of a score. */
const LOWEST: f32 = -5e37;

let types = 0;
let typeLine: usize = 0;

// Where the parts of the scratch memory begin.
let edge: usize = 0;
let table: usize = 0;
let keysAcross: usize = 0;
let starts: usize = 0;
let ends: usize = 0;
let weights: usize = 0;
let largestEnds: usize = 0;
let endsDown: usize = 0;
let base: usize = 0;
let shares: usize = 0;
let rowMaxima: usize = 0;
let rowSums: usize = 0;
let exponents: usize = 0;
let left: usize = 0;
let running: usize = 0;
let right: usize = 0;
let keysDown: usize = 0;
let endsAcross: usize = 0;
let slopes: usize = 0;
let factors: usize = 0;
let startSlopes: usize = 0;
let cellSlopes: usize = 0;
let shareSums: usize = 0;
let endSlopes: usize = 0;
let listed: usize = 0;

/** What the samples of a call have in common. */
export function configure(
  tokens: i32,
  headSize: i32,
  typeCount: i32,
  scoreScale: f32,
  scoreThreshold: f32,
  upperOnly: bool,
  withoutFirst: bool,
): void {
  configureBlocks(tokens, headSize, scoreScale, scoreThreshold, upperOnly, withoutFirst);
  types = typeCount;
  typeLine = bytes(ceilTo(typeCount, WIDE));
}

/** Bytes of scratch memory that both functions need after `configure`, for so many listed cells. */
export function factorisedScratch(cells: i32): usize {
  return divide(0, cells);
}

/** Lays out the scratch memory from `scratch` on, and gives its end. */
function divide(scratch: usize, cells: i32): usize {
  const wide = ceilTo(length, WIDE);
  const wideTypes = ceilTo(types, WIDE);
  const wideSize = ceilTo(size, WIDE);
  const block = lineBytes() * ROWS;
  const ofTokens = typeLine * (length as usize);
  const ofBlock = typeLine * ROWS;
  edge = scratch;
  table = edge + EDGE_BYTES;
  keysAcross = table + EXP_TABLE_BYTES;
  starts = keysAcross + bytes(size * wide);
  ends = starts + ofTokens;
  weights = ends + ofTokens;
  endsDown = weights + ofTokens;
  largestEnds = endsDown + ofTokens;
  base = largestEnds + typeLine;
  shares = base + block;
  rowMaxima = shares + block;
  rowSums = rowMaxima + bytes(ROWS);
  exponents = rowSums + ofBlock;
  left = exponents + typeLine;
  running = left + bytes(ROWS * max(wide, max(size, wideTypes)));
  right = running + 4 * typeLine;
  keysDown = right + bytes(ROWS * max(wideSize, wideTypes));
  endsAcross = keysDown + bytes(length * wideSize);
  slopes = endsAcross + bytes(types * wide);
  factors = slopes + block;
  startSlopes = factors + ofBlock;
  cellSlopes = startSlopes + ofBlock;
  shareSums = cellSlopes + typeLine;
  endSlopes = shareSums + ofTokens;
  listed = endSlopes + ofTokens;
  return listed + ((cells as usize) << 3);
}

/**
 * Writes, of each type, log(1 + Σ exp s) of the cells that are no label, and log(1 + Σ exp −s) of those that are.
 *
 * @param bias `[T, 2H]`: end (even channels) and start (odd channels).
 * @param mask `[T]`, 1 or 0; 0 for none.
 * @param cells `[count, 3]` floats (start, end, type) of possible cells, sorted, none twice; type −1 for none.
 * @param logs `[H, 2]`.
 */
export function factorisedLoss(
  q: usize,
  k: usize,
  bias: usize,
  mask: usize,
  cells: usize,
  count: i32,
  logs: usize,
  scratch: usize,
): void {
  divide(scratch, count);
  prepare(k, bias, mask);
  const sums = running + typeLine;
  const labelTops = sums + typeLine;
  const labelSums = labelTops + typeLine;
  for (let at: usize = 0; at < typeLine; at += 16) {
    v128.store(running + at, f32x4.splat(0)); // the 1 is exp(0)
    v128.store(sums + at, f32x4.splat(1));
    v128.store(labelTops + at, f32x4.splat(0));
    v128.store(labelSums + at, f32x4.splat(1));
  }
  const end = cells + (count as usize) * 12;
  let entry = cells;
  for (let first = 0; first < length; first += ROWS) {
    const rows = min(ROWS, length - first);
    const from = scoreBlock(q, keysAcross, mask, first, rows, base, left, edge);
    while (entry < end && rowOf(entry) < first + rows) {
      const row = rowOf(entry);
      const column = columnOf(entry);
      scoresOfCell(row, column, first);
      for (; entry < end && rowOf(entry) === row && columnOf(entry) === column; entry += 12) {
        if (typeOf(entry) < 0) continue;
        const offset = bytes(typeOf(entry));
        const opposite = -load<f32>(exponents + offset);
        store<f32>(exponents + offset, ABSENT);
        const top = load<f32>(labelTops + offset);
        const highest = max(top, opposite);
        const sum = load<f32>(labelSums + offset) * exponential(top - highest, table);
        store<f32>(labelSums + offset, sum + exponential(opposite - highest, table));
        store<f32>(labelTops + offset, highest);
      }
      for (let at: usize = 0; at < typeLine; at += 16) addToSums(at, f32x4.splat(1));
    }
    shareBlock(rows, from);
    for (let i = 0; i < rows; i++) {
      const largest = load<f32>(rowMaxima + bytes(i));
      if (largest <= ABSENT) continue;
      const starting = starts + ((first + i) as usize) * typeLine;
      const rowSum = rowSums + (i as usize) * typeLine;
      for (let at: usize = 0; at < typeLine; at += 16) {
        v128.store(exponents + at, exponentOf(largest, starting, at));
        const sum = v128.load(rowSum + at);
        if (v128.any_true(f32x4.lt(sum, f32x4.splat(SMALLEST_SUM)))) sumCells(i, from, starting, rowSum, at);
        addToSums(at, v128.load(rowSum + at));
      }
    }
  }
  for (let type = 0; type < types; type++) {
    const offset = bytes(type);
    store<f32>(logs, load<f32>(running + offset) + logarithm(load<f32>(sums + offset)));
    store<f32>(logs, load<f32>(labelTops + offset) + logarithm(load<f32>(labelSums + offset)), 4);
    logs += 8;
  }
}

/**
 * Writes dq and dBias and adds to dk: with g_hij = dy e^s / e^logs₀ of a cell that is no label and −dy e^−s / e^logs₁
 * of one that is, dq_i = scale · Σ_hj g k_j, dk_j = scale · Σ_hi g q_i, dstart_hi = Σ_j g and dend_hj = Σ_i g.
 *
 * @param dy `[H]`.
 */
export function factorisedGradient(
  q: usize,
  k: usize,
  bias: usize,
  mask: usize,
  cells: usize,
  count: i32,
  logs: usize,
  dy: usize,
  dq: usize,
  dk: usize,
  dBias: usize,
  scratch: usize,
): void {
  divide(scratch, count);
  prepare(k, bias, mask);
  const line = lineBytes();
  const qRow = bytes(size);
  const normed = running;
  const labelNorms = normed + typeLine;
  const upstream = labelNorms + typeLine;
  pack(k, qRow, 4, length, size, keysDown, WIDE);
  pack(weights, 4, typeLine, types, length, endsAcross, WIDE);
  memory.fill(normed, 0, 3 * typeLine);
  memory.fill(shareSums, 0, 2 * typeLine * (length as usize));
  for (let type = 0; type < types; type++) {
    const pair = logs + ((type as usize) << 3);
    store<f32>(normed + bytes(type), load<f32>(pair));
    store<f32>(labelNorms + bytes(type), load<f32>(pair, 4));
    store<f32>(upstream + bytes(type), load<f32>(dy + bytes(type)));
  }
  const scales = f32x4.splat(scale);
  const end = cells + (count as usize) * 12;
  let entry = cells;
  for (let first = 0; first < length; first += ROWS) {
    const rows = min(ROWS, length - first);
    const from = scoreBlock(q, keysAcross, mask, first, rows, base, left, edge);
    memory.fill(startSlopes, 0, typeLine * ROWS);
    let listedEnd = listed;
    while (entry < end && rowOf(entry) < first + rows) {
      const row = rowOf(entry);
      const column = columnOf(entry);
      const cell = scoresOfCell(row, column, first);
      for (let at: usize = 0; at < typeLine; at += 16) {
        const slope = exp4(f32x4.sub(v128.load(exponents + at), v128.load(normed + at)), table);
        v128.store(cellSlopes + at, f32x4.mul(v128.load(upstream + at), slope));
      }
      for (; entry < end && rowOf(entry) === row && columnOf(entry) === column; entry += 12) {
        if (typeOf(entry) < 0) continue;
        const offset = bytes(typeOf(entry));
        const push = exponential(-load<f32>(exponents + offset) - load<f32>(labelNorms + offset), table);
        store<f32>(cellSlopes + offset, -load<f32>(upstream + offset) * push);
      }
      const startSlope = startSlopes + ((row - first) as usize) * typeLine;
      const endSlope = endSlopes + (column as usize) * typeLine;
      let sum: f32 = 0;
      for (let at: usize = 0; at < bytes(types); at += 4) {
        const slope = load<f32>(cellSlopes + at);
        store<f32>(startSlope + at, load<f32>(startSlope + at) + slope);
        store<f32>(endSlope + at, load<f32>(endSlope + at) + slope);
        sum += slope;
      }
      store<u32>(listedEnd, (cell - base) as u32);
      store<f32>(listedEnd, sum * scale, 4);
      listedEnd += 8;
    }
    shareBlock(rows, from);
    for (let i = 0; i < rows; i++) writeFactors(i, first, normed, upstream);
    const columns = length - from;
    pack(factors, 4, typeLine, types, rows, left, TALL);
    const panels = endsAcross + bytes(from * types);
    multiply(left, panels, slopes + bytes(from), rows, columns, types, types, line, 32, false, edge);
    for (let i = 0; i < rows; i++) {
      const row = (i as usize) * line;
      for (let at = row + bytes(from); at < row + line; at += 16) {
        const share = f32x4.mul(v128.load(shares + at), scales);
        v128.store(slopes + at, f32x4.mul(v128.load(slopes + at), share));
      }
    }
    pack(shares + bytes(from), line, 4, rows, columns, left, TALL);
    pack(factors, typeLine, 4, rows, types, right, WIDE);
    const sums = shareSums + (from as usize) * typeLine;
    multiply(left, right, sums, columns, types, rows, rows, typeLine, 32, true, edge);
    for (let i = 0; i < rows; i++) addVanishing(i, first, from, normed, upstream);
    for (let at = listed; at < listedEnd; at += 8) {
      const cell = slopes + (load<u32>(at) as usize);
      store<f32>(cell, load<f32>(cell) + load<f32>(at, 4));
    }
    for (let i = 0; i < rows; i++) {
      const into = dBias + bytes(2 * types * (first + i)) + 4;
      for (let type = 0; type < types; type++) {
        store<f32>(into + bytes(2 * type), load<f32>(startSlopes + (i as usize) * typeLine + bytes(type)));
      }
    }
    const queryRows = q + (first as usize) * qRow;
    pack(queryRows, qRow, 4, rows, size, right, WIDE);
    pack(slopes + bytes(from), line, 4, rows, columns, left, TALL);
    multiply(left, right, dk + (from as usize) * qRow, columns, size, rows, rows, qRow, 32, true, edge);
    pack(slopes + bytes(from), 4, line, columns, rows, left, TALL);
    const keyRows = keysDown + ((from as usize) << 5);
    multiply(left, keyRows, dq + (first as usize) * qRow, rows, size, columns, length, qRow, 32, false, edge);
  }
  for (let token = 0; token < length; token++) {
    const row = (token as usize) * typeLine;
    for (let type = 0; type < types; type++) {
      const at = row + bytes(type);
      const slope = load<f32>(weights + at) * load<f32>(shareSums + at) + load<f32>(endSlopes + at);
      store<f32>(dBias + bytes(2 * (token * types + type)), slope);
    }
  }
}

/**
 * Packs keys; separates starts and ends, and writes E and C. Ends of hidden tokens are 0 in E and do not count for C.
 */
function prepare(k: usize, bias: usize, mask: usize): void {
  writeExpTable(table);
  pack(k, 4, bytes(size), size, length, keysAcross, WIDE);
  memory.fill(starts, 0, 2 * typeLine * (length as usize));
  const lowest = f32x4.splat(LOWEST);
  for (let at: usize = 0; at < typeLine; at += 16) v128.store(largestEnds + at, lowest);
  for (let token = 0; token < length; token++) {
    const row = (token as usize) * typeLine;
    for (let type = 0; type < types; type++) {
      const pair = bias + bytes(2 * (token * types + type));
      store<f32>(ends + row + bytes(type), max(load<f32>(pair), LOWEST));
      store<f32>(starts + row + bytes(type), max(load<f32>(pair, 4), LOWEST));
    }
    if (isHidden(mask, token)) continue;
    for (let at: usize = 0; at < typeLine; at += 16) {
      v128.store(largestEnds + at, f32x4.max(v128.load(largestEnds + at), v128.load(ends + row + at)));
    }
  }
  for (let token = 0; token < length; token++) {
    const row = (token as usize) * typeLine;
    const hidden = isHidden(mask, token);
    for (let at: usize = 0; at < typeLine; at += 16) {
      const weight = exp4(f32x4.sub(v128.load(ends + row + at), v128.load(largestEnds + at)), table);
      v128.store(weights + row + at, hidden ? f32x4.splat(0) : weight);
    }
  }
  pack(weights, typeLine, 4, length, ceilTo(types, WIDE), endsDown, WIDE);
}

function isHidden(mask: usize, token: i32): bool {
  return mask !== 0 && load<f32>(mask + bytes(token)) === 0;
}

function rowOf(entry: usize): i32 {
  return load<f32>(entry) as i32;
}

function columnOf(entry: usize): i32 {
  return load<f32>(entry, 4) as i32;
}

function typeOf(entry: usize): i32 {
  return load<f32>(entry, 8) as i32;
}

/** Takes a cell out of the block and writes its scores of all types to `exponents`. Gives where it lies. */
function scoresOfCell(row: i32, column: i32, first: i32): usize {
  const cell = base + ((row - first) as usize) * lineBytes() + bytes(column);
  const shared = f32x4.splat(max(load<f32>(cell), LOWEST));
  const starting = starts + (row as usize) * typeLine;
  const ending = ends + (column as usize) * typeLine;
  for (let at: usize = 0; at < typeLine; at += 16) {
    v128.store(exponents + at, f32x4.add(f32x4.add(shared, v128.load(starting + at)), v128.load(ending + at)));
  }
  store<f32>(cell, ABSENT);
  return cell;
}

/** Writes r, W and the products of W and E, of a block of base. `ABSENT` is the maximum of rows without cells. */
function shareBlock(rows: i32, from: i32): void {
  const line = lineBytes();
  for (let i = 0; i < rows; i++) {
    const row = (i as usize) * line;
    let largest = f32x4.splat(ABSENT);
    for (let at = row + bytes(from); at < row + line; at += 16) largest = f32x4.max(largest, v128.load(base + at));
    const highest = max4(largest);
    const isEmpty = highest <= ABSENT;
    store<f32>(rowMaxima + bytes(i), isEmpty ? ABSENT : highest);
    const highests = f32x4.splat(isEmpty ? 0 : highest);
    for (let at = row + bytes(from); at < row + line; at += 16) {
      v128.store(shares + at, exp4(f32x4.sub(v128.load(base + at), highests), table));
    }
  }
  const columns = length - from;
  pack(shares + bytes(from), 4, line, columns, rows, left, TALL);
  const panels = endsDown + ((from as usize) << 5);
  multiply(left, panels, rowSums, rows, ceilTo(types, WIDE), columns, length, typeLine, 32, false, edge);
}

/** r + C + start of four types. */
function exponentOf(largest: f32, starting: usize, at: usize): v128 {
  return f32x4.add(f32x4.add(f32x4.splat(largest), v128.load(largestEnds + at)), v128.load(starting + at));
}

/** Adds e^exponent times `sum` of four types to the running maxima and sums. */
function addToSums(at: usize, sum: v128): void {
  const sums = running + typeLine;
  const exponent = v128.load(exponents + at);
  const top = v128.load(running + at);
  const highest = f32x4.max(top, exponent);
  const before = f32x4.mul(v128.load(sums + at), exp4(f32x4.sub(top, highest), table));
  v128.store(sums + at, f32x4.add(before, f32x4.mul(sum, exp4(f32x4.sub(exponent, highest), table))));
  v128.store(running + at, highest);
}

/** Sums up rows that vanish, of four types from the offset `at`, with the maximum of their own. */
function sumCells(i: i32, from: i32, starting: usize, rowSum: usize, at: usize): void {
  const row = base + (i as usize) * lineBytes();
  for (let offset = at; offset < min(at + 16, bytes(types)); offset += 4) {
    if (!(load<f32>(rowSum + offset) < SMALLEST_SUM)) continue;
    let highest: f32 = ABSENT;
    for (let j = from; j < length; j++) highest = max(highest, cellOf(row, j, offset));
    let sum: f32 = 0;
    for (let j = from; j < length; j++) sum += exponential(cellOf(row, j, offset) - highest, table);
    store<f32>(exponents + offset, highest + load<f32>(starting + offset));
    store<f32>(rowSum + offset, sum);
  }
}

/** base + end of a cell of a row. */
function cellOf(row: usize, column: i32, offset: usize): f32 {
  const shared = load<f32>(row + bytes(column));
  if (shared <= ABSENT) return ABSENT;
  return shared + load<f32>(ends + (column as usize) * typeLine + offset);
}

/** Writes dy e^(r + C + start − logs₀), by which W E is to be multiplied, and adds to dstart. */
function writeFactors(i: i32, first: i32, normed: usize, upstream: usize): void {
  const row = (i as usize) * typeLine;
  const largest = load<f32>(rowMaxima + bytes(i));
  const starting = starts + ((first + i) as usize) * typeLine;
  if (largest <= ABSENT) {
    memory.fill(factors + row, 0, typeLine);
    return;
  }
  for (let at: usize = 0; at < typeLine; at += 16) {
    const sum = v128.load(rowSums + row + at);
    const share = exp4(f32x4.sub(exponentOf(largest, starting, at), v128.load(normed + at)), table);
    const vanishes = f32x4.lt(sum, f32x4.splat(SMALLEST_SUM));
    const factor = v128.andnot(f32x4.mul(v128.load(upstream + at), share), vanishes);
    v128.store(factors + row + at, factor);
    v128.store(startSlopes + row + at, f32x4.add(v128.load(startSlopes + row + at), f32x4.mul(factor, sum)));
  }
}

/** Adds the slopes of rows that vanish, cell by cell. */
function addVanishing(i: i32, first: i32, from: i32, normed: usize, upstream: usize): void {
  if (load<f32>(rowMaxima + bytes(i)) <= ABSENT) return;
  const row = (i as usize) * typeLine;
  const cells = (i as usize) * lineBytes();
  for (let offset: usize = 0; offset < bytes(types); offset += 4) {
    if (!(load<f32>(rowSums + row + offset) < SMALLEST_SUM)) continue;
    const shift = load<f32>(starts + ((first + i) as usize) * typeLine + offset) - load<f32>(normed + offset);
    const dy = load<f32>(upstream + offset);
    let sum: f32 = 0;
    for (let j = from; j < length; j++) {
      const slope = dy * exponential(cellOf(base + cells, j, offset) + shift, table);
      if (slope === 0) continue;
      const ending = endSlopes + (j as usize) * typeLine + offset;
      store<f32>(ending, load<f32>(ending) + slope);
      const cell = slopes + cells + bytes(j);
      store<f32>(cell, load<f32>(cell) + slope * scale);
      sum += slope;
    }
    store<f32>(startSlopes + row + offset, load<f32>(startSlopes + row + offset) + sum);
  }
}
