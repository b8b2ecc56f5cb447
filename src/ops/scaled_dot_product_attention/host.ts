/**
 * Attention on the memory of `wasm`, and on copies in a memory of our own on `cpu`: assembly/attention.ts, on
 * all threads there are: backward one head after another, forward some queries of one after others.
 *
 * Memory: the outputs and, for the moment, packed copies of one head and 32 rows of its scores; nothing of size T·S
 * but masks that were given so.
 */
import * as tf from '@tensorflow/tfjs-core';

import {mix} from '../../internal/counter_random.js';
import type {FusedKernel} from '../../internal/kernels.js';
import {attentionModule} from '../../internal/simd/modules/attention.js';
import {runSimd, simdInstructions, whyNotSimd} from '../../internal/simd/run.js';
import type {Runner} from '../../internal/simd/runner.js';
import type {Workspace} from '../../internal/simd/workspace.js';
import {dropThreshold} from '../counter_dropout/reference.js';
import type {AttentionAttrs, AttentionGradientInputs, AttentionInputs} from './name.js';
import type {AttentionPlan} from './options.js';
import {spread, zeroOrOne} from './visibility.js';

/** The exports of assembly/attention.ts. */
interface AttentionFunctions {
  forwardScratch(): number;
  backwardScratch(): number;
}

type HostKernel<I extends AttentionInputs> = Omit<FusedKernel<I, AttentionAttrs>, 'backend'>;

/** The second output is the logarithm of each row's sum of exponentials, `[..., T]`; 0 for relu². */
export const attentionOnHost: HostKernel<AttentionInputs> = {
  unsupported: whyNot,
  form: simdInstructions,
  run: (inputs, {context: {plan}}, backend) =>
    tf.tidy((): never => {
      const masks = masksOf(inputs);
      const {q, v} = inputs;
      return runSimd<AttentionFunctions>(attentionModule, backend, (functions, space, runner) => {
        const heads = new Heads(inputs, masks, plan, runner, space);
        const output = space.make([...q.shape.slice(0, -1), v.shape[v.rank - 1]]);
        const norm = space.make(q.shape.slice(0, -1));
        const ranges = rangesOf(q.shape[q.rank - 2], runner.parts(heads.work) / heads.count);
        const calls = heads.map((common, at) =>
          ranges.map(range => [...common, output + at.values, norm + at.rows, ...range]),
        );
        runner.run('forward', calls.flat(), functions.forwardScratch(), heads.work);
      }) as never;
    }),
};

/** `[dq, dk, dv]`, and the gradient of a float bias, in its shape or one to be summed to it. */
export const attentionGradientOnHost: HostKernel<AttentionGradientInputs> = {
  unsupported: whyNot,
  form: simdInstructions,
  run: (inputs, {context: {plan}}, backend) =>
    tf.tidy((): never => {
      const masks = masksOf(inputs);
      const {q, k, v, dy, output, norm} = inputs;
      return runSimd<AttentionFunctions>(attentionModule, backend, (functions, space, runner) => {
        const heads = new Heads(inputs, masks, plan, runner, space);
        const [outputs, norms, dOutputs] = [output, norm, dy].map(x => space.read(x));
        const dq = space.make(q.shape);
        const [dk, dv] = [k, v].map(({shape}) => space.zeros(shape));
        const dBias = masks.bias && new Placed(space.zeros(masks.bias.shape), masks.bias.shape, q.rank);
        const calls = heads.map((common, at, sample, head) => {
          const read = [outputs + at.values, norms + at.rows, dOutputs + at.values];
          return [
            ...common,
            ...read,
            dq + at.queries,
            dk + at.keys,
            dv + at.keyValues,
            ...placeOf(dBias, sample, head),
          ];
        });
        // what several heads add to is one thread's
        const isShared = masks.bias !== undefined && masks.bias.size < heads.weights;
        runner.run('backward', calls, functions.backwardScratch(), isShared ? 0 : 2 * heads.work);
      }) as never;
    }),
};

function whyNot(inputs: AttentionInputs, {context: {plan}}: AttentionAttrs): string | undefined {
  const {q, k, v, mask, allowed, floatBias} = inputs;
  if ([q, k, v, mask, allowed, floatBias].some(x => x?.size === 0)) return 'an empty tensor';
  if ([q, k, v].some(({dtype}) => dtype !== 'float32')) return 'q, k and v other than float32';
  if (dropThreshold(plan.dropoutRate) === 2 ** 32) return 'a dropout rate that rounds to 1';
  return whyNotSimd(attentionModule, tf.backend());
}

interface Masks {
  /** `[B, S]`, 0 or 1. */
  mask?: tf.Tensor;
  /** Broadcastable to the scores but for its last axis, S; 0 or 1. */
  allowed?: tf.Tensor;
  /** The same of the float bias. */
  bias?: tf.Tensor;
}

function masksOf({k, mask, allowed, floatBias}: AttentionInputs): Masks {
  const keys = k.shape[k.rank - 2];
  return {
    mask: mask && zeroOrOne(mask),
    allowed: allowed && spread(zeroOrOne(allowed), keys),
    bias: floatBias && spread(tf.cast(floatBias, 'float32'), keys),
  };
}

const BYTES = 4;

/** An operand `[B, H, T, S]`, or `[B, T, S]`, of which sides may be 1 or missing. */
class Placed {
  readonly row: number;
  private readonly head: number;
  private readonly sample: number;

  constructor(
    private readonly address: number,
    shape: readonly number[],
    rank: number,
  ) {
    const full = [...Array(rank - shape.length).fill(1), ...shape];
    if (rank === 3) full.splice(1, 0, 1);
    const strides = [...tf.util.computeStrides(full), 1].map((stride, axis) => (full[axis] === 1 ? 0 : stride * BYTES));
    [this.sample, this.head, this.row] = strides;
  }

  at(sample: number, head: number): number {
    return this.address + sample * this.sample + head * this.head;
  }
}

/** The operand's part for a head, and the bytes from row to row of it. */
const placeOf = (operand: Placed | undefined, sample: number, head: number): [number, number] =>
  operand === undefined ? [0, 0] : [operand.at(sample, head), operand.row];

/** Bytes before a head's part of a tensor. */
interface Offsets {
  queries: number;
  keys: number;
  keyValues: number;
  values: number;
  rows: number;
}

/** Queries of a part, or a multiple of it: keys and values are packed for each anew. */
const PART = 128;

/** Queries from and to, in so many parts or fewer. */
function rangesOf(queries: number, parts: number): [from: number, to: number][] {
  const size = parts <= 1 ? queries : Math.ceil(queries / parts / PART) * PART;
  return Array.from({length: Math.ceil(queries / size)}, (_, i) => [i * size, Math.min(queries, (i + 1) * size)]);
}

/** The heads of a call, whose common settings are configured. */
class Heads {
  readonly count: number;
  /** How many weights there are. */
  readonly weights: number;
  /** Multiply-adds of the forward pass. */
  readonly work: number;
  private readonly samples: number;
  private readonly heads: number;
  private readonly sides: {queries: number; keys: number; size: number; channels: number};
  private readonly operands: number[];
  private readonly mask: number;
  private readonly allowed?: Placed;
  private readonly bias?: Placed;

  constructor(
    {q, k, v}: AttentionInputs,
    {mask, allowed, bias}: Masks,
    plan: AttentionPlan,
    runner: Runner,
    space: Workspace,
  ) {
    const [queries, size] = q.shape.slice(-2);
    const [keys, channels] = v.shape.slice(-2);
    this.samples = q.shape[0];
    this.heads = q.rank === 3 ? 1 : q.shape[1]!;
    this.count = this.samples * this.heads;
    this.weights = this.count * queries * keys;
    this.work = (this.weights * (size + channels)) / (plan.causal ? 2 : 1);
    this.sides = {queries, keys, size, channels};
    this.operands = [q, k, v].map(x => space.read(x));
    this.mask = mask === undefined ? 0 : space.read(mask);
    this.allowed = allowed && new Placed(space.read(allowed), allowed.shape, q.rank);
    this.bias = bias && new Placed(space.read(bias), bias.shape, q.rank);
    const {causal, normalization, scale, dropoutRate, seed} = plan;
    const tables = [factorsOf(plan, keys), sharesOf(plan, keys)].map(table =>
      table === undefined ? 0 : space.write(table),
    );
    const dropout = [mix(seed), dropThreshold(dropoutRate), 1 / (1 - dropoutRate)];
    const flags = [Number(causal), Number(normalization === 'squaredRelu')];
    runner.configure(queries, keys, size, channels, ...flags, scale, ...tables, ...dropout);
  }

  /** `make` of what both functions take first, and of where the head's parts of other tensors begin, for each head. */
  map<T>(make: (common: number[], at: Offsets, sample: number, head: number) => T): T[] {
    const made: T[] = [];
    const {queries, keys, size, channels} = this.sides;
    const [q, k, v] = this.operands;
    for (let sample = 0, n = 0; sample < this.samples; sample++) {
      const mask = this.mask === 0 ? 0 : this.mask + sample * keys * BYTES;
      for (let head = 0; head < this.heads; head++, n++) {
        const rows = n * queries * BYTES;
        const at = {
          queries: rows * size,
          keys: n * keys * size * BYTES,
          keyValues: n * keys * channels * BYTES,
          values: rows * channels,
          rows,
        };
        const masks = [mask, ...placeOf(this.allowed, sample, head), ...placeOf(this.bias, sample, head)];
        const firstWeight = (n * queries * keys) | 0;
        made.push(make([q + at.queries, k + at.keys, v + at.keyValues, ...masks, firstWeight], at, sample, head));
      }
    }
    return made;
  }
}

/** ln max(n, minLength) / ln lengthBase for each number of visible keys. */
function factorsOf({normalization, minLength, lengthBase}: AttentionPlan, keys: number): Float32Array | undefined {
  if (normalization !== 'softmaxPlus') return undefined;
  return Float32Array.from({length: keys + 1}, (_, n) => Math.log(Math.max(n, minLength)) / Math.log(lengthBase));
}

/** 1/n for each number of visible keys, or the fixed one. */
function sharesOf({normalization, lengthNorm}: AttentionPlan, keys: number): Float32Array | undefined {
  if (normalization !== 'squaredRelu') return undefined;
  return Float32Array.from({length: keys + 1}, (_, n) => 1 / (lengthNorm === 'row' ? Math.max(1, n) : lengthNorm));
}
