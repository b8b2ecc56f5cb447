/**
 * Row by row in loops over typed arrays: the largest exponents and the two sums, or the shares. Listed labels become a
 * row of marks that is wiped after use. Reads 4 (listed) or 8 bytes an element, the second time from cache; the
 * gradient reads once and writes 4.
 */
import {fastExp} from '../../internal/fast_exp.js';
import type {HostArray, HostKernel} from '../../internal/host_kernels.js';
import {ABSENT_BELOW} from '../../internal/numbers.js';
import {listedCells} from './listed_cells.js';
import type {MultilabelAttrs, MultilabelGradientInputs, MultilabelInputs} from './name.js';

export const multilabelOnHost: HostKernel<MultilabelInputs, MultilabelAttrs> = {
  outputShapes: ({logits}) => [[logits.shape[0], 2]],
  compute: ({logits, labels}, [logs], attrs, shapes) => {
    for (const row of rowsOf(logits, labels, attrs, shapes.logits, shapes.labels)) {
      [logs[2 * row.index], logs[2 * row.index + 1]] = logPartitions(row);
    }
  },
};

export const multilabelGradientOnHost: HostKernel<MultilabelGradientInputs, MultilabelAttrs> = {
  outputShapes: ({logits}) => [logits.shape],
  compute: ({dy, logits, labels, logs}, [gradient], attrs, shapes) => {
    const classes = shapes.logits[1];
    for (const row of rowsOf(logits, labels, attrs, shapes.logits, shapes.labels)) {
      if (attrs.maskZero) gradient[row.index * classes] = 0;
      writeGradient(row, dy[row.index], logs, gradient);
    }
  },
};

/** Where a row's numbers lie. */
interface Row {
  index: number;
  logits: HostArray;
  /** Degrees t of the row. */
  labels: HostArray;
  /** The row is `logits[begin … end)`; the class at `i` has the label `labels[i + toLabel]`. */
  begin: number;
  end: number;
  toLabel: number;
  threshold: number;
}

function* rowsOf(
  logits: HostArray,
  labels: HostArray,
  attrs: MultilabelAttrs,
  [rows, classes]: number[],
  labelShape: number[],
): Generator<Row> {
  const {form, maskZero, threshold} = attrs;
  const first = maskZero ? 1 : 0;
  const marks = form === 'dense' ? undefined : new Float32Array(classes);
  for (let index = 0; index < rows; index++) {
    const begin = index * classes;
    const row = {index, logits, begin: begin + first, end: begin + classes, threshold};
    if (marks === undefined) {
      yield {...row, labels, toLabel: 0};
      continue;
    }
    const cells = listedCells(labels, attrs, index * labelShape[1], labelShape[1], classes);
    for (const cell of cells) marks[cell] = 1;
    yield {...row, labels: marks, toLabel: -begin};
    for (const cell of cells) marks[cell] = 0;
  }
}

/** [log(1 + Σ (1 − t) exp(s)), log(1 + Σ t exp(−s))] */
function logPartitions({logits, labels, begin, end, toLabel, threshold}: Row): [number, number] {
  let top = 0;
  let bottom = 0; // the 1 is exp(0)
  for (let i = begin; i < end; i++) {
    const s = logits[i] - threshold;
    const t = labels[i + toLabel];
    if (t < 1 && s > top) top = s;
    if (t > 0 && s < bottom && !(s < ABSENT_BELOW)) bottom = s;
  }
  let negative = Math.exp(-top);
  let positive = Math.exp(bottom);
  for (let i = begin; i < end; i++) {
    const s = logits[i] - threshold;
    const t = labels[i + toLabel];
    if (t <= 0) {
      negative += fastExp(s - top);
    } else if (!(s < ABSENT_BELOW)) {
      if (t < 1) negative += (1 - t) * fastExp(s - top);
      positive += Math.min(t, 1) * fastExp(bottom - s);
    }
  }
  return [top + Math.log(negative), Math.log(positive) - bottom];
}

function writeGradient(row: Row, dy: number, logs: HostArray, gradient: Float32Array): void {
  const {index, logits, labels, begin, end, toLabel, threshold} = row;
  const [negative, positive] = [logs[2 * index], logs[2 * index + 1]];
  for (let i = begin; i < end; i++) {
    const s = logits[i] - threshold;
    const t = labels[i + toLabel];
    if (t <= 0) {
      gradient[i] = dy * fastExp(s - negative);
    } else if (s < ABSENT_BELOW) {
      gradient[i] = 0;
    } else {
      const share = t < 1 ? (1 - t) * fastExp(s - negative) : 0;
      gradient[i] = dy * (share - Math.min(t, 1) * fastExp(-s - positive));
    }
  }
}
