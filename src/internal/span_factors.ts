import * as tf from '@tensorflow/tfjs-core';

import {isTaping} from './taping.js';

interface Options {
  mask?: tf.Tensor;
  trilMask: boolean;
  scale: number;
}

/** What scores were made of, as `efficientGlobalPointerScores` or, without bias, `globalPointerScores` takes it. */
export type SpanFactors =
  | {q: tf.Tensor3D; k: tf.Tensor3D; bias: tf.Tensor3D; options: Options}
  | {q: tf.Tensor4D; k: tf.Tensor4D; bias?: undefined; rotation?: Rotation; options: Options};

/** Of queries and keys, which is still to be done; see `Rotation` of rotary embedding. */
interface Rotation {
  layout: 'interleaved' | 'half';
  turns: tf.Tensor;
}

const madeOf = new WeakMap<tf.Tensor, SpanFactors>();

/** Backends whose loss of a full head goes by queries and keys alone. Elsewhere it is faster by the scores. */
const WITHOUT_SCORES = ['webgpu', 'wasm', 'cpu'];

/** Whether the factors of a full head should stay for its loss, until the step ends. */
export const factorsStay = (): boolean => isTaping() && WITHOUT_SCORES.includes(tf.getBackend());

/** Keeps in mind what `scores` were made of, for a loss that is to be differentiated with them. */
export function rememberFactors(scores: tf.Tensor, factors: SpanFactors): void {
  if (isTaping()) madeOf.set(scores, factors);
}

/** The factors of exactly this tensor, where they are known and still there. */
export function factorsOf(scores: tf.Tensor): SpanFactors | undefined {
  const factors = madeOf.get(scores);
  if (factors === undefined) return undefined;
  const {q, k, bias, options} = factors;
  const turns = 'rotation' in factors ? factors.rotation?.turns : undefined;
  return [q, k, bias, turns, options.mask].some(tensor => tensor?.isDisposed) ? undefined : factors;
}
