import * as tf from '@tensorflow/tfjs-core';
import {initializers, type LayerVariable, layers, type Shape} from '@tensorflow/tfjs-layers';

import {check, checkInteger, checkOneOf, checkRotarySize} from '../internal/check.js';
import {CounterRandom, type CounterState} from '../internal/counter_random.js';
import {withKnownOptions} from '../internal/known_options.js';
import {firstMask, fitMask, isTraining, onlyInput, readAll} from '../internal/layer_inputs.js';
import {type Projection, type ProjectionArgs, ProjectionSettings} from '../internal/projection.js';
import {GraphedCalls} from '../internal/tensorflow_graph/graphed_calls.js';
import type {Kwargs, LayerArgs} from '../internal/tfjs_types.js';
import {FAVOR_KERNELS, type FavorKernelName, type FavorOptions} from '../ops/favor_plus_features/options.js';
import {intoHeads, outOfHeads} from '../ops/heads/index.js';
import type {LinearAttentionState} from '../ops/linear_attention/options.js';
import {FEATURE_SCALINGS, orthogonalRandomFeatures} from '../ops/orthogonal_random_features/index.js';
import {
  type PerformerAttentionOptions,
  performerAttention as performerAttentionOp,
  performerPlanOf,
} from '../ops/performer_attention/index.js';
import {rotaryEmbedding} from '../ops/rotary_embedding/index.js';

type OpOptions = Pick<
  PerformerAttentionOptions,
  'causal' | 'maskMode' | 'normalize' | 'denominatorEpsilon' | 'keySumEpsilon'
>;

export interface PerformerAttentionArgs
  extends LayerArgs,
    ProjectionArgs,
    OpOptions,
    Pick<FavorOptions, 'detachStabilizer' | 'normalizeData'> {
  /** Number of heads H. */
  heads: number;
  /** Channels D of a head. */
  headSize: number;
  /** Width of the output. Defaults to that of the input. */
  outDim?: number | null;
  /** Rows of the projection Ω. Defaults to ⌊D ln D⌋, at least 1. */
  randomFeatures?: number | null;
  /** Kernel that the features estimate, by name. Defaults to `'softmax'`. */
  kernel?: FavorKernelName;
  /** Added to each feature. Defaults to 1e-6 for softmax and hyperbolic, 1e-3 for relu, else 0. */
  epsilon?: number | null;
  /** Stabiliser of the keys. Defaults to `'fixed'` with `causal`, else `'max'`. */
  stabilizer?: FavorOptions['stabilizer'] | null;
  /** Whether features are scaled; see `favorPlusFeatures`. Defaults to what the kernel needs. */
  featureScaling?: boolean | null;
  /** Length of the rows of Ω; see `orthogonalRandomFeatures`. Defaults to `'random'`. */
  projectionScaling?: (typeof FEATURE_SCALINGS)[number];
  /** Ω is drawn anew after so many training calls, never in inference; `null` for never. Defaults to 1000. */
  redrawInterval?: number | null;
  /** Rows that are multiplied as one block. Defaults to what suits the sizes. */
  chunkSize?: number | null;
  /** `'rotary'` rotates queries and keys by position; `null` uses no position. Defaults to `null`. */
  pBias?: 'rotary' | null;
  /** Seed of all projections: a seeded run repeats. Defaults to a random one. */
  seed?: number | null;
}

/**
 * Multi-head self-attention that estimates softmax attention in time and memory O(T) with random features,
 *
 *   y = concat_h(A(q_h, k_h, v_h)) Wo + bo,   A = Performer attention with the projection Ω.
 *
 * - Input: `[B, T, C]`. Output: `[B, T, outDim]`.
 * - Weights: `q_dense`, `k_dense`, `v_dense`, `o_dense`, each kernel then bias; `projection [M, D]`, not trainable, and
 *   saved with the model, so that it predicts the same when loaded.
 * - Mask: padded keys are as if removed. The rows of padded tokens are computed; losses mask them.
 * - `redraw` draws Ω anew, `step` decodes token by token.
 *
 * ```ts
 * const layer = tfa.layers.performerAttention({heads: 2, headSize: 8, randomFeatures: 32, causal: true, seed: 1});
 * const model = tf.sequential({layers: [tf.layers.inputLayer({inputShape: [null, 16]}), layer]});
 * model.predict(tf.randomNormal([1, 1000, 16])); // [1, 1000, 16]
 * ```
 *
 * Reference: Choromanski et al. 2020, arXiv:2009.14794. performer-pytorch masks values only and uses the largest of all
 * keys in causal mode too; see `maskMode` and `stabilizer`.
 */
export class PerformerAttention extends layers.Layer {
  static readonly className = 'PerformerAttention';

  private readonly args: ReturnType<typeof complete>;
  private readonly projections: ProjectionSettings;
  private readonly random: CounterRandom;
  private calls = 0;
  private queries!: Projection;
  private keys!: Projection;
  private values!: Projection;
  private outputProjection!: Projection;
  private omega!: LayerVariable;
  private readonly graphs = new GraphedCalls('PerformerAttention');

  constructor(args: PerformerAttentionArgs) {
    super(args);
    this.args = complete(args);
    this.projections = new ProjectionSettings(args, 'glorotUniform', 'PerformerAttention');
    this.random = new CounterRandom(this.args.seed);
    this.supportsMasking = true;
  }

  override build(inputShape: Shape): void {
    const {heads, headSize, outDim, randomFeatures} = this.args;
    const width = inputShape[inputShape.length - 1];
    const known = inputShape.length === 3 && width != null;
    check(known, 'PerformerAttention', 'an input of shape [B, T, C] with a known C', {shape: inputShape});
    const addWeight = this.addWeight.bind(this);
    const add = (name: string, from: number, to: number) => this.projections.add(addWeight, name, from, to);
    const inner = heads * headSize;
    this.queries = add('q_dense', width, inner);
    this.keys = add('k_dense', width, inner);
    this.values = add('v_dense', width, inner);
    this.outputProjection = add('o_dense', inner, outDim ?? width);
    const shape = [randomFeatures, headSize];
    this.omega = this.addWeight('projection', shape, 'float32', initializers.zeros(), undefined, false);
    this.redraw();
    super.build(inputShape);
  }

  /** Draws the projection anew: the next of the sequence that the seed gives. */
  redraw(): void {
    const {headSize, randomFeatures, projectionScaling} = this.args;
    const seed = this.random.nextKey();
    tf.tidy(() => {
      this.omega.write(orthogonalRandomFeatures(randomFeatures, headSize, {scaling: projectionScaling, seed}));
    });
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Kwargs): tf.Tensor {
    return tf.tidy(() => {
      const x = onlyInput(inputs, 'PerformerAttention');
      if (isTraining(kwargs)) this.countCall();
      const mask = fitMask(kwargs?.mask, x, 'PerformerAttention');
      const attend = () => {
        const [q, k, v] = this.project(x, 0);
        const omega = this.omega.read() as tf.Tensor2D;
        return [outOfHeads(performerAttentionOp(q, k, v, omega, {...this.opOptions(), mask}), this.outputProjection)];
      };
      return this.graphs.run([x, mask, ...readAll(this.weights)], attend)[0];
    });
  }

  private countCall(): void {
    const {redrawInterval} = this.args;
    if (redrawInterval !== null && this.calls > 0 && this.calls % redrawInterval === 0) this.redraw();
    this.calls++;
  }

  /**
   * The outputs for the next tokens of a sequence, in time and memory that do not depend on what came before. The
   * outputs of all steps are those of one call over the whole sequence. Needs `causal`, a stabiliser other than
   * `'max'`, and a layer that was built.
   *
   * @param x `[B, L, C]`, usually one token.
   * @param state What the previous step returned; absent at the start. Dispose it when it is no longer needed.
   */
  step(x: tf.Tensor3D, state?: LinearAttentionState): {output: tf.Tensor3D; state: LinearAttentionState} {
    const {causal} = this.args;
    check(this.built, 'PerformerAttention', 'a built layer to step', 'one without weights', 'Apply or build it first.');
    check(causal, 'PerformerAttention', 'causal: true to step', causal);
    return tf.tidy(() => {
      const [q, k, v] = this.project(x, state?.position ?? 0);
      const options = {...this.opOptions(), initialState: state, returnState: true} as const;
      const {output, state: next} = performerAttentionOp(q, k, v, this.omega.read() as tf.Tensor2D, options);
      return {output: outOfHeads(output, this.outputProjection), state: next};
    });
  }

  private project(x: tf.Tensor, position: number): tf.Tensor4D[] {
    const {heads, pBias} = this.args;
    const parts = [this.queries, this.keys, this.values].map(projection => intoHeads(x, projection, heads));
    if (pBias === null) return parts;
    const positions = Array.from({length: x.shape[1] as number}, (_, i) => position + i);
    return parts.map((part, i) => (i < 2 ? rotaryEmbedding(part, {positions}) : part));
  }

  private opOptions(): PerformerAttentionOptions {
    return optionsOf(this.args);
  }

  override computeOutputShape(inputShape: Shape): Shape {
    const [batch, length, width] = inputShape;
    return [batch, length, this.args.outDim ?? width];
  }

  override computeMask(_inputs: tf.Tensor | tf.Tensor[], mask?: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return firstMask(mask);
  }

  /** Training calls and draws so far, which `saveModel` keeps: a resumed run redraws what the whole one would have. */
  getRuntimeState(): CounterState & {calls: number} {
    return {...this.random.getState(), calls: this.calls};
  }

  setRuntimeState({calls, ...state}: CounterState & {calls: number}): void {
    this.random.setState(state);
    this.calls = calls;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {...super.getConfig(), ...this.projections.getConfig(), ...(this.args as tf.serialization.ConfigDict)};
  }
}
tf.serialization.registerClass(PerformerAttention);

/** Makes a {@link PerformerAttention} layer. */
export function performerAttention(args: PerformerAttentionArgs): PerformerAttention {
  return withKnownOptions(new PerformerAttention(args), args);
}

function optionsOf(args: PerformerAttentionArgs): PerformerAttentionOptions {
  const {kernel, causal, maskMode, normalize, denominatorEpsilon, keySumEpsilon, detachStabilizer, normalizeData} =
    args;
  return {
    ...{kernel, causal, maskMode, normalize, denominatorEpsilon, keySumEpsilon, detachStabilizer, normalizeData},
    epsilon: args.epsilon ?? undefined,
    stabilizer: args.stabilizer ?? undefined,
    featureScaling: args.featureScaling ?? undefined,
    chunkSize: args.chunkSize ?? undefined,
  };
}

function complete(args: PerformerAttentionArgs) {
  const where = 'PerformerAttention';
  const {heads, headSize, outDim = null, kernel = 'softmax', causal = false, maskMode = 'keys'} = args;
  const {epsilon = null, stabilizer = null, featureScaling = null, chunkSize = null, pBias = null, seed = null} = args;
  const {normalize = true, denominatorEpsilon = 0, keySumEpsilon = 0} = args;
  const {detachStabilizer = true, normalizeData = true, projectionScaling = 'random', redrawInterval = 1000} = args;
  checkInteger(heads, where, 'heads');
  checkInteger(headSize, where, 'headSize');
  if (outDim !== null) checkInteger(outDim, where, 'outDim');
  const randomFeatures = args.randomFeatures ?? Math.max(1, Math.floor(headSize * Math.log(headSize)));
  checkInteger(randomFeatures, where, 'randomFeatures');
  checkOneOf(kernel, FAVOR_KERNELS, where, 'kernel');
  checkOneOf(projectionScaling, FEATURE_SCALINGS, where, 'projectionScaling');
  if (redrawInterval !== null) checkInteger(redrawInterval, where, 'redrawInterval');
  check(pBias === null || pBias === 'rotary', where, "pBias to be 'rotary' or null", pBias);
  checkRotarySize(pBias, headSize, where, 'headSize');
  const completed = {
    ...{heads, headSize, outDim, randomFeatures, kernel, causal, maskMode, normalize, denominatorEpsilon},
    ...{keySumEpsilon, epsilon, stabilizer, detachStabilizer, normalizeData, featureScaling, projectionScaling},
    ...{redrawInterval, chunkSize, pBias, seed},
  };
  performerPlanOf(optionsOf(completed), where);
  return completed;
}
