/**
 * Gradients of embedding tables that name the touched rows only.
 *
 * tfjs insists that a gradient has the shape of its variable, so the tape cannot carry one. Instead an optimizer
 * of this package opens a collector around the forward pass. Inside, `lookUpRows` depends, as far as the tape
 * can see, on the collector's scalar probe alone; its backward pass hands the rows' gradient to the collector and
 * a zero to the tape. The table itself never enters the tape, so nothing of its size is made.
 */
import * as tf from '@tensorflow/tfjs-core';

import type {Gradients, RowGradient, Update} from './gradients.js';
import {isTaping} from './taping.js';
import {readQuietly} from './watched_reads.js';

interface Lookup {
  table: tf.Variable;
  ids: tf.Tensor1D;
  /** Set by the backward pass; absent where the loss does not depend on the rows. */
  rows?: tf.Tensor2D;
}

type LookupWithRows = Required<Lookup>;

interface Collector {
  probe: tf.Variable;
  tables: ReadonlySet<string> | undefined;
  lookups: Lookup[];
}

let collector: Collector | undefined;
const warned = new Set<string>();

export const isRowGradient = (gradient: unknown): gradient is RowGradient =>
  typeof gradient === 'object' && gradient !== null && 'rows' in gradient && 'ids' in gradient;

/**
 * `table[ids]`, `[K, D]`. Under an optimizer of this package the gradient reaches it as rows; anywhere else it is
 * the ordinary dense gradient of `tf.gather`.
 *
 * @param ids int32 `[K]`.
 */
export function lookUpRows(table: tf.Variable, ids: tf.Tensor1D): tf.Tensor2D {
  const active = collector;
  const collects = active !== undefined && table.trainable && (active.tables?.has(table.name) ?? true);
  if (!collects) return gatherRows(table, ids);
  const lookup: Lookup = {table, ids: tf.keep(tf.clone(ids))};
  active.lookups.push(lookup);
  const gather = tf.customGrad(() => ({
    value: gatherRows(table, lookup.ids),
    gradFunc: (dy: tf.Tensor) => {
      lookup.rows = tf.keep(tf.clone(dy)) as tf.Tensor2D;
      return tf.scalar(0);
    },
  }));
  return gather(active.probe) as tf.Tensor2D;
}

/** The tape may hold the table; otherwise a lookup leaves nothing behind that shares its memory. */
export function gatherRows(table: tf.Tensor, ids: tf.Tensor1D): tf.Tensor2D {
  const gather = () => tf.gather(table, ids) as tf.Tensor2D;
  return isTaping() ? gather() : readQuietly(table, gather);
}

/** `tf.variableGrads`, with the tables that `lookUpRows` met as row gradients. */
export function gradientsWithRows(f: () => tf.Scalar, variables?: tf.Variable[]): Gradients {
  const outer = collector;
  const probe = tf.tidy(() => tf.variable(tf.scalar(0), true));
  const inner: Collector = {probe, tables: variables && new Set(variables.map(({name}) => name)), lookups: []};
  collector = inner;
  try {
    const trainable = variables?.some(variable => variable.trainable) ?? false;
    const {value, grads} = tf.variableGrads(f, trainable ? [...variables!, probe] : variables);
    grads[probe.name]?.dispose();
    delete grads[probe.name];
    return {value, updates: merge(grads, inner.lookups, variables)};
  } finally {
    collector = outer;
    probe.dispose();
    for (const {ids, rows} of inner.lookups) tf.dispose([ids, ...(rows ? [rows] : [])]);
  }
}

/** Updates in the order of `variables`, or of `grads` and then the tables. */
function merge(grads: tf.NamedTensorMap, lookups: readonly Lookup[], variables?: tf.Variable[]): Update[] {
  const registered = tf.engine().registeredVariables;
  const byTable = new Map<string, LookupWithRows[]>();
  for (const {table, ids, rows} of lookups) {
    if (rows === undefined) continue;
    byTable.set(table.name, [...(byTable.get(table.name) ?? []), {table, ids, rows}]);
  }
  const names = new Set(variables ? variables.map(({name}) => name) : [...Object.keys(grads), ...byTable.keys()]);
  return [...names].map(name => {
    const variable = registered[name];
    const dense = grads[name] ?? null;
    const rows = byTable.get(name);
    if (rows === undefined) return {variable, gradient: dense};
    if (dense === null) return {variable, gradient: concatRows(rows)};
    warnTied(name);
    const gradient = tf.tidy(() => tf.add(dense, toDense(concatRows(rows), variable.shape)));
    dense.dispose();
    return {variable, gradient};
  });
}

function warnTied(name: string): void {
  if (warned.has(name)) return;
  warned.add(name);
  console.warn(`${name} has a dense gradient besides its looked-up rows (tied weights?), so all of it is updated.`);
}

/** Several row gradients of one table after each other. */
export function concatRows(parts: readonly Pick<RowGradient, 'ids' | 'rows'>[]): RowGradient {
  if (parts.length === 1) return {ids: tf.clone(parts[0].ids), rows: tf.clone(parts[0].rows), distinct: false};
  return {ids: tf.concat(parts.map(({ids}) => ids)), rows: tf.concat(parts.map(({rows}) => rows)), distinct: false};
}

/** Every id once: repeats are added to the first occurrence, and their own slots become id −1 with zero rows. */
export function sumRepeatedRows(gradient: RowGradient): RowGradient {
  if (gradient.distinct) return gradient;
  const {ids, rows} = gradient;
  if (tf.getBackend() === 'tensorflow') return sumSegments(gradient);
  const position = tf.range(0, ids.size, 1, 'int32');
  const same = tf.equal(tf.expandDims(ids, 1), tf.expandDims(ids, 0)); // [K, K]
  const earlier = tf.greater(tf.expandDims(position, 1), tf.expandDims(position, 0));
  const repeats = tf.any(tf.logicalAnd(same, earlier), 1); // [K]
  const summed = tf.matMul(tf.cast(same, 'float32'), rows); // [K, D]
  return {
    ids: tf.where(repeats, tf.fill(ids.shape, -1, 'int32'), ids),
    rows: tf.mul(summed, tf.expandDims(tf.cast(tf.logicalNot(repeats), 'float32'), 1)) as tf.Tensor2D,
    distinct: true,
  };
}

/** Natively, and without gaps. */
function sumSegments({ids, rows}: RowGradient): RowGradient {
  const {values, indices} = tf.unique(ids);
  return {ids: values, rows: tf.unsortedSegmentSum(rows, indices as tf.Tensor1D, values.size), distinct: true};
}

/** The gradient as a tensor of the table's shape. */
export function toDense({ids, rows}: RowGradient, shape: number[]): tf.Tensor {
  return tf.unsortedSegmentSum(rows, tf.maximum(ids, tf.scalar(0, 'int32')), shape[0]); // rows of id −1 are zero
}
