import * as tf from '@tensorflow/tfjs-core';
import {initializers, type LayerVariable, layers, type Shape} from '@tensorflow/tfjs-layers';

import {check, checkInteger, checkOneOf, checkRotarySize} from '../internal/check.js';
import type {CounterState} from '../internal/counter_random.js';
import {withKnownOptions} from '../internal/known_options.js';
import {firstMask, fitMask, isTraining, maskOfValues, namedInputs, readAll} from '../internal/layer_inputs.js';
import {type Projection, type ProjectionArgs, ProjectionSettings} from '../internal/projection.js';
import {resolveActivation} from '../internal/serialization.js';
import {GraphedCalls} from '../internal/tensorflow_graph/graphed_calls.js';
import type {Kwargs, LayerArgs} from '../internal/tfjs_types.js';
import {dense} from '../ops/dense/index.js';
import {gatedAttention} from '../ops/gated_attention/index.js';
import type {ScaleOffsetWeights} from '../ops/gated_attention/options.js';
import type {RotaryLayout} from '../ops/rotary_embedding/tables.js';
import {scaledDotProductAttention} from '../ops/scaled_dot_product_attention/index.js';
import type {ScaledDotProductAttentionOptions} from '../ops/scaled_dot_product_attention/options.js';
import {type AttentionArgs, AttentionSettings} from '../ops/scaled_dot_product_attention/settings.js';
import {swish} from '../ops/swish/index.js';

export interface GatedAttentionUnitArgs extends LayerArgs, ProjectionArgs, AttentionArgs {
  /** Width U of gate and value, usually twice the model width. */
  units: number;
  /** Width S of query and key, usually 128. */
  keySize: number;
  /** Activation of the hidden projection, by name. Defaults to `'swish'`. */
  activation?: string;
  /** One input for query, key and value; false for the cross form with three inputs. Defaults to true. */
  selfAttention?: boolean;
  /** `'rotary'` rotates query and key by position; `null` uses no position. Defaults to `null`. */
  pBias?: 'rotary' | null;
  /** Channel pairs of the rotation. Defaults to `'interleaved'`. */
  ropeLayout?: RotaryLayout;
  /** Base of the rotation. Defaults to 10000. */
  ropeBase?: number;
  /**
   * Whether an attention bias follows the main inputs, broadcastable to `[B, T, S]`; bool or float. Defaults to false.
   */
  aBias?: boolean;
  /** Whether position ids `[B, T]` follow (self form only). Defaults to false: 0 … T − 1. */
  positionIds?: boolean;
  /**
   * Whether a key mask `[B, S]` follows, as the cross form cannot see the mask of its second input. Defaults to false.
   */
  keyMask?: boolean;
}

type InputName = 'x' | 'query' | 'key' | 'value' | 'attentionBias' | 'positionIds' | 'keyMask';
type NamedInputs = Partial<Record<InputName, tf.Tensor>>;

/**
 * Gated attention unit: attention and feed-forward layer in one, at half their parameters,
 *
 *   u, v, z = split(act(x Wi + bi));   q = γq ⊙ z + βq;   k = γk ⊙ z + βk   (rotated by position with `pBias`)
 *   y = (u ⊙ A v) Wo + bo,   A = attention weights of q and k.
 *
 * There is no residual and no norm inside. The cross form (`selfAttention: false`) takes `[query, key, value]` and has
 * `u, q = split(act(query Wuq + buq))`, `k = act(key Wk + bk)`, `v = act(value Wv + bv)`.
 *
 * - Input: `[B, T, C]`, or the three of the cross form, then what `aBias`, `positionIds` and `keyMask` announce.
 * - Output: `[B, T, C]`, the width of the first input.
 * - Weights: `i_dense/kernel [C, 2U+S]`, `i_dense/bias`, `q_scaleoffset/beta [S]`, `q_scaleoffset/gamma`,
 *   `k_scaleoffset/beta`, `k_scaleoffset/gamma`, `o_dense/kernel [U, C]`, `o_dense/bias`; in the cross form `uq_dense`,
 *   `k_dense`, `v_dense`, `o_dense`. The order of bert4keras 0.11.4 and later.
 * - Mask: padded tokens are read by no one. Their own rows are computed; losses mask them.
 *
 * Defaults are bert4keras's (`normalization: 'squaredRelu'`, glorotUniform). GAU-α uses {@link gauAlphaSettings}.
 *
 * ```ts
 * const x = tf.input({shape: [null, 64]});
 * const unit = tfa.layers.gatedAttentionUnit({units: 128, keySize: 32, normalization: 'softmaxPlus', pBias: 'rotary'});
 * const y = tf.layers.add().apply([x, unit.apply(x) as tf.SymbolicTensor]) as tf.SymbolicTensor;
 * tf.model({inputs: x, outputs: y}).predict(tf.randomNormal([2, 10, 64])); // [2, 10, 64]
 * ```
 *
 * Reference: Hua et al. 2022, arXiv:2202.10447; Su, kexue.fm/archives/8934 and 8990; bert4keras 0.11.5. bert4keras's
 * cross form applies the query's mask to the keys; here `keyMask` brings theirs.
 */
export class GatedAttentionUnit extends layers.Layer {
  static readonly className = 'GatedAttentionUnit';

  private readonly args: ReturnType<typeof complete>;
  private readonly attention: AttentionSettings;
  private readonly projections: ProjectionSettings;
  private readonly activate: (x: tf.Tensor) => tf.Tensor;
  private readonly graphs = new GraphedCalls('GatedAttentionUnit');
  private hidden: Projection[] = [];
  private outputProjection!: Projection;
  private scales: {gamma: LayerVariable; beta?: LayerVariable}[] = [];

  constructor(args: GatedAttentionUnitArgs) {
    super(args);
    const where = 'GatedAttentionUnit';
    this.args = complete(args);
    this.attention = new AttentionSettings({normalization: 'squaredRelu', ...args}, this.args.keySize, where);
    this.projections = new ProjectionSettings(args, 'glorotUniform', where);
    this.activate = this.args.activation === 'swish' ? swish : resolveActivation(this.args.activation);
    this.supportsMasking = true;
  }

  override build(inputShape: Shape | Shape[]): void {
    const {units, keySize, selfAttention} = this.args;
    const shapes = (Array.isArray(inputShape[0]) ? inputShape : [inputShape]) as Shape[];
    const widths = shapes.slice(0, selfAttention ? 1 : 3).map(widthOf);
    const addWeight = this.addWeight.bind(this);
    const add = (name: string, from: number, to: number) => this.projections.add(addWeight, name, from, to);
    if (selfAttention) {
      this.hidden = [add('i_dense', widths[0], 2 * units + keySize)];
      this.scales = ['q', 'k'].map(name => this.addScaleOffset(`${name}_scaleoffset`));
    } else {
      check(widths.length === 3, 'GatedAttentionUnit', 'the inputs query, key and value', shapes.length);
      this.hidden = [
        add('uq_dense', widths[0], units + keySize),
        add('k_dense', widths[1], keySize),
        add('v_dense', widths[2], units),
      ];
    }
    this.outputProjection = add('o_dense', units, widths[0]);
    super.build(inputShape);
  }

  private addScaleOffset(name: string): {gamma: LayerVariable; beta?: LayerVariable} {
    const shape = [this.args.keySize];
    const beta = this.projections.useBias
      ? this.addWeight(`${name}/beta`, shape, 'float32', initializers.zeros())
      : undefined;
    return {beta, gamma: this.addWeight(`${name}/gamma`, shape, 'float32', initializers.ones())};
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Kwargs): tf.Tensor {
    return tf.tidy(() => {
      const named = namedInputs(inputs, this.inputNames(), 'GatedAttentionUnit');
      const mask = named.keyMask ?? this.maskOf(named, kwargs?.mask);
      const training = isTraining(kwargs);
      const compute = () => [this.attend(named, mask, training)];
      const tensors = [...Object.values(named), mask, ...readAll(this.weights)];
      const unless = this.attention.drops(training) ? 'dropout' : undefined;
      return this.graphs.run(tensors, compute, {variant: `${training}`, unless})[0];
    });
  }

  private attend(named: NamedInputs, mask: tf.Tensor | undefined, training: boolean): tf.Tensor {
    const options = {...this.attention.optionsOf(training), bias: named.attentionBias, mask};
    const {kernel, bias} = this.outputProjection;
    const gated = this.args.selfAttention ? this.attendToSelf(named, options) : this.attendAcross(named, options);
    return dense(gated, kernel, bias);
  }

  /** The mask of the keys. */
  private maskOf({x, value}: NamedInputs, masks: unknown): tf.Tensor | undefined {
    return this.args.selfAttention
      ? fitMask(masks, x!, 'GatedAttentionUnit')
      : maskOfValues(masks, value!, 'GatedAttentionUnit');
  }

  private inputNames(): InputName[] {
    const {selfAttention, aBias, positionIds, keyMask} = this.args;
    return [
      ...((selfAttention ? ['x'] : ['query', 'key', 'value']) as InputName[]),
      ...((aBias ? ['attentionBias'] : []) as InputName[]),
      ...((positionIds ? ['positionIds'] : []) as InputName[]),
      ...((keyMask ? ['keyMask'] : []) as InputName[]),
    ];
  }

  private attendToSelf(named: NamedInputs, options: ScaledDotProductAttentionOptions): tf.Tensor {
    const x = named.x!;
    check(x.rank === 3, 'GatedAttentionUnit', 'an input of shape [B, T, C]', x);
    const {kernel, bias} = this.hidden[0];
    const [query, key] = this.scales.map(readScaleOffset);
    const hidden = dense(x, kernel, bias) as tf.Tensor3D;
    const activation = this.activate === swish ? 'swish' : undefined;
    const projected = activation === undefined ? this.activate(hidden) : hidden;
    return gatedAttention(projected as tf.Tensor3D, this.args.units, query, key, {
      ...options,
      activation,
      positions: named.positionIds,
      rotary: this.args.pBias === 'rotary' ? {base: this.args.ropeBase, layout: this.args.ropeLayout} : undefined,
    });
  }

  private attendAcross(named: NamedInputs, options: ScaledDotProductAttentionOptions): tf.Tensor {
    const {units, keySize, pBias, ropeBase, ropeLayout} = this.args;
    const sources = [named.query!, named.key!, named.value!];
    const [uq, keys, values] = this.hidden.map(({kernel, bias}, i) => this.activate(dense(sources[i], kernel, bias)));
    const [gate, queries] = tf.split(uq as tf.Tensor3D, [units, keySize], 2);
    const rotary = pBias === 'rotary' ? {base: ropeBase, layout: ropeLayout} : undefined;
    return tf.mul(gate, scaledDotProductAttention(queries, keys, values, {...options, rotary}));
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as Shape;
  }

  override computeMask(_inputs: tf.Tensor | tf.Tensor[], mask?: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return firstMask(mask);
  }

  /** The dropout counter, which `saveModel` keeps so that a resumed run drops what the whole one would have. */
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
tf.serialization.registerClass(GatedAttentionUnit);

/** Makes a {@link GatedAttentionUnit} layer. */
export function gatedAttentionUnit(args: GatedAttentionUnitArgs): GatedAttentionUnit {
  return withKnownOptions(new GatedAttentionUnit(args), args);
}

function complete(args: GatedAttentionUnitArgs) {
  const where = 'GatedAttentionUnit';
  const {units, keySize, activation = 'swish', selfAttention = true} = args;
  const {pBias = null, ropeLayout = 'interleaved', ropeBase = 10000} = args;
  const {aBias = false, positionIds = false, keyMask = false} = args;
  checkInteger(units, where, 'units');
  checkInteger(keySize, where, 'keySize');
  check(pBias === null || pBias === 'rotary', where, "pBias to be 'rotary' or null", pBias);
  checkOneOf(ropeLayout, ['interleaved', 'half'], where, 'ropeLayout');
  checkRotarySize(pBias, keySize, where, 'keySize');
  const usesIds = selfAttention && pBias === 'rotary';
  check(!positionIds || usesIds, where, "positionIds only in the self form with pBias 'rotary'", {
    selfAttention,
    pBias,
  });
  return {units, keySize, activation, selfAttention, pBias, ropeLayout, ropeBase, aBias, positionIds, keyMask};
}

function widthOf(shape: Shape): number {
  const width = shape[shape.length - 1];
  check(shape.length === 3 && width != null, 'GatedAttentionUnit', 'inputs of shape [B, T, C] with a known C', {shape});
  return width;
}

const readScaleOffset = ({gamma, beta}: {gamma: LayerVariable; beta?: LayerVariable}): ScaleOffsetWeights => ({
  gamma: gamma.read() as tf.Tensor1D,
  beta: beta?.read() as tf.Tensor1D | undefined,
});
