/**
 * Attention on the memory of `wasm`, and on copies in a memory of our own on `cpu`: assembly/attention.ts, one head
 * after another.
 *
 * Memory: the outputs and, for the moment, packed copies of one head and 32 rows of its scores; nothing of size T·S
 * but masks that were given so.
 */
import * as tf from '@tensorflow/tfjs-core';

import {mix} from '../../internal/counter_random.js';
import type {FusedKernel} from '../../internal/kernels.js';
import {attentionModule} from '../../internal/simd/modules/attention.js';
import {runSimd, simdInstructions, whyNotSimd} from '../../internal/simd/run.js';
import type {Workspace} from '../../internal/simd/workspace.js';
import {dropThreshold} from '../counter_dropout/reference.js';
import type {AttentionAttrs, AttentionGradientInputs, AttentionInputs} from './name.js';
import type {AttentionPlan} from './options.js';
import {spread, zeroOrOne} from './visibility.js';

/** The exports of assembly/attention.ts. */
interface AttentionFunctions {
  configure(...numbers: number[]): void;
  forwardScratch(): number;
  forward(...addresses: number[]): void;
  backwardScratch(): number;
  backward(...addresses: number[]): void;
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
      return runSimd<AttentionFunctions>(attentionModule, backend, (functions, space) => {
        const heads = new Heads(inputs, masks, plan, functions, space);
        const output = space.make([...q.shape.slice(0, -1), v.shape[v.rank - 1]]);
        const norm = space.make(q.shape.slice(0, -1));
        const scratch = space.scratch(functions.forwardScratch());
        heads.forEach((common, at) => {
          functions.forward(...common, output + at.values, norm + at.rows, scratch);
        });
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
      return runSimd<AttentionFunctions>(attentionModule, backend, (functions, space) => {
        const heads = new Heads(inputs, masks, plan, functions, space);
        const [outputs, norms, dOutputs] = [output, norm, dy].map(x => space.read(x));
        const dq = space.make(q.shape);
        const [dk, dv] = [k, v].map(({shape}) => space.zeros(shape));
        const dBias = masks.bias && new Placed(space.zeros(masks.bias.shape), masks.bias.shape, q.rank);
        const scratch = space.scratch(functions.backwardScratch());
        heads.forEach((common, at, sample, head) => {
          const written = [dq + at.queries, dk + at.keys, dv + at.keyValues, ...placeOf(dBias, sample, head)];
          functions.backward(
            ...common,
            outputs + at.values,
            norms + at.rows,
            dOutputs + at.values,
            ...written,
            scratch,
          );
        });
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

/** The heads of a call, whose common settings are configured. */
class Heads {
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
    {configure}: AttentionFunctions,
    space: Workspace,
  ) {
    const [queries, size] = q.shape.slice(-2);
    const [keys, channels] = v.shape.slice(-2);
    this.samples = q.shape[0];
    this.heads = q.rank === 3 ? 1 : q.shape[1]!;
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
    configure(queries, keys, size, channels, ...flags, scale, ...tables, ...dropout);
  }

  /** Calls `run` with what both functions take first, and where the head's parts of other tensors begin. */
  forEach(run: (common: number[], at: Offsets, sample: number, head: number) => void): void {
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
        run([q + at.queries, k + at.keys, v + at.keyValues, ...masks, firstWeight], at, sample, head);
      }
    }
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
