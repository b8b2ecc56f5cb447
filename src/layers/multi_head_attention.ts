import * as tf from '@tensorflow/tfjs-core';
import {layers, type Shape} from '@tensorflow/tfjs-layers';

import {check, checkInteger, checkOneOf, checkRotarySize} from '../internal/check.js';
import type {CounterState} from '../internal/counter_random.js';
import {withKnownOptions} from '../internal/known_options.js';
import {firstMask, fitMask, isTraining, maskOfValues, namedInputs, readAll} from '../internal/layer_inputs.js';
import {type Projection, type ProjectionArgs, ProjectionSettings} from '../internal/projection.js';
import {GraphedCalls} from '../internal/tensorflow_graph/graphed_calls.js';
import type {Kwargs, LayerArgs} from '../internal/tfjs_types.js';
import {dense} from '../ops/dense/index.js';
import {relativeAttention} from '../ops/relative_attention/index.js';
import {rotaryEmbedding} from '../ops/rotary_embedding/index.js';
import {scaledDotProductAttention} from '../ops/scaled_dot_product_attention/index.js';
import {type AttentionArgs, AttentionSettings} from '../ops/scaled_dot_product_attention/settings.js';

const POSITION_BIASES = ['rotary', 'typicalRelative', 't5Relative'] as const;

export interface MultiHeadAttentionArgs extends LayerArgs, ProjectionArgs, AttentionArgs {
  /** Number of heads H. */
  heads: number;
  /** Channels of a head's values. */
  headSize: number;
  /** Channels of a head's queries and keys. Defaults to `headSize`. */
  keySize?: number | null;
  /** Width of the output. Defaults to `heads · headSize`. */
  outDim?: number | null;
  /**
   * Position information: `'rotary'` rotates queries and keys; `'typicalRelative'` and `'t5Relative'` read the output
   * of a {@link RelativePositionEmbedding} from an input. Defaults to `null`, none.
   */
  pBias?: (typeof POSITION_BIASES)[number] | null;
  /** Whether a bias for `[B, H, T, S]`, broadcast, bool or float, follows the main inputs. Defaults to false. */
  aBias?: boolean;
  /** Whether a key mask `[B, S]` follows; needed where the keys are not the queries. Defaults to false. */
  keyMask?: boolean;
  /** Also returns the scaled scores `[B, H, T, S]` before mask and normalisation. Defaults to false. */
  returnAttentionScores?: boolean;
}

type InputName = 'query' | 'key' | 'value' | 'attentionBias' | 'relativePositions' | 'keyMask';
type NamedInputs = Partial<Record<InputName, tf.Tensor>>;

/**
 * Multi-head attention with any normalisation of this package: softmax, entropy-invariant softmax, squared ReLU,
 *
 *   y = concat_h(A_h v_h) Wo + bo,   A_h = attention weights of q_h = query Wq + bq and k_h = key Wk + bk.
 *
 * - Inputs: `[query, key, value]`, `[B, T, C]` and twice `[B, S, C']`, then what `aBias`, `pBias` and `keyMask`
 *   announce, in this order. Self-attention passes the same tensor three times.
 * - Output: `[B, T, outDim]`.
 * - Weights: `q_dense`, `k_dense`, `v_dense`, `o_dense`, each kernel then bias, as in bert4keras.
 * - Mask: the output keeps that of the queries. In self-attention it also hides padded keys; tfjs shows a layer no
 *   other mask, so other keys need `keyMask`, or `apply(…, {mask: [query, key, value]})`.
 *
 * ```ts
 * const x = tf.input({shape: [null, 32]});
 * const options = {heads: 4, headSize: 8, normalization: 'softmaxPlus', pBias: 'rotary'} as const;
 * const attention = tfa.layers.multiHeadAttention(options);
 * const y = attention.apply([x, x, x]) as tf.SymbolicTensor;
 * tf.model({inputs: x, outputs: y}).predict(tf.randomNormal([2, 10, 32])); // [2, 10, 32]
 * ```
 *
 * Reference: Vaswani et al. 2017, arXiv:1706.03762; kexue.fm/archives/8823; bert4keras `MultiHeadAttention`.
 */
export class MultiHeadAttention extends layers.Layer {
  static readonly className = 'MultiHeadAttention';

  private readonly args: ReturnType<typeof complete>;
  private readonly attention: AttentionSettings;
  private readonly projections: ProjectionSettings;
  private readonly graphs = new GraphedCalls('MultiHeadAttention');
  private queries!: Projection;
  private keys!: Projection;
  private values!: Projection;
  private outputProjection!: Projection;

  constructor(args: MultiHeadAttentionArgs) {
    super(args);
    const where = 'MultiHeadAttention';
    this.args = complete(args);
    this.attention = new AttentionSettings(args, this.args.keySize, where);
    this.projections = new ProjectionSettings(args, 'glorotUniform', where);
    this.supportsMasking = true;
  }

  override build(inputShape: Shape | Shape[]): void {
    const {heads, headSize, keySize, outDim} = this.args;
    const hint = 'Self-attention passes the same tensor three times.';
    check(
      Array.isArray(inputShape[0]),
      'MultiHeadAttention',
      'the inputs query, key and value',
      {shape: inputShape},
      hint,
    );
    const [query, key, value] = (inputShape as Shape[]).map(shape => shape[shape.length - 1] as number);
    const addWeight = this.addWeight.bind(this);
    const add = (name: string, from: number, to: number) => this.projections.add(addWeight, name, from, to);
    this.queries = add('q_dense', query, heads * keySize);
    this.keys = add('k_dense', key, heads * keySize);
    this.values = add('v_dense', value, heads * headSize);
    this.outputProjection = add('o_dense', heads * headSize, outDim);
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Kwargs): tf.Tensor | tf.Tensor[] {
    return tf.tidy(() => {
      const named = namedInputs(inputs, this.inputNames(), 'MultiHeadAttention');
      const mask = maskOf(named, kwargs?.mask);
      const training = isTraining(kwargs);
      const compute = () => this.attend(named, mask, training);
      const tensors = [...Object.values(named), mask, ...readAll(this.weights)];
      const unless = this.attention.drops(training) ? 'dropout' : undefined;
      const results = this.graphs.run(tensors, compute, {variant: `${training}`, unless});
      return this.args.returnAttentionScores ? results : results[0];
    });
  }

  /** The output, and the scores where they are asked for. */
  private attend(named: NamedInputs, mask: tf.Tensor | undefined, training: boolean): tf.Tensor[] {
    const {heads, keySize, headSize, returnAttentionScores} = this.args;
    const q = intoHeads(named.query!, this.queries, heads, keySize);
    const k = intoHeads(named.key!, this.keys, heads, keySize);
    const v = intoHeads(named.value!, this.values, heads, headSize);
    const attended = outOfHeads(this.attendInHeads(q, k, v, named, mask, training));
    const y = dense(attended, this.outputProjection.kernel, this.outputProjection.bias);
    return returnAttentionScores ? [y, this.scores(q, k)] : [y];
  }

  private attendInHeads(
    q: tf.Tensor4D,
    k: tf.Tensor4D,
    v: tf.Tensor4D,
    {attentionBias, relativePositions: relative}: NamedInputs,
    mask: tf.Tensor | undefined,
    training: boolean,
  ): tf.Tensor4D {
    const {pBias} = this.args;
    const bias = attentionBias?.rank === 3 ? tf.expandDims(attentionBias, 1) : attentionBias; // [B, 1, T, S]
    const rotary = pBias === 'rotary' ? {} : undefined;
    const options = {...this.attention.optionsOf(training), bias, mask, rotary};
    if (pBias === 'typicalRelative') return relativeAttention(q, k, v, relative as tf.Tensor3D, options);
    if (pBias !== 't5Relative') return scaledDotProductAttention(q, k, v, options);
    const table = tf.mul(tf.transpose(relative!, [2, 0, 1]), options.scale!); // [H, T, S]
    return scaledDotProductAttention(q, k, v, {...options, bias: bias === undefined ? [table] : [table, bias]});
  }

  private inputNames(): InputName[] {
    const {aBias, pBias, keyMask} = this.args;
    const names: InputName[] = ['query', 'key', 'value'];
    if (aBias) names.push('attentionBias');
    if (pBias === 'typicalRelative' || pBias === 't5Relative') names.push('relativePositions');
    if (keyMask) names.push('keyMask');
    return names;
  }

  private scores(q: tf.Tensor4D, k: tf.Tensor4D): tf.Tensor {
    const rotate = (x: tf.Tensor4D) => (this.args.pBias === 'rotary' ? rotaryEmbedding(x) : x);
    return tf.matMul(tf.mul(rotate(q), this.attention.scale), rotate(k), false, true);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    const [[batch, length], [, keyLength]] = inputShape as Shape[];
    const {heads, outDim, returnAttentionScores} = this.args;
    const output = [batch, length, outDim];
    return returnAttentionScores ? [output, [batch, heads, length, keyLength]] : output;
  }

  override computeMask(_inputs: tf.Tensor | tf.Tensor[], mask?: tf.Tensor | tf.Tensor[]): tf.Tensor | tf.Tensor[] {
    const queryMask = firstMask(mask);
    return this.args.returnAttentionScores ? [queryMask, null as never] : queryMask;
  }

  /** The dropout counter, which `saveModel` keeps. */
  getRuntimeState(): CounterState {
    return this.attention.random.getState();
  }

  setRuntimeState(state: CounterState): void {
    this.attention.random.setState(state);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {...super.getConfig(), ...this.projections.getConfig(), ...this.attention.getConfig(), ...this.args};
  }
}
tf.serialization.registerClass(MultiHeadAttention);

/** Makes a {@link MultiHeadAttention} layer. */
export function multiHeadAttention(args: MultiHeadAttentionArgs): MultiHeadAttention {
  return withKnownOptions(new MultiHeadAttention(args), args);
}

function complete(args: MultiHeadAttentionArgs) {
  const where = 'MultiHeadAttention';
  const {heads, headSize, pBias = null, aBias = false, keyMask = false, returnAttentionScores = false} = args;
  checkInteger(heads, where, 'heads');
  checkInteger(headSize, where, 'headSize');
  const keySize = args.keySize ?? headSize;
  const outDim = args.outDim ?? heads * headSize;
  checkInteger(keySize, where, 'keySize');
  checkInteger(outDim, where, 'outDim');
  if (pBias !== null) checkOneOf(pBias, POSITION_BIASES, where, 'pBias');
  checkRotarySize(pBias, keySize, where, 'keySize');
  const alike = pBias !== 'typicalRelative' || keySize === headSize;
  check(alike, where, "keySize equal to headSize with pBias 'typicalRelative'", {keySize, headSize});
  return {heads, headSize, keySize, outDim, pBias, aBias, keyMask, returnAttentionScores};
}

/** The mask of the keys. */
function maskOf({query, key, value, keyMask}: NamedInputs, masks: unknown): tf.Tensor | undefined {
  if (keyMask !== undefined) return keyMask;
  if (Array.isArray(masks)) return maskOfValues(masks, value!, 'MultiHeadAttention');
  return key === query ? fitMask(masks, key!, 'MultiHeadAttention') : undefined;
}

/** `[B, T, C]` → `[B, H, T, D]`. */
function intoHeads(x: tf.Tensor, {kernel, bias}: Projection, heads: number, size: number): tf.Tensor4D {
  const [batch, length] = x.shape;
  return tf.transpose(tf.reshape(dense(x, kernel, bias), [batch, length, heads, size]), [0, 2, 1, 3]) as tf.Tensor4D;
}

/** `[B, H, T, D]` → `[B, T, H·D]`. */
function outOfHeads(x: tf.Tensor4D): tf.Tensor3D {
  const [batch, heads, length, size] = x.shape;
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [batch, length, heads * size]);
}
