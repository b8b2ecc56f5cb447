import * as tf from '@tensorflow/tfjs-core';
import {layers, type Shape} from '@tensorflow/tfjs-layers';

import {check, checkInteger, checkOneOf, checkRotarySize} from '../internal/check.js';
import {withKnownOptions} from '../internal/known_options.js';
import {firstMask, fitMask, maskOfValues, namedInputs, readAll} from '../internal/layer_inputs.js';
import {type Projection, type ProjectionArgs, ProjectionSettings} from '../internal/projection.js';
import {GraphedCalls} from '../internal/tensorflow_graph/graphed_calls.js';
import type {Kwargs, LayerArgs} from '../internal/tfjs_types.js';
import {intoHeads, outOfHeads} from '../ops/heads/index.js';
import {linearAttention as linearAttentionOp} from '../ops/linear_attention/index.js';
import {
  FEATURE_MAPS,
  type FeatureMapName,
  type LinearAttentionOptions,
  type LinearAttentionState,
  planOf,
} from '../ops/linear_attention/options.js';
import {rotaryEmbedding} from '../ops/rotary_embedding/index.js';

type OpOptions = Pick<LinearAttentionOptions, 'maskMode' | 'scale' | 'epsilonRule' | 'causal'>;

export interface LinearAttentionArgs extends LayerArgs, ProjectionArgs, OpOptions {
  /** Number of heads H. */
  heads: number;
  /** Channels of a head's values. */
  headSize: number;
  /** Channels of a head's queries and keys. Defaults to `headSize`; wider keys remember more. */
  keySize?: number | null;
  /** Width of the output. Defaults to `heads · headSize`. */
  outDim?: number | null;
  /** Feature map φ by name; see {@link linearAttention}. Defaults to `'elu'`. */
  featureMap?: FeatureMapName;
  /** Whether to divide by `φ(q_i) · Σ φ(k_j)`. Defaults to what the feature map needs. */
  normalize?: boolean | null;
  /** Guards the denominator. Defaults to what the feature map needs. */
  epsilon?: number | null;
  /** cosformer: the length that angles are relative to. Defaults to that of the input. */
  length?: number | null;
  /** Rows that are multiplied as one block. Defaults to what suits the sizes. */
  chunkSize?: number | null;
  /** `'rotary'` rotates queries and keys by position; `null` uses no position. Defaults to `null`. */
  pBias?: 'rotary' | null;
  /** One input for query, key and value; false for three inputs. Defaults to true. */
  selfAttention?: boolean;
  /** Whether a key mask `[B, S]` follows the inputs. Defaults to false. */
  keyMask?: boolean;
}

type InputName = 'x' | 'query' | 'key' | 'value' | 'keyMask';

/**
 * Multi-head attention in time and memory O(T),
 *
 *   y = concat_h(A(q_h, k_h, v_h)) Wo + bo,   A = linear attention of q_h = query Wq + bq, k_h = key Wk + bk, v_h.
 *
 * For long sequences, and for decoding at constant cost a token. Its rank is that of the features, so that it suits
 * causal models better than bidirectional ones; a larger `keySize` helps.
 *
 * - Input: `[B, T, C]`, or query, key and value with `selfAttention: false`, then the mask that `keyMask` announces.
 * - Output: `[B, T, outDim]`.
 * - Weights: `q_dense`, `k_dense`, `v_dense`, `o_dense`, each kernel then bias.
 * - Mask: padded keys are as if removed. The rows of padded tokens are computed; losses mask them.
 * - `step` decodes token by token: see there.
 *
 * ```ts
 * const layer = tfa.layers.linearAttention({heads: 2, headSize: 8, causal: true});
 * const model = tf.sequential({layers: [tf.layers.inputLayer({inputShape: [null, 16]}), layer]});
 * model.predict(tf.randomNormal([1, 1000, 16])); // [1, 1000, 16]
 * ```
 *
 * Reference: Katharopoulos et al. 2020, arXiv:2006.16236; Su, kexue.fm/archives/7546 and 8338.
 */
export class LinearAttention extends layers.Layer {
  static readonly className = 'LinearAttention';

  private readonly args: ReturnType<typeof complete>;
  private readonly projections: ProjectionSettings;
  private queries!: Projection;
  private keys!: Projection;
  private values!: Projection;
  private outputProjection!: Projection;
  private readonly graphs = new GraphedCalls('LinearAttention');

  constructor(args: LinearAttentionArgs) {
    super(args);
    this.args = complete(args);
    this.projections = new ProjectionSettings(args, 'glorotUniform', 'LinearAttention');
    this.supportsMasking = true;
  }

  override build(inputShape: Shape | Shape[]): void {
    const {heads, headSize, keySize, outDim, selfAttention} = this.args;
    const shapes = (Array.isArray(inputShape[0]) ? inputShape : [inputShape]) as Shape[];
    const widths = shapes.map(shape => shape[shape.length - 1] as number);
    check(selfAttention || widths.length >= 3, 'LinearAttention', 'the inputs query, key and value', widths.length);
    const [query, key, value] = selfAttention ? [widths[0], widths[0], widths[0]] : widths;
    const addWeight = this.addWeight.bind(this);
    const add = (name: string, from: number, to: number) => this.projections.add(addWeight, name, from, to);
    this.queries = add('q_dense', query, heads * keySize);
    this.keys = add('k_dense', key, heads * keySize);
    this.values = add('v_dense', value, heads * headSize);
    this.outputProjection = add('o_dense', heads * headSize, outDim);
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Kwargs): tf.Tensor {
    return tf.tidy(() => {
      const {selfAttention, keyMask} = this.args;
      const names: InputName[] = selfAttention ? ['x'] : ['query', 'key', 'value'];
      const named = namedInputs(inputs, keyMask ? [...names, 'keyMask'] : names, 'LinearAttention');
      const [query, key, value] = selfAttention
        ? [named.x!, named.x!, named.x!]
        : (names.map(n => named[n]!) as tf.Tensor[]);
      const masks: unknown = kwargs?.mask;
      const mask =
        named.keyMask ??
        (selfAttention ? fitMask(masks, query, 'LinearAttention') : maskOfValues(masks, value, 'LinearAttention'));
      const attend = () => {
        const [q, k, v] = this.project(query, key, value, 0);
        return [outOfHeads(linearAttentionOp(q, k, v, {...this.opOptions(), mask}), this.outputProjection)];
      };
      return this.graphs.run([query, key, value, mask, ...readAll(this.weights)], attend)[0];
    });
  }

  /**
   * The outputs for the next tokens of a sequence, in time and memory that do not depend on what came before. The
   * outputs of all steps are those of one call over the whole sequence. Needs `causal`, and a layer that was built.
   *
   * @param x `[B, L, C]`, usually one token.
   * @param state What the previous step returned; absent at the start. Dispose it when it is no longer needed.
   *
   * ```ts
   * const layer = tfa.layers.linearAttention({heads: 2, headSize: 4, causal: true});
   * layer.build([null, null, 8]);
   * const first = layer.step(tf.ones([1, 1, 8]));
   * const second = layer.step(tf.ones([1, 1, 8]), first.state);
   * ```
   */
  step(x: tf.Tensor3D, state?: LinearAttentionState): {output: tf.Tensor3D; state: LinearAttentionState} {
    const {causal, selfAttention} = this.args;
    check(this.built, 'LinearAttention', 'a built layer to step', 'one without weights', 'Apply or build it first.');
    check(causal && selfAttention, 'LinearAttention', 'causal self-attention to step', {causal, selfAttention});
    return tf.tidy(() => {
      const [q, k, v] = this.project(x, x, x, state?.position ?? 0);
      const options = {...this.opOptions(), initialState: state, returnState: true} as const;
      const {output, state: next} = linearAttentionOp(q, k, v, options);
      return {output: outOfHeads(output, this.outputProjection), state: next};
    });
  }

  private project(query: tf.Tensor, key: tf.Tensor, value: tf.Tensor, position: number): tf.Tensor4D[] {
    const {heads, pBias} = this.args;
    const [q, k] = [intoHeads(query, this.queries, heads), intoHeads(key, this.keys, heads)];
    const v = intoHeads(value, this.values, heads);
    if (pBias === null) return [q, k, v];
    const rotated = [q, k].map(x => {
      const positions = Array.from({length: x.shape[2]}, (_, i) => position + i);
      return rotaryEmbedding(x, {positions});
    });
    return [...rotated, v];
  }

  private opOptions(): LinearAttentionOptions {
    const {normalize, epsilon, length, chunkSize, ...rest} = this.args;
    const {featureMap, causal, maskMode, scale, epsilonRule} = rest;
    return {
      featureMap,
      causal,
      maskMode,
      scale,
      epsilonRule,
      normalize: normalize ?? undefined,
      epsilon: epsilon ?? undefined,
      length: length ?? undefined,
      chunkSize: chunkSize ?? undefined,
    };
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [batch, length] = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as Shape;
    return [batch, length, this.args.outDim];
  }

  override computeMask(_inputs: tf.Tensor | tf.Tensor[], mask?: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return firstMask(mask);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {...super.getConfig(), ...this.projections.getConfig(), ...(this.args as tf.serialization.ConfigDict)};
  }
}
tf.serialization.registerClass(LinearAttention);

/** Makes a {@link LinearAttention} layer. */
export function linearAttention(args: LinearAttentionArgs): LinearAttention {
  return withKnownOptions(new LinearAttention(args), args);
}

function complete(args: LinearAttentionArgs) {
  const where = 'LinearAttention';
  const {heads, headSize, featureMap = 'elu', causal = false, pBias = null, maskMode = 'keys', scale = 1} = args;
  const {normalize = null, epsilon = null, length = null, chunkSize = null} = args;
  const {selfAttention = true, keyMask = false} = args;
  checkInteger(heads, where, 'heads');
  checkInteger(headSize, where, 'headSize');
  const keySize = args.keySize ?? headSize;
  const outDim = args.outDim ?? heads * headSize;
  checkInteger(keySize, where, 'keySize');
  checkInteger(outDim, where, 'outDim');
  checkOneOf(featureMap, FEATURE_MAPS, where, 'featureMap');
  check(pBias === null || pBias === 'rotary', where, "pBias to be 'rotary' or null", pBias);
  checkRotarySize(pBias, keySize, where, 'keySize');
  const {epsilonRule} = planOf(
    {
      ...{featureMap, causal, maskMode, scale, epsilonRule: args.epsilonRule},
      ...{normalize: normalize ?? undefined, epsilon: epsilon ?? undefined},
      ...{length: length ?? undefined, chunkSize: chunkSize ?? undefined},
    },
    where,
  );
  return {
    ...{heads, headSize, keySize, outDim, featureMap, causal, pBias, maskMode, scale},
    ...{normalize, epsilon, epsilonRule, length, chunkSize, selfAttention, keyMask},
  };
}
