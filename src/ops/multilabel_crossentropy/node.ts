/**
 * Where few classes are true, they are taken out and handled one by one on the host, and the rest is a softmax with
 * one exponential an element. Some rows at a time, about 2¹⁶ elements, so that what is in between stays in the cache:
 * a megabyte, where TensorFlow's ops over the whole would make some twenty tensors of the size of the logits. The pieces
 * of the gradient are written into one tensor, in place.
 */
import * as tf from '@tensorflow/tfjs-core';

import type {FusedKernel} from '../../internal/kernels.js';
import {ABSENT_BELOW} from '../../internal/numbers.js';
import {TensorflowOps} from '../../internal/tensorflow_ops.js';
import {listedCells} from './listed_cells.js';
import type {MultilabelAttrs, MultilabelGradientInputs, MultilabelInputs} from './name.js';

/** Elements in a piece. */
const PIECE = 2 ** 16;
/** True classes are few up to this many, or up to this share of all. */
const FEW = 2 ** 16;
const FEW_OF_ALL = 1 / 32;

/** Stands for a class that is not in the sum: its exponential is 0. */
const EXCLUDED = -1e12;

export const multilabelOnTensorflow: FusedKernel<MultilabelInputs, MultilabelAttrs> = {
  backend: 'tensorflow',
  unsupported: manyOrSoft,
  run: ({logits, labels}, attrs, backend) =>
    tf.tidy(() => {
      const pieces = new Pieces(logits as tf.Tensor2D, cellsOf(labels, logits, attrs, backend), attrs, backend);
      const [tops, sums] = pieces.negativeSums();
      const negative = tf.add(tops, tf.log(tf.add(sums, tf.exp(tf.neg(tops)))));
      return [tf.concat([negative, pieces.positiveLogs()], 1), pieces.cells];
    }),
};

export const multilabelGradientOnTensorflow: FusedKernel<MultilabelGradientInputs, MultilabelAttrs> = {
  backend: 'tensorflow',
  unsupported: ({cells}) => (cells === undefined ? 'the loss was composed' : undefined),
  run: ({dy, logits, logs, cells}, attrs, backend) =>
    tf.tidy(() => new Pieces(logits as tf.Tensor2D, cells as tf.Tensor2D, attrs, backend).gradient(dy, logs)),
};

/** `[P, 2]` int32: row and class of each true class, by rows; for `maskZero` without those of class 0. */
function cellsOf(labels: tf.Tensor, logits: tf.Tensor, attrs: MultilabelAttrs, backend: tf.KernelBackend): tf.Tensor2D {
  if (attrs.form === 'dense') return new TensorflowOps(backend).where(tf.greater(labels, halfOf(labels)));
  const [rows, listed] = labels.shape;
  const values = labels.dataSync();
  const cells: number[] = [];
  for (let row = 0; row < rows; row++) {
    const own = new Set(listedCells(values, attrs, row * listed, listed, logits.shape[1] as number));
    for (const column of own) cells.push(row, column);
  }
  return tf.tensor2d(cells, [cells.length / 2, 2], 'int32');
}

const halfOf = (labels: tf.Tensor): tf.Tensor => (labels.dtype === 'float32' ? tf.scalar(0.5) : tf.scalar(0, 'int32'));

/** First row, number of rows, and which of the true cells are theirs. */
interface Piece {
  begin: number;
  rows: number;
  from: number;
  to: number;
}

class Pieces {
  private readonly ops: TensorflowOps;
  private readonly pieces: Piece[] = [];
  /** Row and column of each true class, and its logit less the threshold. */
  private readonly positions: Int32Array;
  private readonly scores: Float32Array;

  constructor(
    private readonly logits: tf.Tensor2D,
    readonly cells: tf.Tensor2D,
    private readonly attrs: MultilabelAttrs,
    backend: tf.KernelBackend,
  ) {
    this.ops = new TensorflowOps(backend);
    this.positions = cells.dataSync() as Int32Array;
    this.scores = tf.tidy(() => tf.sub(tf.gatherND(logits, cells), attrs.threshold).dataSync()) as Float32Array;
    const [rows, classes] = logits.shape;
    const most = Math.max(1, Math.floor(PIECE / classes));
    for (let begin = 0, from = 0; begin < rows; begin += most) {
      const end = Math.min(begin + most, rows);
      let to = from;
      while (2 * to < this.positions.length && this.positions[2 * to] < end) to++;
      this.pieces.push({begin, rows: end - begin, from, to});
      from = to;
    }
  }

  /** The largest exponents of the false classes, at least 0, and Σ exp(s − largest); both `[R, 1]`. */
  negativeSums(): tf.Tensor[] {
    const {threshold} = this.attrs;
    const axis = tf.tensor1d([1], 'int32');
    const reduce = (name: 'Max' | 'Sum', x: tf.Tensor) =>
      this.ops.run(name, [x, axis], {T: 'float32', Tidx: 'int32', keep_dims: true});
    const sums = this.pieces.map(piece =>
      tf.tidy(() => {
        const falses = this.put(this.rows(piece), piece, () => EXCLUDED, EXCLUDED);
        const top = reduce('Max', falses);
        const largest = tf.relu(threshold === 0 ? top : tf.sub(top, threshold));
        const shift = threshold === 0 ? largest : tf.add(largest, threshold);
        return [largest, reduce('Sum', this.ops.run('Exp', [this.ops.sub(falses, shift)]))];
      }),
    );
    return [0, 1].map(i => tf.concat(sums.map(pair => pair[i])));
  }

  /** log(1 + Σ exp(−s)) over the true classes, `[R, 1]`. */
  positiveLogs(): tf.Tensor {
    const [rows] = this.logits.shape;
    const bottoms = new Float64Array(rows);
    this.eachTrue((row, score) => {
      bottoms[row] = Math.min(bottoms[row], score);
    });
    const sums = bottoms.map(Math.exp); // the 1 is exp(0)
    this.eachTrue((row, score) => {
      sums[row] += Math.exp(bottoms[row] - score);
    });
    return tf.tensor2d(
      Float32Array.from(sums, (sum, row) => Math.log(sum) - bottoms[row]),
      [rows, 1],
    );
  }

  gradient(dy: tf.Tensor, logs: tf.Tensor): tf.Tensor {
    const slopes = this.split(tf.expandDims(dy, 1));
    const shifts = this.split(tf.add(tf.slice(logs, [0, 0], [-1, 1]), this.attrs.threshold));
    const ofTrue = this.gradientOfTrue(dy.dataSync() as Float32Array, logs.dataSync() as Float32Array);
    const compute = (piece: Piece, i: number): tf.Tensor => {
      const shares = tf.tidy(() => this.ops.run('Exp', [this.ops.sub(this.rows(piece), shifts[i])]));
      const all = this.ops.mul(shares, slopes[i]);
      shares.dispose();
      return this.put(all, piece, index => ofTrue[index], 0);
    };
    return this.pieces.length === 1 ? compute(this.pieces[0], 0) : this.assemble(compute);
  }

  /** −dy exp(−s) / (1 + Σ exp(−s)) of each true class. */
  private gradientOfTrue(dy: Float32Array, logs: Float32Array): Float32Array {
    const values = new Float32Array(this.scores.length);
    this.eachTrue((row, score, index) => {
      values[index] = -dy[row] * Math.exp(-score - logs[2 * row + 1]);
    });
    return values;
  }

  private eachTrue(visit: (row: number, score: number, index: number) => void): void {
    for (const [index, score] of this.scores.entries()) {
      const [row, column] = [this.positions[2 * index], this.positions[2 * index + 1]];
      if (score < ABSENT_BELOW || (this.attrs.maskZero && column === 0)) continue;
      visit(row, score, index);
    }
  }

  /** `[R, ...]` by pieces. */
  private split(x: tf.Tensor): tf.Tensor[] {
    const sizes = this.pieces.map(({rows}) => rows);
    return tf.split(x, sizes, 0);
  }

  private rows({begin, rows}: Piece): tf.Tensor {
    return tf.slice(this.logits, [begin, 0], [rows, this.logits.shape[1]]);
  }

  /** `rows` with other numbers at the true classes, and at class 0 where it takes no part. */
  private put(
    rows: tf.Tensor,
    {begin, rows: count, from, to}: Piece,
    ofTrue: (index: number) => number,
    ofZero: number,
  ) {
    const firsts = this.attrs.maskZero ? count : 0;
    const size = to - from + firsts;
    if (size === 0) return rows;
    const [cells, values] = [new Int32Array(2 * size), new Float32Array(size)];
    for (let index = from; index < to; index++) {
      cells[2 * (index - from)] = this.positions[2 * index] - begin;
      cells[2 * (index - from) + 1] = this.positions[2 * index + 1];
      values[index - from] = ofTrue(index);
    }
    for (let i = 0; i < firsts; i++) {
      cells[2 * (to - from + i)] = i;
      values[to - from + i] = ofZero;
    }
    const inputs = [rows, tf.tensor2d(cells, [size, 2], 'int32'), tf.tensor1d(values)];
    return this.ops.run('TensorScatterUpdate', inputs, {T: 'float32', Tindices: 'int32'});
  }

  /** The pieces as one tensor, of which only one piece at a time exists beside it. */
  private assemble(compute: (piece: Piece, i: number) => tf.Tensor): tf.Tensor {
    const {shape} = this.logits;
    const whole = this.ops.run('Empty', [tf.tensor1d(shape, 'int32')], {dtype: 'float32', init: false});
    const rows = this.split(tf.range(0, shape[0], 1, 'int32'));
    for (const [i, piece] of this.pieces.entries()) {
      tf.tidy(() => {
        this.ops.run('InplaceUpdate', [whole, rows[i], compute(piece, i)]); // shares the memory of its first input
      });
    }
    return whole;
  }
}

/** Σ t² = Σ t only for labels of 0 and 1. Reading back is free of waiting on this backend. */
function manyOrSoft({labels, logits}: MultilabelInputs, {form}: MultilabelAttrs): string | undefined {
  if (form !== 'dense') return undefined;
  const [sum, squares] = tf.tidy(() => {
    if (labels.dtype === 'float32') {
      const ops = new TensorflowOps(tf.backend());
      return [tf.sum(labels).dataSync()[0], 2 * ops.run('L2Loss', [labels]).dataSync()[0]];
    }
    const count = tf.sum(tf.cast(tf.greater(labels, 0), 'float32')).dataSync()[0];
    return [count, count];
  });
  if (sum !== squares) return 'labels other than 0 and 1';
  return sum > Math.max(FEW, logits.size * FEW_OF_ALL) ? 'many true classes' : undefined;
}
