/**
 * The loss of spans without their scores on the memory of `wasm`, and on copies in a memory of our own on `cpu`:
 * assembly/span_loss.ts, one type after another, on all threads there are. Memory is that of the gradients and, for the
 * moment and for each thread, packed keys of one type and 32 rows of its scores; blocks below the diagonal are skipped
 * where spans may not end before they start.
 */
import * as tf from '@tensorflow/tfjs-core';

import type {FusedKernel} from '../../internal/kernels.js';
import {spanLossModule} from '../../internal/simd/modules/span_loss.js';
import {runSimd, simdInstructions, whyNotSimd} from '../../internal/simd/run.js';
import type {Runner} from '../../internal/simd/runner.js';
import type {Workspace} from '../../internal/simd/workspace.js';
import type {SpanAttrs, SpanGradientInputs, SpanInputs} from './name.js';

/** The exports of assembly/span_loss.ts. */
interface SpanFunctions {
  spanScratch(): number;
}

const BYTES = 4;
/** Bytes of a vector; rows of a mask are read in these. */
const VECTOR = 16;

/** `[loss, logs]`. */
export const spanCrossentropyOnHost: Omit<FusedKernel<SpanInputs, SpanAttrs>, 'backend'> = {
  unsupported: whyNot,
  form: simdInstructions,
  run: (inputs, attrs, backend) =>
    tf.tidy((): never => {
      const [batch, heads] = inputs.q.shape;
      const operands = operandsOf(inputs);
      const logs = runSimd<SpanFunctions>(spanLossModule, backend, ({spanScratch}, space, runner) => {
        const types = new Types(inputs, operands, attrs, runner, space);
        const written = space.make([batch, heads!, 2]);
        const calls = types.map((common, type) => [...common, written + 2 * type * BYTES]);
        runner.run('spanLoss', calls, spanScratch(), types.work);
      })[0];
      const kept = tf.engine().makeTensorFromTensorInfo(logs);
      return [tf.sum(kept, 2), kept] as never;
    }),
};

/** `[dq, dk]`. */
export const spanGradientOnHost: Omit<FusedKernel<SpanGradientInputs, SpanAttrs>, 'backend'> = {
  unsupported: whyNot,
  form: simdInstructions,
  run: (inputs, attrs, backend) =>
    tf.tidy((): never => {
      const {q, k, dy, logs} = inputs;
      const operands = operandsOf(inputs);
      const slopes = dy.dataSync();
      return runSimd<SpanFunctions>(spanLossModule, backend, ({spanScratch}, space, runner) => {
        const types = new Types(inputs, operands, attrs, runner, space);
        const norms = space.read(logs);
        const [dq, dk] = [space.make(q.shape), space.zeros(k.shape)];
        const calls = types.map((common, type, offset) => {
          const norm = norms + 2 * type * BYTES;
          return [...common, norm, slopes[type], dq + offset, dk + offset];
        });
        runner.run('spanGradient', calls, spanScratch(), 3 * types.work);
      }) as never;
    }),
};

function whyNot({q, k, spans, turns}: Partial<SpanInputs> & Pick<SpanInputs, 'q' | 'k'>): string | undefined {
  if (turns !== undefined) return 'a rotation';
  if (q.size === 0 || spans?.size === 0) return 'an empty tensor';
  if (q.dtype !== 'float32' || k.dtype !== 'float32') return 'q and k other than float32';
  return whyNotSimd(spanLossModule, tf.backend());
}

interface Operands {
  /** `[B, H, K, 2]` float32. */
  spans: tf.Tensor;
  /** `[B, T]` 0 or 1, T filled up to whole vectors. */
  mask?: tf.Tensor2D;
}

function operandsOf({spans, mask}: SpanInputs): Operands {
  if (mask === undefined) return {spans: tf.cast(spans, 'float32')};
  const kept = tf.cast(tf.notEqual(tf.cast(mask, 'int32'), 0), 'float32') as tf.Tensor2D;
  const missing = lineOf(mask.shape[1]!) / BYTES - mask.shape[1]!;
  return {
    spans: tf.cast(spans, 'float32'),
    mask: tf.pad(kept, [
      [0, 0],
      [0, missing],
    ]) as tf.Tensor2D,
  };
}

/** Bytes of a row of so many numbers, filled up to a pair of vectors. */
const lineOf = (length: number): number => Math.ceil((length * BYTES) / (2 * VECTOR)) * 2 * VECTOR;

/** The types of a call, whose common settings are configured. */
class Types {
  /** Multiply-adds of the loss. */
  readonly work: number;
  private readonly operands: number[];
  private readonly mask: number;

  constructor(
    private readonly inputs: SpanInputs,
    {spans, mask}: Operands,
    {scale, threshold, trilMask, maskZero}: SpanAttrs,
    runner: Runner,
    space: Workspace,
  ) {
    const {q, k} = inputs;
    const [length, size] = q.shape.slice(-2);
    this.operands = [q, k, spans].map(x => space.read(x));
    this.mask = mask === undefined ? 0 : space.read(mask);
    this.work = (q.size * length) / (trilMask ? 2 : 1);
    runner.configure(length, size, inputs.spans.shape[2]!, scale, threshold, Number(trilMask), Number(maskZero));
  }

  /** `make` of what both functions take first, the index of the type, and the bytes before its rows, for each type. */
  map(make: (common: number[], type: number, offset: number) => number[]): number[][] {
    const [batch, heads, length, size] = this.inputs.q.shape as [number, number, number, number];
    const labelBytes = this.inputs.spans.shape[2]! * 2 * BYTES;
    const [q, k, spans] = this.operands;
    return Array.from({length: batch * heads}, (_, type) => {
      const offset = type * length * size * BYTES;
      const mask = this.mask === 0 ? 0 : this.mask + Math.floor(type / heads) * lineOf(length);
      return make([q + offset, k + offset, mask, spans + type * labelBytes], type, offset);
    });
  }
}
