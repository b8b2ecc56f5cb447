/**
 * Where few classes are true, they are handled one by one on the host, and the rest is a softmax with one exponential
 * an element. The logits are gone through in pieces of some rows, which share their memory, so that what is in between
 * stays in the cache and is a megabyte or two, where TensorFlow's ops over the whole would make some twenty tensors of
 * the size of the logits. The gradient is made in place of one.
 */
import * as tf from '@tensorflow/tfjs-core';

import type {FusedKernel} from '../../internal/kernels.js';
import {ABSENT_BELOW} from '../../internal/numbers.js';
import {pieceSizes} from '../../internal/row_pieces.js';
import {TensorflowOps} from '../../internal/tensorflow_ops.js';
import type {MultilabelAttrs, MultilabelGradientInputs, MultilabelInputs} from './name.js';
import {softGradient, softLogs} from './soft_rows.js';
import {trueCells} from './true_cells.js';

/** Exponentials of logits up to this can be summed by the billion. */
const SUMMABLE = 60;

/** Shifts up to this keep the logits' digits: the spacing of float32 there is 4e-6. */
const SMALL_SHIFT = 64;

/** Stands for a class that is not in the sum: its exponential is 0. */
const EXCLUDED = -1e12;

export const multilabelOnTensorflow: FusedKernel<MultilabelInputs, MultilabelAttrs> = {
  backend: 'tensorflow',
  run: ({logits, labels}, attrs, backend) =>
    tf.tidy(() => {
      const cells = trueCells(labels, logits.shape[1] as number, attrs);
      if (cells === undefined) return softLogs({logits, labels}, attrs, backend);
      const rows = new Rows(logits as tf.Tensor2D, cells, attrs, backend);
      return [rows.logs(), tf.tensor1d(cells, 'int32')];
    }),
};

export const multilabelGradientOnTensorflow: FusedKernel<MultilabelGradientInputs, MultilabelAttrs> = {
  backend: 'tensorflow',
  run: ({dy, logits, labels, logs, cells}, attrs, backend) =>
    tf.tidy(() => {
      if (cells === undefined) return softGradient({dy, logits, labels, logs}, attrs, backend);
      const listed = cells.dataSync() as Int32Array;
      const rows = new Rows(logits as tf.Tensor2D, listed, attrs, backend);
      return rows.gradient(dy.dataSync() as Float32Array, logs.dataSync() as Float32Array);
    }),
};

class Rows {
  private readonly ops: TensorflowOps;
  private readonly rows: number;
  private readonly classes: number;
  private readonly sizes: number[];
  /** The logit of each true class, less the threshold. */
  private readonly scores: Float32Array;

  /** @param cells `row · C + class` of each true class, by rows. */
  constructor(
    private readonly logits: tf.Tensor2D,
    private readonly cells: Int32Array,
    private readonly attrs: MultilabelAttrs,
    backend: tf.KernelBackend,
  ) {
    this.ops = new TensorflowOps(backend);
    [this.rows, this.classes] = logits.shape;
    this.sizes = pieceSizes(this.rows, this.classes);
    this.scores = tf.tidy(() => {
      const own = tf.gather(this.ops.reshape(logits, [logits.size]), tf.tensor1d(cells, 'int32'));
      return tf.sub(own, attrs.threshold).dataSync();
    }) as Float32Array;
  }

  /** Of the negative and of the positive classes, `[R, 2]`. */
  logs(): tf.Tensor2D {
    const [negative, positive] = [this.negativeLogs(), this.positiveLogs()];
    const both = Float32Array.from({length: 2 * this.rows}, (_, i) => (i % 2 === 0 ? negative : positive)[i >> 1]);
    return tf.tensor2d(both, [this.rows, 2]);
  }

  /** log(1 + Σ exp(s)) over the false classes. */
  private negativeLogs(): Float64Array {
    const logs = new Float64Array(this.rows);
    const tops = tf.max(this.logits, 1).dataSync();
    const isNear = Math.abs(this.attrs.threshold) < SUMMABLE / 2;
    this.eachPiece(this.logits, (piece, begin, count) => {
      const summable = isNear && tops.subarray(begin, begin + count).every(top => top < SUMMABLE);
      logs.set(summable ? this.logsOfSums(piece, begin, count) : this.shiftedLogs(piece, begin, count), begin);
    });
    return logs;
  }

  private logsOfSums(piece: tf.Tensor, begin: number, count: number): Float64Array {
    const {threshold} = this.attrs;
    const exponentials = this.ops.run('Exp', [piece]);
    const falses = this.cellsWithin(begin, count);
    this.put(exponentials, falses, new Float32Array(falses.length));
    const sums = this.reduce('Sum', exponentials).dataSync();
    return Float64Array.from(sums, sum => Math.log1p(sum * Math.exp(-threshold)));
  }

  /** The same of logits whose exponentials overflow. */
  private shiftedLogs(piece: tf.Tensor, begin: number, count: number): Float64Array {
    const {threshold} = this.attrs;
    const excluded = this.cellsWithin(begin, count);
    const falses = this.ops.add(piece, 0); // a copy
    this.put(falses, excluded, new Float32Array(excluded.length).fill(EXCLUDED));
    const tops = Float64Array.from(this.reduce('Max', falses).dataSync(), top => Math.max(0, top - threshold));
    const shifts = tf.tensor2d(
      Float32Array.from(tops, top => top + threshold),
      [count, 1],
    );
    const sums = this.reduce('Sum', this.ops.run('Exp', [this.ops.sub(falses, shifts)])).dataSync();
    return Float64Array.from(tops, (top, i) => top + Math.log(sums[i] + Math.exp(-top)));
  }

  /** log(1 + Σ exp(−s)) over the true classes. */
  private positiveLogs(): Float64Array {
    const bottoms = new Float64Array(this.rows);
    this.eachTrue((row, score) => {
      bottoms[row] = Math.min(bottoms[row], score);
    });
    const sums = bottoms.map(Math.exp); // the 1 is exp(0)
    this.eachTrue((row, score) => {
      sums[row] += Math.exp(bottoms[row] - score);
    });
    return sums.map((sum, row) => Math.log(sum) - bottoms[row]);
  }

  /** dy · exp(s) / (1 + Σ exp(s)) of the false classes, −dy · exp(−s) / (1 + Σ exp(−s)) of the true. */
  gradient(dy: Float32Array, logs: Float32Array): tf.Tensor {
    const shifts = Float32Array.from(dy, (_, row) => logs[2 * row] + this.attrs.threshold);
    const isJoined = dy.every((slope, row) => slope > 0 && Math.abs(shifts[row] - Math.log(slope)) < SMALL_SHIFT);
    if (isJoined) for (const [row, slope] of dy.entries()) shifts[row] -= Math.log(slope);
    const whole = this.ops.sub(this.logits, tf.tensor2d(shifts, [this.rows, 1]));
    this.eachPiece(whole, (piece, begin, count) => {
      const shares = this.ops.run('Exp', [piece]);
      const slopes = () => tf.tensor2d(dy.subarray(begin, begin + count), [count, 1]);
      const rows = Int32Array.from({length: count}, (_, i) => begin + i);
      this.ops.overwrite(whole, rows, isJoined ? shares : this.ops.mul(shares, slopes()));
    });
    const values = new Float32Array(this.cells.length);
    this.eachTrue((row, score, index) => {
      values[index] = -dy[row] * Math.exp(-score - logs[2 * row + 1]);
    });
    const firsts = this.firstClasses(0, this.rows);
    this.put(whole, this.cells, values);
    this.put(whole, firsts, new Float32Array(firsts.length));
    return whole;
  }

  private eachTrue(visit: (row: number, score: number, index: number) => void): void {
    for (const [index, score] of this.scores.entries()) {
      const [row, column] = [Math.floor(this.cells[index] / this.classes), this.cells[index] % this.classes];
      if (score < ABSENT_BELOW || (this.attrs.maskZero && column === 0)) continue;
      visit(row, score, index);
    }
  }

  private eachPiece(x: tf.Tensor, visit: (piece: tf.Tensor, begin: number, count: number) => void): void {
    let begin = 0;
    this.ops.eachPart(x, this.sizes, piece => {
      visit(piece, begin, piece.shape[0]);
      begin += piece.shape[0];
    });
  }

  /** Where in rows `begin` to `begin + count` the false classes are not, from the first of those rows on. */
  private cellsWithin(begin: number, count: number): Int32Array {
    const [from, to] = [begin, begin + count].map(row => this.firstCell(row * this.classes));
    const firsts = this.firstClasses(begin, count);
    const all = new Int32Array(to - from + firsts.length);
    all.set(this.cells.subarray(from, to));
    all.set(firsts, to - from);
    return all.map(cell => cell - begin * this.classes);
  }

  /** Class 0 of each of these rows, where it takes no part. */
  private firstClasses(begin: number, count: number): Int32Array {
    return new Int32Array(this.attrs.maskZero ? count : 0).map((_, i) => (begin + i) * this.classes);
  }

  /** The first of `cells` that is not below `bound`. */
  private firstCell(bound: number): number {
    let [low, high] = [0, this.cells.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.cells[middle] < bound) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Writes single numbers into a result of ours. */
  private put(x: tf.Tensor, cells: Int32Array, values: Float32Array): void {
    if (cells.length === 0) return;
    this.ops.overwrite(this.ops.reshape(x, [x.size]), cells, tf.tensor1d(values));
  }

  private reduce(name: 'Max' | 'Sum', x: tf.Tensor): tf.Tensor {
    return this.ops.run(name, [x, tf.tensor1d([1], 'int32')], {T: 'float32', Tidx: 'int32', keep_dims: true});
  }
}
