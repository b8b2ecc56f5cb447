import * as tf from '@tensorflow/tfjs-core';
import {initializers, type LayerVariable, layers, type Shape} from '@tensorflow/tfjs-layers';

import {check, checkInteger, checkOneOf} from '../internal/check.js';
import {withKnownOptions} from '../internal/known_options.js';
import {firstMask, fitMask, onlyInput, readAll} from '../internal/layer_inputs.js';
import {type Projection, type ProjectionArgs, ProjectionSettings} from '../internal/projection.js';
import {GraphedCalls} from '../internal/tensorflow_graph/graphed_calls.js';
import type {Kwargs, LayerArgs} from '../internal/tfjs_types.js';
import {dense} from '../ops/dense/index.js';
import {chunkBias} from '../ops/mixed_chunk_attention/chunk_bias.js';
import {mixedChunkAttention as mixedChunkAttentionOp} from '../ops/mixed_chunk_attention/index.js';
import {
  completeMixedChunk,
  type MixedChunkInputs,
  type MixedChunkSettings,
} from '../ops/mixed_chunk_attention/options.js';
import {type MixedChunkState, mixedChunkStep} from '../ops/mixed_chunk_attention/step.js';
import {layerNorm, scaleNorm, shiftTokens} from '../ops/mixed_chunk_attention/tokens.js';
import {rotaryEmbedding} from '../ops/rotary_embedding/index.js';
import {swish} from '../ops/swish/index.js';

const NORMS = ['layer', 'scale', 'none'] as const;
const NORM_EPSILON = 1e-5;
const POSITION_BUCKETS = 32;

export interface MixedChunkAttentionArgs extends LayerArgs, ProjectionArgs, MixedChunkSettings {
  /** Width E of gate and value. Defaults to twice the input width. */
  units?: number | null;
  /** Width S of queries and keys. Defaults to 128. */
  keySize?: number;
  /** Channels of queries and keys that are rotated by position, even. Defaults to min(32, keySize); 0 for none. */
  rotaryDim?: number | null;
  /** Whether the first half of the channels is taken from the token before. Defaults to false. */
  shiftTokens?: boolean;
  /** Whether scores in a chunk get a learned bias by distance (T5 buckets). Defaults to true. */
  relativeBias?: boolean;
  /**
   * What comes first: layer normalisation, `'scale'` (to length √C, times one weight), or `'none'`. Defaults to
   * `'layer'`.
   */
  norm?: (typeof NORMS)[number];
  /** Whether the input is added to the output. Defaults to true. */
  residual?: boolean;
}

/** What a decoding step of FLASH hands to the next one. */
export type MixedChunkLayerState = MixedChunkState & {
  /** The channels of the last token that the next one takes over, `[B, 1, ⌈C/2⌉]`; absent without token shift. */
  previous?: tf.Tensor3D;
};

/**
 * FLASH: a gated attention unit in linear time, quadratic inside chunks and linear across them,
 *
 *   n = norm(x);   v | u = swish(n Wh + bh);   z = swish(n Wz + bz)
 *   q, q', k, k' = rotate(γ_i ⊙ z + β_i);   y = x + (u ⊙ mixedChunkAttention(q, k, q', k', v)) Wo + bo.
 *
 * One layer takes the place of attention and feed-forward layer.
 *
 * - Input and output: `[B, T, C]`, any length.
 * - Weights: `norm/gamma`, `norm/beta` (`'layer'`; `norm/gain [1]` with `'scale'`), `rel_pos_bias/embeddings [32, 1]`,
 *   `to_hidden/kernel [C, 2E]`, `to_hidden/bias`, `to_qk/kernel [C, S]`, `to_qk/bias`, `qk_offset_scale/gamma [4, S]`,
 *   `qk_offset_scale/beta [4, S]`, `to_out/kernel [E, C]`, `to_out/bias`.
 * - Mask: padded keys are as if removed. The rows of padded tokens are computed; losses mask them.
 * - `step` decodes token by token.
 *
 * ```ts
 * const layer = tfa.layers.mixedChunkAttention({keySize: 16, chunkSize: 32, causal: true});
 * const model = tf.sequential({layers: [tf.layers.inputLayer({inputShape: [null, 24]}), layer]});
 * model.predict(tf.randomNormal([1, 100, 24])); // [1, 100, 24]
 * ```
 *
 * Reference: Hua et al. 2022, arXiv:2202.10447; lucidrains FLASH-pytorch with `{divisor: 'chunk'}`; Su,
 * kexue.fm/archives/8934 with `{divisor: 'tokens'}`, the default, which does not grow with the position.
 */
export class MixedChunkAttention extends layers.Layer {
  static readonly className = 'MixedChunkAttention';

  private readonly args: ReturnType<typeof complete>;
  private readonly projections: ProjectionSettings;
  private norm: LayerVariable[] = [];
  private positions?: LayerVariable;
  private hidden!: Projection;
  private queryKey!: Projection;
  private gamma!: LayerVariable;
  private beta!: LayerVariable;
  private outputProjection!: Projection;
  private readonly graphs = new GraphedCalls('MixedChunkAttention');

  constructor(args: MixedChunkAttentionArgs = {}) {
    super(args);
    this.args = complete(args);
    this.projections = new ProjectionSettings(args, 'glorotUniform', 'MixedChunkAttention');
    this.supportsMasking = true;
  }

  override build(inputShape: Shape): void {
    const width = inputShape[inputShape.length - 1];
    const known = inputShape.length === 3 && width != null;
    check(known, 'MixedChunkAttention', 'an input of shape [B, T, C] with a known C', {shape: inputShape});
    const {keySize, relativeBias, norm} = this.args;
    const units = this.args.units ?? 2 * width;
    const addWeight = this.addWeight.bind(this);
    const ones = initializers.ones();
    const small = initializers.randomNormal({mean: 0, stddev: 0.02});
    if (norm === 'scale') this.norm = [addWeight('norm/gain', [1], 'float32', ones)];
    if (norm === 'layer') {
      this.norm = [
        addWeight('norm/gamma', [width], 'float32', ones),
        addWeight('norm/beta', [width], 'float32', initializers.zeros()),
      ];
    }
    if (relativeBias) this.positions = addWeight('rel_pos_bias/embeddings', [POSITION_BUCKETS, 1], 'float32', small);
    this.hidden = this.projections.add(addWeight, 'to_hidden', width, 2 * units);
    this.queryKey = this.projections.add(addWeight, 'to_qk', width, keySize);
    this.gamma = addWeight('qk_offset_scale/gamma', [4, keySize], 'float32', small);
    this.beta = addWeight('qk_offset_scale/beta', [4, keySize], 'float32', initializers.zeros());
    this.outputProjection = this.projections.add(addWeight, 'to_out', units, width);
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Kwargs): tf.Tensor {
    return tf.tidy(() => {
      const x = onlyInput(inputs, 'MixedChunkAttention') as tf.Tensor3D;
      const mask = fitMask(kwargs?.mask, x, 'MixedChunkAttention');
      const attend = () => {
        const normal = this.normalize(x);
        const {gate, tensors} = this.project(this.args.shiftTokens ? shiftTokens(normal) : normal, 0);
        const bias = this.bias(Math.min(this.args.chunkSize, x.shape[1]));
        return [this.finish(x, gate, mixedChunkAttentionOp(tensors, {...this.settings(), mask, bias}))];
      };
      return this.graphs.run([x, mask, ...readAll(this.weights)], attend)[0];
    });
  }

  /**
   * The output for the next token of a sequence, in memory that does not depend on what came before. The outputs of all
   * steps are those of one call over the whole sequence. Needs `causal`, and a layer that was built.
   *
   * @param x `[B, 1, C]`.
   * @param state What the previous step returned; absent at the start. Dispose it when it is no longer needed.
   */
  step(x: tf.Tensor3D, state?: MixedChunkLayerState): {output: tf.Tensor3D; state: MixedChunkLayerState} {
    const {causal, chunkSize} = this.args;
    check(
      this.built,
      'MixedChunkAttention',
      'a built layer to step',
      'one without weights',
      'Apply or build it first.',
    );
    check(causal, 'MixedChunkAttention', 'causal: true to step', causal);
    check(x.rank === 3 && x.shape[1] === 1, 'MixedChunkAttention', 'one token [B, 1, C] to step', x);
    return tf.tidy(() => {
      const normal = this.normalize(x);
      const shifted = this.args.shiftTokens ? shiftTokens(normal, state?.previous) : normal;
      const position = state?.position ?? 0;
      const {gate, tensors} = this.project(shifted, position);
      const place = position % chunkSize;
      const table = this.bias(place + 1);
      const row = table && tf.slice(table, [place, 0], [1, place + 1]);
      const {output, state: next} = mixedChunkStep(tensors, this.settings(), state, row);
      const half = Math.ceil((x.shape[2] as number) / 2);
      const previous = this.args.shiftTokens ? tf.slice(normal, [0, 0, 0], [x.shape[0], 1, half]) : undefined;
      return {output: this.finish(x, gate, output), state: {...next, previous}};
    });
  }

  private normalize(x: tf.Tensor3D): tf.Tensor3D {
    const [first, second] = this.norm.map(weight => weight.read() as tf.Tensor1D);
    if (this.args.norm === 'layer') return layerNorm(x, first, second, NORM_EPSILON);
    return this.args.norm === 'scale' ? scaleNorm(x, first, NORM_EPSILON) : x;
  }

  /** Gate, value, and the four queries and keys. */
  private project(x: tf.Tensor3D, position: number): {gate: tf.Tensor; tensors: MixedChunkInputs<tf.Tensor3D>} {
    const [value, gate] = tf.split(swish(dense(x, this.hidden.kernel, this.hidden.bias)), 2, 2) as tf.Tensor3D[];
    const z = swish(dense(x, this.queryKey.kernel, this.queryKey.bias));
    const [gammas, betas] = [this.gamma, this.beta].map(weight => tf.unstack(weight.read()));
    const [quadQuery, linearQuery, quadKey, linearKey] = gammas.map((gamma, i) =>
      this.rotate(tf.add(tf.mul(z, gamma), betas[i]), position),
    ) as tf.Tensor3D[];
    return {gate, tensors: {quadQuery, linearQuery, quadKey, linearKey, value}};
  }

  private rotate(x: tf.Tensor, position: number): tf.Tensor {
    const {rotaryDim, keySize} = this.args;
    if (rotaryDim === 0) return x;
    const positions = Array.from({length: x.shape[1] as number}, (_, i) => position + i);
    if (rotaryDim === keySize) return rotaryEmbedding(x, {positions});
    const [turned, rest] = tf.split(x, [rotaryDim, keySize - rotaryDim], 2);
    return tf.concat([rotaryEmbedding(turned, {positions}), rest], 2);
  }

  private bias(rows: number): tf.Tensor2D | undefined {
    if (this.positions === undefined) return undefined;
    const {keySize, causal} = this.args;
    return tf.mul(chunkBias(this.positions.read() as tf.Tensor2D, rows, !causal), Math.sqrt(keySize)) as tf.Tensor2D;
  }

  private finish(x: tf.Tensor3D, gate: tf.Tensor, attended: tf.Tensor3D): tf.Tensor3D {
    const y = dense(tf.mul(gate, attended), this.outputProjection.kernel, this.outputProjection.bias);
    return (this.args.residual ? tf.add(x, y) : y) as tf.Tensor3D;
  }

  private settings(): Required<MixedChunkSettings> {
    const {chunkSize, causal, divisor, activation, linearScope} = this.args;
    return {chunkSize, causal, divisor, activation, linearScope};
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return inputShape;
  }

  override computeMask(_inputs: tf.Tensor | tf.Tensor[], mask?: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return firstMask(mask);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {...super.getConfig(), ...this.projections.getConfig(), ...this.args};
  }
}
tf.serialization.registerClass(MixedChunkAttention);

/** Makes a {@link MixedChunkAttention} layer. */
export function mixedChunkAttention(args: MixedChunkAttentionArgs = {}): MixedChunkAttention {
  return withKnownOptions(new MixedChunkAttention(args), args);
}

function complete(args: MixedChunkAttentionArgs) {
  const where = 'MixedChunkAttention';
  const {units = null, keySize = 128, shiftTokens = false, relativeBias = true, norm = 'layer', residual = true} = args;
  if (units !== null) checkInteger(units, where, 'units');
  checkInteger(keySize, where, 'keySize');
  checkOneOf(norm, NORMS, where, 'norm');
  const rotaryDim = args.rotaryDim ?? Math.min(32, keySize);
  checkInteger(rotaryDim, where, 'rotaryDim', 0);
  const fits = rotaryDim % 2 === 0 && rotaryDim <= keySize;
  check(fits, where, `an even rotaryDim up to keySize ${keySize}`, rotaryDim, 'Rotation acts on pairs of channels.');
  const settings = completeMixedChunk(args, where);
  return {units, keySize, rotaryDim, shiftTokens, relativeBias, norm, residual, ...settings};
}
